import Finance
import Foundation
import GridAPI
import GridProtocol
import Ledger
import Reports
import Testing

@Suite struct ReportWriterTests {
    private struct Line: Decodable {
        struct Metric: Decodable {
            var value: Double
            var currency: String?
            var unit: String?
            var baseValue: Double?
            var factors: [String: Double]?
        }
        struct WrittenError: Decodable {
            var code: String
            var field: String
            var message: String
        }
        struct Versions: Decodable {
            var valgrid: String
            var quantlib: String
        }
        var tradeId: String
        var type: String
        var book: String
        var counterparty: String
        var status: String
        var metrics: [String: Metric]
        var error: WrittenError?
        var batch: Int
        var engine: String?
        var engineId: String?
        var attempt: Int?
        var cpuMicroseconds: Double?
        var snapshot: String?
        var versions: Versions?
        var stages: [String: String]?
    }

    private func files(
        _ job: TestJob,
        without dropped: [SourceRecord] = [],
        waiting: String? = nil,
        change: (inout ReportWriter) -> Void = { _ in }
    ) throws -> [String: [UInt8]] {
        let directory = try TestDirectory()
        let core = try directory.core()
        _ = try core.apply(job.all.filter { !dropped.contains($0) })
        var writer = ReportWriter(ledgerPath: directory.ledger)
        change(&writer)
        let output = directory.path + "/deep/er"
        try writer.write(
            job.id,
            to: output,
            at: TestJob.start + 1_000_000,
            waiting: waiting
        )
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: output) {
            files[name] = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(output)/\(name)")))
        }
        #expect(files.keys.sorted() == ReportWriter.fileNames.sorted())
        return files
    }

    private func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }

    private func lines(_ bytes: [UInt8]?) throws -> [Line] {
        try text(bytes).split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
    }

    @Test func resultsHaveALineForEachTradeInPortfolioOrder() throws {
        let job = try TestJob(trades: 75)
        let lines = try lines(try files(job)["results.jsonl"])
        #expect(lines.map(\.tradeId) == job.ids)
        let first = try #require(lines.first)
        #expect(first.status == "ok")
        #expect(first.metrics["NPV"]?.currency == "EUR")
        #expect(first.metrics["NPV"]?.baseValue == -7.3 / 3)
        #expect(first.metrics["ParRate"]?.unit == "decimal")
        #expect(first.metrics["ParRate"]?.value == 0.1 + 0.2)
        #expect(first.metrics["IRDelta"]?.factors == ["EUR/2027-01-15": 1e-17])
        #expect(first.engine == "QuantLib Discounting")
        #expect(first.engineId == "engine-0")
        #expect(first.attempt == 1)
        #expect(first.cpuMicroseconds == 114.25)
        #expect(first.snapshot == "sha256:ab")
        #expect(first.versions?.quantlib == "1.29")
        #expect(
            first.stages == [
                "queued": "2026-01-15T14:30:59.001123Z", "taken": "2026-01-15T14:30:59.002123Z",
                "priced": "2026-01-15T14:30:59.003123Z", "joined": "2026-01-15T14:30:59.010123Z",
            ]
        )
        #expect(lines[3].status == "error")
        #expect(lines[3].error?.code == "missing_fixing")
        #expect(lines[3].error?.message == "no fixing of day 3")
        #expect(lines[49].status == "expired")
        #expect(lines[49].metrics.isEmpty)
    }

    @Test func theSummaryAddsUp() throws {
        let job = try TestJob(trades: 75)
        let summary = try ReportSummary(json: try files(job)["summary.json"] ?? [])
        #expect(summary.state == "complete with errors")
        #expect(summary.trades == 75)
        #expect(summary.trades == summary.results + summary.errors + summary.missing)
        #expect(summary.expired == 1)
        #expect(summary.valuationDate == "2026-01-15")
        #expect(summary.completeness.matches)
        #expect(summary.completeness.expectedHash == summary.completeness.actualHash)
        #expect(summary.versions.valgrid == "0.1.0")
        #expect(summary.versions.quantlib == "1.29")
        #expect(summary.engines.map(\.trades).reduce(0, +) == 75)
        #expect(abs(summary.seconds - 0.017) < 1e-12)
        let total = try #require(summary.total)
        for totals in [
            summary.totals.book, summary.totals.currency, summary.totals.product,
            summary.totals.counterparty,
        ] {
            #expect(totals.map(\.trades).reduce(0, +) == 75)
            #expect(totals.map(\.errors).reduce(0, +) == summary.errors)
            #expect(abs(totals.compactMap(\.value).reduce(0, +) - total) < 1e-9)
            #expect(totals.map(\.name) == totals.map(\.name).sorted())
        }
        #expect(summary.totals.currency.map(\.name) == ["EUR", "USD"])
        #expect(try ReportSummary(json: summary.json) == summary)
    }

    @Test func doublesReadBackToTheSameBits() throws {
        var generator = SeededGenerator(7)
        var values = [
            0.0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1, 1 / 3.0, 1e23, -1e-7,
        ]
        while values.count < 500 {
            let value = Double(bitPattern: generator.next())
            if value.isFinite { values.append(value) }
        }
        var job = try TestJob(trades: 500, perBatch: 500, failing: 0)
        job.results = [
            TestJob.result(
                "eod-1",
                0,
                values.map {
                    .init(outcome: .priced([.init(metric: .npv, value: $0, baseValue: $0)]))
                }
            )
        ]
        let files = try files(job)
        let lines = try lines(files["results.jsonl"])
        #expect(lines.map { $0.metrics["NPV"]?.value.bitPattern } == values.map(\.bitPattern))
        let rows = text(files["npv.csv"]).split(separator: "\n").dropFirst()
        let read = rows.map { Double($0.split(separator: ",")[4])?.bitPattern }
        #expect(read == values.map(\.bitPattern))
    }

    @Test func npvHasTheColumnsOfORE() throws {
        let job = try TestJob()
        let rows = text(try files(job)["npv.csv"]).split(separator: "\n")
        #expect(
            rows[0]
                == "TradeId,TradeType,Maturity,MaturityTime,NPV,NpvCurrency,NPV(Base),BaseCurrency,"
                + "Notional,NotionalCurrency,Notional(Base),NettingSet,CounterParty"
        )
        #expect(rows.count == 26)
        let value = (1.1 - 7.3) / 3
        #expect(
            rows[2].hasPrefix(
                "T1,Swap,2026-02-15,0.08493150684931507,\(value),USD,\(value * 0.9),EUR,1000001.0,"
                    + "USD,"
            )
        )
        #expect(rows[2].hasSuffix(",NS-1,CP 1"))
        #expect(rows[4].contains(",#N/A,USD,#N/A,EUR,1000003.0,USD,"))
    }

    @Test func textThatCouldBeAFormulaOrBreakALineIsQuotedAndNotAltered() throws {
        let ids = ["=1+1", "-2", "@x", "a,b", "say \"hi\"", "+3", "?", "plain"]
        let job = try TestJob(trades: 8, failing: 0) { ids[$0] }
        let rows = text(try files(job)["npv.csv"]).split(separator: "\n").dropFirst()
        let starts = [
            "\"=1+1\",", "\"-2\",", "\"@x\",", "\"a,b\",", "\"say \"\"hi\"\"\",", "\"+3\",",
            "\"?\",", "plain,",
        ]
        for (row, start) in zip(rows, starts) { #expect(row.hasPrefix(start)) }
    }

    @Test func hostileTextIsHarmlessInThePage() throws {
        let attack = "</script><img src=x onerror=alert(1)>"
        var job = try TestJob(trades: 3, failing: 0) { "\(attack)\($0)" }
        job.record.portfolioName = attack
        job.record.snapshotName = attack
        job.record.submitter = "\"'><b>"
        job.results = [
            TestJob.result(
                "eod-1",
                0,
                (0..<3).map { _ in
                    .init(
                        outcome: .failed(
                            .init(code: .pricingFailed, field: attack, message: attack)
                        )
                    )
                }
            )
        ]
        let files = try files(job)
        let page = text(files["report.html"])
        #expect(!page.contains("<img"))
        #expect(!page.contains("<b>"))
        #expect(page.components(separatedBy: "</script>").count == 3)
        #expect(page.contains("\\u003c/script\\u003e\\u003cimg"))
        #expect(page.contains("&lt;/script&gt;&lt;img"))
        for foreign in ["http://", "https://", "src=", "@import", "url("] {
            #expect(!page.replacingOccurrences(of: "src=x", with: "").contains(foreign))
        }
        #expect(try lines(files["results.jsonl"]).map(\.tradeId) == job.ids)
    }

    @Test func aLargeJobsPageHoldsFailedAndLargestTradesAndSaysSo() throws {
        let job = try TestJob(trades: 200)
        let files = try files(job) { $0.tableRows = 50 }
        let page = text(files["report.html"])
        #expect(page.contains("The job has 200 trades; this table holds 30"))
        #expect(page.contains("[\"T3\",\"error\""))
        #expect(page.contains("[\"T198\",\"ok\""))
        #expect(!page.contains("[\"T10\",\"ok\""))
        #expect(try lines(files["results.jsonl"]).count == 200)
    }

    @Test func aPartialReportNamesWhatIsMissing() throws {
        let job = try TestJob()
        let files = try files(job, without: [job.resultRecord(2)])
        let summary = try ReportSummary(json: files["summary.json"] ?? [])
        #expect(summary.state == "running")
        #expect(summary.missing == 5)
        let lines = try lines(files["results.jsonl"])
        #expect(lines.suffix(5).allSatisfy { $0.status == "missing" })
        #expect(lines.last?.error?.message == "no result has arrived yet")
        #expect(text(files["report.html"]).contains("This report is not complete"))
        let told = try self.files(
            job,
            without: [job.resultRecord(2)],
            waiting: "no engine is running"
        )
        #expect(
            try self.lines(told["results.jsonl"]).last?.error?.message
                == "no result has arrived yet: no engine is running"
        )
    }

    @Test func ratesOfTheSnapshotGiveTheNotionalInBaseCurrency() throws {
        var job = try TestJob(trades: 2, failing: 0)
        var market = MarketSnapshotRecord()
        market.name = "EOD"
        market.valuationDay = 20_468
        market.baseCurrency = "EUR"
        market.exchangeRates = [ExchangeRateRecord(base: "EUR", quote: "USD", value: 1.25)]
        let bytes = market.encoded()
        job.record.snapshotID = SnapshotID(canonicalBytes: bytes).rawValue
        let directory = try TestDirectory()
        let core = try directory.core()
        let source = TestJob.source(TestJob.topics.market, 0, 0, TestJob.start, bytes)
        #expect(try core.apply([source] + job.all).refused.isEmpty)
        let rows = text(try directory.report(job.id)["npv.csv"]).split(separator: "\n")
        #expect(rows[1].contains(",1000000.0,EUR,1000000.0,"))
        #expect(rows[2].contains(",1000001.0,USD,\(1_000_001 / 1.25),"))
    }

    @Test func aJobThatIsNotThereIsAClearError() throws {
        let directory = try TestDirectory()
        _ = try directory.core()
        let none = try JobID.test("none")
        let writer = ReportWriter(ledgerPath: directory.ledger)
        do {
            try writer.write(none, to: directory.path)
            Issue.record("it was written")
        } catch {
            #expect(error.code == .unknownJob)
        }
    }

    @Test func aDirectoryThatCannotBeMadeIsAClearErrorAndLeavesNothing() throws {
        let job = try TestJob()
        let directory = try TestDirectory()
        let core = try directory.core()
        _ = try core.apply(job.all)
        try Data().write(to: URL(fileURLWithPath: directory.path + "/file"))
        let writer = ReportWriter(ledgerPath: directory.ledger)
        do {
            try writer.write(job.id, to: directory.path + "/file/report")
            Issue.record("it was written")
        } catch {
            #expect(error.code == .reportNotWritten)
        }
    }

    @Test func theTerminalReportSaysWhatMatters() throws {
        let job = try TestJob(trades: 75)
        let summary = try ReportSummary(json: try files(job)["summary.json"] ?? [])
        let report = terminalReport(summary, width: 80, failures: 3)
        #expect(report.contains("portfolio: complete with errors"))
        #expect(report.contains("trades 75 = results 64 + errors 11"))
        #expect(report.contains("T3   index: no fixing of day 3 (missing_fixing)"))
        #expect(report.contains("and 8 more, in errors.csv"))
        #expect(report.contains("By currency"))
        #expect(report.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let narrow = terminalReport(summary, width: 40)
        #expect(narrow.split(separator: "\n").allSatisfy { $0.count <= 40 })
    }
}
