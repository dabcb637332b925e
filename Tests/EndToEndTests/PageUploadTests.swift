import Foundation
import GridProtocol
import HTTP
import TestBed
import Testing

/// Files that are sent to the page, whole, cut and bad.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PageUploadTests {
    private func id(_ text: String) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return try #require(object?["id"] as? String)
    }

    @Test func twoUploadsOneCutAndContinuedArriveAsTheyWereAndTakeNoMemory() async throws {
        let grid = try await PageGrid(engines: 0)
        let size = 100 << 20
        // No part is as another.
        var bytes: [UInt8] = []
        while bytes.count < size {
            bytes += SHA256.digest(of: Array("\(bytes.count)".utf8))
            bytes += [UInt8](repeating: UInt8(truncatingIfNeeded: bytes.count >> 12), count: 4_064)
        }
        let file = grid.directory.appendingPathComponent("large.bin")
        try Data(bytes).write(to: file)
        let hash = SHA256.digest(of: bytes).hexadecimal
        let pid = try #require(grid.manager).pid
        func memory() throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM") })
            return try #require(line.split(separator: " ").compactMap { Int($0) }.first) >> 10
        }
        let before = try memory()
        let path = file.path
        async let whole = grid.upload("POST", "/uploads?name=a.bin", file: path, from: 0)
        // The other comes in pieces, of which one breaks off in its middle.
        let small = grid.directory.appendingPathComponent("head.bin")
        try Data(bytes.prefix(10 << 20)).write(to: small)
        let begun = try await grid.upload(
            "POST",
            "/uploads?name=b.bin&length=\(size)",
            file: small.path,
            from: 0
        )
        #expect(begun.status == 201, "\(begun.text)")
        let upload = try id(begun.text)
        try await grid.breakOff(
            "PATCH",
            "/uploads/\(upload)",
            ["Upload-Offset": "\(10 << 20)"],
            length: size - 10 << 20,
            sending: Array(bytes[(10 << 20)..<(33 << 20)])
        )
        var offset: Int64 = 0
        try await eventually("what came of the cut part counts", within: .seconds(20)) {
            offset = try await grid.json("/uploads/\(upload)")["bytes"] as? Int64 ?? 0
            return offset > 10 << 20
        }
        let wrong = try await grid.upload(
            "PATCH",
            "/uploads/\(upload)",
            file: path,
            from: offset + 1,
            ["Upload-Offset": "\(offset + 1)"]
        )
        #expect(wrong.status == 409, "\(wrong.text)")
        let rest = try await grid.upload(
            "PATCH",
            "/uploads/\(upload)",
            file: path,
            from: offset,
            ["Upload-Offset": "\(offset)"]
        )
        #expect(rest.status == 204, "\(rest.text)")
        #expect(try await grid.json("/uploads/\(upload)")["sha256"] as? String == hash)
        let other = try id(try await whole.text)
        #expect(try await grid.json("/uploads/\(other)")["sha256"] as? String == hash)
        let grown = try memory() - before
        print("the manager's peak grew by \(grown) MiB; the cut upload went on at \(offset)")
        #expect(grown <= 20)
    }

    @Test func ofAHundredThousandBadLinesFiftyAreNamedAndNothingIsQueued() async throws {
        let grid = try await PageGrid(engines: 0)
        let good = try String(
            contentsOfFile: Repository.path("examples/portfolio.csv"),
            encoding: .utf8
        )
        let head = try #require(good.split(separator: "\n").first)
        var text = head + "\n"
        for number in 0..<100_000 { text += "T\(number),Nothing,,,,,,,,,,,,,,,,,,,,,,,\n" }
        let file = grid.directory.appendingPathComponent("bad.csv")
        try Data(text.utf8).write(to: file)
        let sent = try await grid.upload("POST", "/uploads?name=bad.csv", file: file.path, from: 0)
        let upload = try id(sent.text)
        let body = "{\"portfolio\":\"\(upload)\",\"market\":[\"example:market.json\"]}"
        let begun = ContinuousClock.now
        let check = try await grid.call("POST", "/checks", body: body)
        print("100,000 bad lines were checked in \(begun.duration(to: .now))")
        #expect(check.status == 200, "\(check.text.prefix(500))")
        let refused = try await grid.call("POST", "/jobs", body: body)
        #expect(refused.status == 422, "\(refused.text.prefix(500))")
        for answer in [check, refused] {
            let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
            let problems = try #require(object?["problems"] as? [[String: Any]])
            #expect(problems.count == 50)
            for (number, problem) in problems.enumerated() {
                #expect(problem["file"] as? String == "bad.csv")
                #expect(problem["line"] as? Int == number + 2, "\(problem)")
                #expect(problem["field"] as? String == "type", "\(problem)")
            }
        }
        #expect(try await grid.json("/jobs")["total"] as? Int == 0)
    }

    @Test func theTradesThatAMissingFixingFailsAreCountedBeforeAndFailExactly() async throws {
        let grid = try await PageGrid()
        // Without all of these there is one that several trades need.
        let all = try await missing(grid, try await market(grid, without: { $0 >= "2025-12-01" }))
        let wanted = try #require(all.filter(isOurs).max { trades($0) < trades($1) })
        let date = try #require(wanted["date"] as? String)
        let cut = try await market(grid, without: { $0 == date })

        let named = try await missing(grid, cut).filter(isOurs)
        #expect(named.count == 1)
        #expect(named.first?["date"] as? String == date)
        let count = try #require(named.first.map(trades))
        #expect(count > 1)
        let without = try await failed(grid, "cut", cut)
        let whole = try await failed(grid, "whole", "example:market.json")
        print("the check named \(count) trades, and \(without.count) - \(whole.count) failed")
        #expect(whole.isSubset(of: without))
        #expect(without.subtracting(whole).count == count)
        let example = try #require(named.first?["example"] as? String)
        #expect(without.subtracting(whole).contains(example))
    }

    private func isOurs(_ missing: [String: Any]) -> Bool {
        missing["kind"] as? String == "fixing" && missing["name"] as? String == "EUR-EURIBOR-3M"
    }

    private func trades(_ missing: [String: Any]) -> Int { missing["trades"] as? Int ?? 0 }

    /// Sends the example's market without fixings of some days; returns the upload's id.
    private func market(
        _ grid: PageGrid,
        without isGone: (String) -> Bool
    ) async throws -> String {
        let source = URL(fileURLWithPath: Repository.path("examples/market.json"))
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: source))
        var market = try #require(object as? [String: Any])
        let fixings = try #require(market["fixings"] as? [[String: Any]])
        market["fixings"] = fixings.filter {
            $0["index"] as? String != "EUR-EURIBOR-3M" || !isGone($0["date"] as? String ?? "")
        }
        let file = grid.directory.appendingPathComponent("market.json")
        try JSONSerialization.data(withJSONObject: market).write(to: file)
        let path = "/uploads?name=market.json"
        return try id(try await grid.upload("POST", path, file: file.path, from: 0).text)
    }

    private func order(_ id: String, _ market: String) throws -> String {
        try String(
            json: ["id": id, "portfolio": "example:portfolio.csv", "market": [market]]
        )
    }

    private func missing(_ grid: PageGrid, _ market: String) async throws -> [[String: Any]] {
        let answer = try await grid.call("POST", "/checks", body: order("x", market))
        let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        return try #require(object?["missing"] as? [[String: Any]], "\(answer.text)")
    }

    /// Prices the example and returns the trades that failed.
    private func failed(
        _ grid: PageGrid,
        _ id: String,
        _ market: String
    ) async throws -> Set<String> {
        let queued = try await grid.call("POST", "/jobs", body: order(id, market))
        #expect(queued.status == 202, "\(queued.text)")
        _ = try await grid.ended(id)
        let list = try await grid.json("/jobs/\(id)/trades?status=error&limit=500")
        let rows = try #require(list["items"] as? [[String: Any]])
        #expect(rows.count == list["total"] as? Int)
        return Set(rows.compactMap { $0["id"] as? String })
    }
}
