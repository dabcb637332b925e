import Finance
import Foundation
import Testing

@testable import PortfolioFiles

@Suite(.timeLimit(.minutes(2))) struct HostileBytesTests {
    private func contents(_ path: String) throws -> [UInt8] {
        Array(try #require(FileManager.default.contents(atPath: "\(examples)/\(path)")))
    }

    /// Reads bytes in every way; what matters is that each reading ends.
    private func readAll(_ bytes: [UInt8]) {
        for format in PortfolioFormat.allCases {
            _ = try? readPortfolio(bytes: bytes, name: "f", format: format)
        }
        _ = try? readSnapshot(bytes: bytes, name: "f")
        for name in ["snapshot.csv", "settings.csv", "curves.csv"] {
            _ = try? readSnapshot(files: [name: bytes], directory: "d")
        }
    }

    @Test("survives every truncation")
    func truncation() throws {
        let json = Array(try contents("portfolio.json").prefix(1_800))
        let csv = Array(try contents("portfolio.csv").prefix(600))
        for bytes in [json, csv] {
            for end in bytes.indices { readAll(Array(bytes[..<end])) }
        }
    }

    @Test("survives random changes", arguments: 0..<8)
    func changes(seed: Int) throws {
        var random = SplitMix64(seed: 99, item: seed)
        let originals = [
            Array(try contents("portfolio.json").prefix(3_000)),
            Array(try contents("portfolio.csv").prefix(1_500)),
            Array(try contents("market/curves.csv").prefix(1_500)),
            try contents("prototype/option-market.json"), try contents("bad/not-a-number.json"),
        ]
        let pieces = [
            "\"", "{", "}", "[", "]", ",", "\n", "\\u", "\\", "1e999", "NaN", "-", "\u{0}", "é",
        ]
        for _ in 0..<60 {
            guard var bytes = random.element(of: originals) else { return }
            for _ in 0..<random.integer(in: 1...6) {
                let position = random.integer(in: 0...bytes.count - 1)
                switch random.integer(in: 0...3) {
                case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: position)
                case 2:
                    bytes.insert(contentsOf: (random.element(of: pieces) ?? "").utf8, at: position)
                default:
                    let end = min(bytes.count, position + random.integer(in: 1...40))
                    bytes.replaceSubrange(
                        position..<end,
                        with: bytes[position..<end] + bytes[position..<end]
                    )
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            readAll(bytes)
        }
    }

    /// Comparing such a text takes a time that grows with its square: these would take minutes.
    @Test("refuses text that is made to be slow to compare", arguments: ["%", "\\u0301\\u0323"])
    func combiningMarks(marks: String) {
        let run = String(
            repeating: marks.replacing("%", with: "\u{301}\u{323}"),
            count: 100_000
        )
        let json = agreement("A", ["book": "\"\(run)\"", "currency": "\"\(run)\""])
        let texts = [json, "{\"\(run)\":1}", "\(run),type\na,b\n", "tradeId,type\nA,\"\(run)\"\n"]
        for text in texts { readAll(Array(text.utf8)) }
        for file in ["p.json", "p.jsonl"] {
            #expect(
                problemLines { () throws(FileProblems) in try portfolio(json, file) }
                    .allSatisfy { $0.contains("over 30 combining marks in a row") }
            )
        }
    }

    @Test("counts many problems of a snapshot without looking for the place of each")
    func manyProblems() {
        let fixing = #"{"index":"EUR-EURIBOR-6M","date":"2025-01-15","value":0.1}"#
        let text = """
            {"schema":"market-snapshot/1","snapshotId":"a","valuationDate":"2026-01-15",
            "baseCurrency":"EUR","curves":[],"fixings":[
            \(Array(repeating: fixing, count: 60_000).joined(separator: ",\n"))]}
            """
        #expect(throws: FileProblems.self) {
            try readSnapshot(bytes: Array(text.utf8), name: "f")
        }
    }

    @Test("survives noise")
    func noise() {
        var random = SplitMix64(seed: 5, item: 5)
        for length in 0..<300 {
            readAll((0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) & 0x7F })
        }
    }

    @Test("survives a market cut at any line")
    func marketCuts() throws {
        let files = encodedSnapshotFiles(try readSnapshot(at: "\(examples)/market"))
        for (name, bytes) in files {
            var changed = files
            for cut in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
                changed[name] = Array(bytes[..<cut])
                _ = try? readSnapshot(files: changed, directory: "d")
            }
        }
    }
}
