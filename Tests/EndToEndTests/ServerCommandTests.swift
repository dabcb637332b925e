import Foundation
import TestBed
import Testing

/// eodservice's commands through the page's API, with the real programs.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ServerCommandTests {
    private let portfolio = Repository.path("examples/portfolio.csv")
    private let market = Repository.path("examples/market.json")

    @Test func aJobThroughThePageHasTheValuesOfOneWithoutIt() async throws {
        let scratch = try Scratch()
        let page = try await LocalPage(scratch)
        let token = try await page.tokenFile("operator")
        let files = ["--market", Repository.path("examples/market"), "--job-id", "j-1"]
        let submitted = try await page.eodservice(
            ["submit", portfolio] + files + ["--metrics", "NPV,IRDelta", "--report"],
            token: token
        )
        #expect(submitted.code == 3, "\(submitted.errors)")
        #expect(submitted.errors.contains("submitted 1000 trades in 10 batches"))
        #expect(submitted.output.contains("-15,242,882.64"))
        let again = try await page.eodservice(
            ["submit", portfolio] + files + ["--metrics", "NPV,IRDelta"],
            token: token
        )
        #expect(again.code == 0)
        #expect(again.errors.contains("the job was submitted before; nothing was queued"))

        let out = scratch.path("through")
        let report = try await page.eodservice(["report", "j-1", "--output", out], token: token)
        #expect(report.code == 3, "\(report.errors)")
        let list = try await page.eodservice(["status"], token: token)
        #expect(list.output.contains("j-1  complete with errors  1000 of 1000 trades, 4 failed"))
        try await page.stop()

        let alone = scratch.path("alone")
        let run = try RunningProcess(
            "valgrid",
            [
                "run", portfolio, "--market", market, "--metrics", "NPV,IRDelta", "--engines", "1",
                "--output", alone,
            ],
            in: scratch.url
        )
        #expect(try await run.end() == 3, "\(run.standardError)")
        let through = try Report(URL(fileURLWithPath: out)).trades
        let direct = try Report(URL(fileURLWithPath: alone)).trades
        #expect(through.map(\.tradeId) == direct.map(\.tradeId))
        for (left, right) in zip(through, direct) {
            let values = left.metrics?.mapValues(\.value)
            #expect(values == right.metrics?.mapValues(\.value), "\(left.tradeId)")
            #expect(left.error?.message == right.error?.message)
        }
    }

    @Test func jobsArePausedResumedAndCancelledThroughThePage() async throws {
        let scratch = try Scratch()
        let page = try await LocalPage(scratch, engines: 1)
        let token = try await page.tokenFile("operator")
        // Half a minute of work for one engine.
        let submitted = try await page.eodservice(
            [
                "submit", portfolio, "--market", market, "--job-id", "slow", "--metrics",
                "OptionPV", "--batch-size", "25",
            ],
            token: token
        )
        #expect(submitted.code == 0, "\(submitted.errors)")
        func said(_ arguments: String...) async throws -> String {
            let answer = try await page.eodservice(arguments, token: token)
            return "\(answer.code) \(answer.output)\(answer.errors)"
        }
        #expect(try await said("pause", "slow") == "0 paused slow\n")
        try await eventually("the pause shows", within: .seconds(20)) {
            try await said("status", "slow").contains("slow  paused")
        }
        #expect(try await said("pause", "slow") == "0 slow is paused already\n")
        #expect(try await said("resume", "slow") == "0 resumed slow\n")
        let viewer = try await page.tokenFile("viewer")
        let refused = try await page.eodservice(["cancel", "slow"], token: viewer)
        #expect(refused.code == 5)
        #expect(refused.errors.contains("the server refuses"))
        #expect(try await said("cancel", "slow", "--reason", "a test") == "0 cancelled slow\n")
        let end = try await page.eodservice(["wait", "slow", "--timeout", "30s"], token: token)
        #expect(end.code == 4, "\(end.errors)")
        #expect(try await said("cancel", "slow").hasPrefix("2 eodservice: job slow has ended"))
        #expect(try await said("cancel", "nobody").hasPrefix("2 eodservice: the server knows no"))
        try await page.stop()
    }

    @Test func whatCannotBeUsedIsSaidInOneLineAndNothingIsQueued() async throws {
        let scratch = try Scratch()
        let page = try await LocalPage(scratch, engines: 1)
        let token = try await page.tokenFile("operator")
        let bad = Repository.path("examples/bad/wrong-fields.json")
        let answer = try await page.eodservice(["submit", bad, "--market", market], token: token)
        let over = try RunningProcess(
            "eodservice",
            ["check", bad, "--market", market],
            in: scratch.url
        )
        #expect(answer.code == 2)
        #expect(try await over.end() == 2)
        let problems = answer.errors.split(separator: "\n").filter { $0.hasPrefix(bad) }
        #expect(problems == over.standardError.split(separator: "\n"), "the words of check")
        #expect(try await page.eodservice(["status"], token: token).errors == "no job yet\n")

        let cases: [(arguments: [String], says: String, code: Int32)] = [
            (["submit", "no.csv", "--market", market], "no.csv: there is no such file", 2),
            (["submit", portfolio, "--market", "no"], "no: there is no such file", 2),
            (["status", "--brokers", "x:1", "--aggregator", "y"], "--brokers", 2),
            (["cancel", "j", "--brokers", "x:1"], "--brokers has no meaning with --server", 2),
            (["submit", portfolio, "--market", market, "--metrics", "X"], "X is not a metric", 2),
        ]
        for (arguments, says, code) in cases {
            let answer = try await page.eodservice(arguments, token: token)
            #expect(answer.code == code, "\(arguments)")
            #expect(answer.errors.contains(says), "\(arguments): \(answer.errors)")
        }

        let open = try scratch.write("vg_0123456789012345678901234567890123456789\n", to: "open")
        let readable = try await page.eodservice(["status"], token: open)
        #expect(readable.code == 2)
        #expect(readable.errors.contains("chmod 600"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: open)
        let unknown = try await page.eodservice(["status"], token: open)
        #expect(unknown.code == 5)
        #expect(unknown.errors.contains("the server refuses"))

        // A server that dies is said within its time, not waited for.
        let submitted = try await page.eodservice(
            [
                "submit", portfolio, "--market", market, "--job-id", "slow", "--metrics",
                "OptionPV",
            ],
            token: token
        )
        #expect(submitted.code == 0, "\(submitted.errors)")
        let waiting = try page.start(["wait", "slow"], token: token)
        try await eventually("it waits", within: .seconds(20)) {
            waiting.standardError.contains("slow  ")
        }
        page.process.signal(SIGKILL)
        #expect(try await waiting.end(within: .seconds(40)) == 5)
        #expect(waiting.standardError.contains("cannot reach \(page.url)"))
    }
}
