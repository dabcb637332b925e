import Finance
import Foundation
import GridProtocol
import Testing

@testable import GridAPI
@testable import Ledger
@testable import Reports

@Suite struct CSVDialectTests {
    private func rewritten(_ text: String, _ dialect: CSVDialect, pieces: Int = 1_000) -> String {
        var rewriter = CSVRewriter(dialect)
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            bytes += rewriter.rewrite(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private let text = "a,\"b,1\",c;2\n\"say \"\"x;y\"\"\",\"two\nlines\",\n007,1E5,\"=1+1\"\n"

    @Test(arguments: [1, 2, 3, 7, 1_000])
    func onlySeparatorsChangeHoweverThePiecesFall(pieces: Int) {
        let dialect = CSVDialect(separator: .semicolon)
        #expect(
            rewritten(text, dialect, pieces: pieces)
                == "a;\"b,1\";\"c;2\"\n\"say \"\"x;y\"\"\";\"two\nlines\";\n007;1E5;\"=1+1\"\n"
        )
    }

    @Test func theByteOrderMarkComesFirstAndOnce() {
        let dialect = CSVDialect(hasByteOrderMark: true)
        #expect(rewritten(text, dialect, pieces: 5) == "\u{FEFF}" + text)
        #expect(rewritten("a,b\n", CSVDialect(separator: .tab)) == "a\tb\n")
    }

    @Test func aReportIsWrittenInADialect() throws {
        let job = try TestJob(id: { $0 == 2 ? "a;b" : "T\($0)" })
        let directory = try TestDirectory()
        _ = try directory.core().apply(job.all)
        var writer = ReportWriter(ledgerPath: directory.ledger)
        let plain = try directory.report(job.id)
        writer.csv = CSVDialect(separator: .semicolon, hasByteOrderMark: true)
        try writer.write(job.id, to: directory.path + "/out", at: TestJob.start + 1_000_000)
        for name in ReportWriter.fileNames {
            let url = URL(fileURLWithPath: "\(directory.path)/out/\(name)")
            let bytes = [UInt8](try Data(contentsOf: url))
            let expected = String(decoding: plain[name] ?? [], as: UTF8.self)
            #expect(
                String(decoding: bytes, as: UTF8.self)
                    == (name.hasSuffix(".csv") ? rewritten(expected, writer.csv) : expected)
            )
            if name.hasSuffix(".csv") { #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF])) }
        }
    }

    @Test func aSummaryNeedsNoFiles() throws {
        let job = try TestJob(trades: 75)
        let directory = try TestDirectory()
        _ = try directory.core().apply(job.all)
        let writer = ReportWriter(ledgerPath: directory.ledger)
        let summary = try writer.summary(of: job.id, at: TestJob.start + 1_000_000)
        let written = try directory.report(job.id)["summary.json"]
        #expect(summary.json == written)
    }
}

@Suite struct ReportNamesTests {
    @Test func booksOfOtherBytesAreTwoBooks() {
        var totals = GroupedTotals()
        let names = ["caf\u{E9}", "cafe\u{301}"]
        for name in names { totals.add(.ok, base: 1, local: nil, to: totals.slot(of: name)) }
        let found = totals.totals(withLocal: false)
        #expect(found.map { Array($0.name.utf8) } == [Array(names[1].utf8), Array(names[0].utf8)])
        #expect(found.map(\.trades) == [1, 1])
    }

    @Test func aChartOfSomeTotalsSaysHowManyThereAre() {
        func page(_ count: Int) -> String {
            let totals = (0..<count).map {
                ReportSummary.Total(
                    name: "B\($0)",
                    trades: 1,
                    results: 1,
                    errors: 0,
                    missing: 0,
                    value: Double($0),
                    localValue: nil
                )
            }
            var text = UTF8Builder()
            TotalsChart(title: "By book", plural: "books", unit: "NPV in EUR", totals: totals)
                .append(to: &text)
            return String(decoding: text.bytes, as: UTF8.self)
        }
        #expect(page(33).contains("The 12 largest of 33 books with a value are drawn"))
        #expect(!page(12).contains("largest of"))
        #expect(page(600).contains("The first 500 of 600 books by name"))
    }

    private func summary(_ names: [String], message: String) throws -> ReportSummary {
        let job = try TestJob(trades: 10)
        let directory = try TestDirectory()
        _ = try directory.core().apply(job.all)
        var summary = try ReportWriter(ledgerPath: directory.ledger)
            .summary(of: job.id, at: TestJob.start + 1_000_000)
        summary.failedTrades = names.map {
            .init(tradeId: $0, status: "error", code: "c", field: "f", message: message, batch: 0)
        }
        return summary
    }

    @Test func nothingIsCutWhereThereIsNoTerminal() throws {
        let id = String(repeating: "i", count: 128)
        let message = String(repeating: "words ", count: 100)
        let summary = try summary([id, "short"], message: message)
        let piped = terminalReport(summary)
        #expect(piped.contains("  \(id)  f: \(message) (c)\n"))
        #expect(!piped.contains("\u{2026}"))
        for width in [40, 80, 200] {
            let lines = terminalReport(summary, width: width).split(separator: "\n")
            #expect(lines.map(\.count).max() == width)
        }
    }

    @Test func aTerminalIsGivenNoControlCharacter() throws {
        let report = terminalReport(try summary(["a\u{1B}[31m"], message: "x\u{9B}y\u{202E}"))
        #expect(report.contains("a\\u{1b}[31m  f: x\\u{9b}y\\u{202e} (c)"))
    }

    @Test func aReplyThatIsNoneIsExplainedInWords() {
        struct Reply: Decodable { var jobs: [[String: Int]] }
        func reason(_ json: String) -> String? {
            let read = Result { try JSONDecoder().decode(Reply.self, from: Data(json.utf8)) }
            guard case .failure(let error) = read else { return nil }
            return (error as? DecodingError)?.reason
        }
        #expect(reason("{}") == "jobs is missing")
        #expect(
            reason("{\"jobs\":[{\"a\":1},{\"b\":\"x\"}]}")?.hasSuffix("is of another kind") == true
        )
        #expect(reason("<html>") == "it is not JSON")
    }
}
