import Foundation
import TestBed
import Testing

/// What the programs say to files and brokers that are no good.
@Suite(.timeLimit(.minutes(2))) struct BadInputTests {
    private static let option = """
        "type":"EquityOption","underlying":"SHARE","currency":"EUR","longShort":"Long",\
        "optionType":"Put",\
        "style":"European","strike":40,"expiryDate":"2027-06-15","quantity":1
        """

    private static let badPortfolios: [(text: String, place: String, field: String)] = [
        (
            "[{\"tradeId\":\"A\",\(option)},\n{\"tradeId\":\"A\",\(option)}]", "portfolio.json:2",
            "tradeId"
        ),
        ("[{\"tradeId\":\"A\",\(option),\"colour\":1}]", "portfolio.json:1", "colour"),
        (
            "[{\"tradeId\":\"A\",\(option.replacing("2027-06-15", with: "2027-02-30"))}]",
            "portfolio.json:1", "expiryDate"
        ),
        (
            "[{\"tradeId\":\"A\",\(option.replacing("EUR", with: "EURO"))}]", "portfolio.json:1",
            "currency"
        ),
        ("[{\"tradeId\":\"A\",\(option.replacing("40", with: "NaN"))}]", "portfolio.json:1", "NaN"),
        ("", "portfolio.json", "empty"),
        ("[]", "portfolio.json", "no trade"),
        ("{\"trades\":", "portfolio.json:1", "ends too early"),
    ]

    private func run(_ portfolio: String, name: String = "portfolio.json") async throws -> (
        code: Int32, errors: String
    ) {
        let scratch = try Scratch()
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        let file = try scratch.write(portfolio, to: name)
        // No broker listens at port 1: what is wrong with the files is said without one.
        let process = try RunningProcess(
            "eodservice",
            ["submit", file, "--market", market, "--brokers", "127.0.0.1:1"],
            in: scratch.url
        )
        return (try await process.end(), process.standardError)
    }

    @Test(arguments: badPortfolios)
    func badPortfoliosAreRefusedWithFileLineAndField(
        text: String,
        place: String,
        field: String
    ) async throws {
        let outcome = try await run(text)
        #expect(outcome.code == 2, "\(outcome.errors)")
        #expect(outcome.errors.contains(place), "\(outcome.errors)")
        #expect(outcome.errors.contains(field), "\(outcome.errors)")
    }

    @Test func manyProblemsAreReportedUpToALimit() async throws {
        let trades = (0..<500).map { "{\"tradeId\":\"T\($0)\",\(Self.option),\"colour\":1}" }
        let outcome = try await run("[\(trades.joined(separator: ",\n"))]")
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains("portfolio.json:50"))
        #expect(outcome.errors.contains("450 more"))
        #expect(outcome.errors.split(separator: "\n").count < 60)
    }

    @Test func aBrokerThatIsNotThereIsOneLineWithinFifteenSeconds() async throws {
        let scratch = try Scratch()
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        let file = try scratch.write(TestMarket.options(1), to: "portfolio.json")
        for (program, arguments) in [
            ("eodservice", ["submit", file, "--market", market]),
            ("valgrid", ["run", file, "--market", market, "--output", scratch.path("out")]),
        ] {
            let process = try RunningProcess(
                program,
                arguments + ["--brokers", "127.0.0.1:1", "--log-level", "error"],
                in: scratch.url
            )
            #expect(try await process.end(within: .seconds(15)) == 5)
            let lines = process.standardError.split(separator: "\n")
            #expect(lines.count == 1, "\(process.standardError)")
            #expect(process.standardError.contains("127.0.0.1:1"))
        }
    }

    @Test(arguments: ["eodservice", "valengine", "aggregator", "pricer", "valgrid"])
    func helpNamesTheExitCodesAndRubbishIsRefused(program: String) async throws {
        let scratch = try Scratch()
        let help = try RunningProcess(program, ["--help"], in: scratch.url)
        #expect(try await help.end() == 0)
        #expect(help.standardOutput.lowercased().contains("exit"))
        let rubbish = try RunningProcess(program, ["--no-such-flag"], in: scratch.url)
        #expect(try await rubbish.end() == 2)
        #expect(rubbish.standardError.contains("--no-such-flag"))
    }

    @Test func aBadMetricIsRefused() async throws {
        let scratch = try Scratch()
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        let file = try scratch.write(TestMarket.options(1), to: "portfolio.json")
        let process = try RunningProcess(
            "eodservice",
            ["check", file, "--market", market, "--metrics", "NPV,Nonsense"],
            in: scratch.url
        )
        #expect(try await process.end() == 2)
        #expect(process.standardError.contains("Nonsense"))
        #expect(process.standardError.contains("ParRate"))
    }
}
