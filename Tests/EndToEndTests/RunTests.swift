import Foundation
import TestBed
import Testing

/// `valgrid run` and what it leaves behind.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RunTests {
    private func run(_ arguments: [String], in scratch: Scratch) async throws -> (
        code: Int32, process: RunningProcess
    ) {
        let process = try RunningProcess(
            "valgrid",
            [
                "run", Repository.path("examples/portfolio.csv"), "--market",
                Repository.path("examples/market"),
            ]
                + arguments,
            in: scratch.url
        )
        return (try await process.end(), process)
    }

    @Test func failedTradesCanBeAllowed() async throws {
        let scratch = try Scratch()
        let (code, process) = try await run(["--allow-failed-trades"], in: scratch)
        #expect(code == 0, "\(process.standardError)")
        #expect(process.standardOutput.contains("trades 1,000 = results"))
    }

    @Test func theSameRunTwiceGivesTheSameNumbers() async throws {
        let scratch = try Scratch()
        var values: [[String: Double]] = []
        for engines in ["1", "3"] {
            let out = scratch.path("out-\(engines)")
            _ = try await run(
                ["--metrics", "NPV,IRDelta,Delta,Theta", "--engines", engines, "--output", out],
                in: scratch
            )
            let report = try Report(URL(fileURLWithPath: out))
            for metric in ["NPV", "IRDelta", "Delta", "Theta"] {
                values.append(report.values(of: metric))
            }
        }
        #expect(values[0].count > 900)
        #expect(Array(values[..<4]) == Array(values[4...]))
    }

    @Test(arguments: [["--deadline", "2s"], ["--timeout", "8s"]])
    func aRunThatIsTooSlowEndsWithAReportThatNamesWhatIsMissing(limit: [String]) async throws {
        let scratch = try Scratch()
        let portfolio = try scratch.write(TestMarket.options(400), to: "portfolio.json")
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        let out = scratch.path("out")
        let process = try RunningProcess(
            "valgrid",
            ["run", portfolio, "--market", market, "--metrics", "OptionPV", "--output", out]
                + limit + (limit[0] == "--timeout" ? [] : ["--timeout", "60s"]),
            in: scratch.url
        )
        #expect(try await process.end(within: .seconds(60)) == 4, "\(process.standardError)")
        let report = try Report(URL(fileURLWithPath: out))
        #expect(report.summary.missing > 0)
        #expect(report.summary.results + report.summary.missing == 400)
    }

    @Test func anOutputThatCannotBeWrittenIsRefusedBeforeTheWork() async throws {
        let scratch = try Scratch()
        let (code, process) = try await run(["--output", "/proc/nope"], in: scratch)
        #expect(code == 2)
        #expect(process.standardError.contains("/proc/nope"))
    }

    @Test func secretsAreNotEchoed() async throws {
        let scratch = try Scratch()
        let (code, process) = try await run(
            ["--brokers", "127.0.0.1:1", "--kafka-config", "sasl.password:TopSecret"],
            in: scratch
        )
        #expect(code == 2)
        #expect(!process.standardError.contains("TopSecret"))
        #expect(process.standardError.contains("entry 1"))
    }

    @Test func aPricerPricesOneBatchByHand() async throws {
        let scratch = try Scratch()
        let process = try RunningProcess(
            "pricer",
            [
                "--batch", Repository.path("examples/portfolio.json"),
                "--market", Repository.path("examples/market.json"), "--metrics", "NPV,ParRate",
            ],
            in: scratch.url
        )
        let code = try await process.end()
        #expect(code == 0 || code == 3, "\(process.standardError)")
        let lines = process.standardOutput.split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines {
            let trade = try JSONDecoder().decode(Report.Trade.self, from: Data(line.utf8))
            #expect(["ok", "error", "expired"].contains(trade.status))
        }
    }
}
