import Finance
import Foundation
import Testing

@testable import PortfolioFiles

/// Files of several pieces, which are let go of while they are read.
@Suite(.timeLimit(.minutes(2))) struct StreamedPortfolioTests {
    private func line(_ position: Int, id: String? = nil, more: String = "") -> String {
        """
        {"tradeId":"\(id ?? "OPT-\(position)")","type":"EquityOption","book":"Bücher \(position % 7)",\
        "counterparty":"Gegenpartei \(position % 11)","underlying":"SHARE","currency":"EUR",\
        "longShort":"Long","optionType":"Put","style":"European","strike":\(30 + position % 40),\
        "expiryDate":"2027-06-15","quantity":1\(more)}
        """
    }

    private func file(_ text: String, _ name: String) throws -> String {
        let directory = NSTemporaryDirectory() + "valgrid-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
        return "\(directory)/\(name)"
    }

    private func problems(_ text: String, _ name: String) throws -> FileProblems {
        let path = try file(text, name)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try problems(at: path)
    }

    private func problems(at path: String) throws -> FileProblems {
        do throws(FileProblems) {
            _ = try readPortfolio(at: path) { _, _ in }
        } catch {
            return error
        }
        throw CocoaError(.featureUnsupported)
    }

    @Test(arguments: ["portfolio.json", "portfolio.jsonl"])
    func tradesComeAsTheyDoFromMemory(name: String) throws {
        let lines = (0..<9_000).map { line($0) }
        let text =
            name.hasSuffix("l")
            ? lines.joined(separator: "\n") : "[\(lines.joined(separator: ",\n"))]"
        #expect(text.utf8.count > 2 * FileBytes.pieceSize)
        let path = try file(text, name)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var trades: [Trade] = []
        var places: [Int] = []
        let facts = try readPortfolio(at: path) { trade, line in
            trades.append(trade)
            places.append(line)
        }
        let whole = try readPortfolio(bytes: Array(text.utf8), name: name)
        #expect(facts.tradeCount == 9_000)
        #expect(facts.name == "portfolio")
        #expect(trades == whole.trades)
        #expect(places == whole.lines)
        #expect(places == Array(1...9_000))
    }

    @Test func problemsFarIntoTheFileHaveTheirPlaces() throws {
        var lines = (0..<9_000).map { line($0) }
        lines[8_500] = line(8_500, id: "OPT-17")
        lines[8_700] = line(8_700, more: ",\"colour\":1")
        let found = try problems(lines.joined(separator: "\n"), "portfolio.jsonl")
        let text = found.description
        #expect(text.contains("portfolio.jsonl:8501:"), "\(text)")
        #expect(text.contains("the first is on line 18"), "\(text)")
        #expect(text.contains("portfolio.jsonl:8701:"), "\(text)")
        #expect(text.contains("colour"), "\(text)")
    }

    @Test func aByteThatIsNotUTF8IsFoundInEveryPiece() throws {
        let text = (0..<9_000).map { line($0) }.joined(separator: "\n")
        var bytes = Array(text.utf8)
        let offset = 2 * FileBytes.pieceSize + 5
        let number = bytes[..<offset].reduce(into: 1) { $0 += $1 == 0x0A ? 1 : 0 }
        bytes[offset] = 0xFF
        let path = try file("", "portfolio.jsonl")
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let found = try problems(at: path).description
        #expect(found.contains("portfolio.jsonl:\(number):"), "\(found)")
        #expect(found.contains("0xFF"), "\(found)")
    }

    @Test func aCharacterAcrossTwoPiecesIsWhole() throws {
        // Two-byte characters at every alignment around the end of the first piece.
        for shift in 0..<4 {
            let start = String(repeating: " ", count: FileBytes.pieceSize - 100 - shift)
            let name = String(repeating: "ü", count: 40)
            let first = line(1).replacing("Bücher 1", with: name)
            let path = try file("\(start)[\(first),\n\(line(2))]", "portfolio.json")
            defer { try? FileManager.default.removeItem(atPath: path) }
            let portfolio = try readPortfolio(at: path)
            #expect(portfolio.trades.map(\.book) == [name, "Bücher 2"])
        }
    }

    @Test func aHundredThousandIdsAreToldApart() throws {
        var ids = TradeIDs()
        let all = try (0..<100_000).map { try #require(TradeID(rawValue: "TRADE-\($0)")) }
        for (position, id) in all.enumerated() {
            #expect(ids.claim(id, line: position + 1) == nil)
        }
        for position in stride(from: 0, to: all.count, by: 997) {
            #expect(ids.claim(all[position], line: 5) == position + 1)
        }
    }
}
