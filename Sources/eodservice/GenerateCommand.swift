internal import GridPrograms
internal import Operations
internal import PortfolioFiles

/// `eodservice generate`: writes a synthetic portfolio.
enum GenerateCommand {
    static let command = Command(
        name: "generate",
        summary: "Writes a synthetic portfolio; the same seed gives the same trades.",
        options: [
            Option(
                name: "trades",
                placeholder: "N",
                help: "number of trades",
                default: "1000",
                kind: .int(1...10_000_000)
            ),
            Option(
                name: "seed",
                placeholder: "N",
                help: "seed of the portfolio",
                default: "7",
                kind: .int(0...Int.max)
            ),
            Option(
                name: "market",
                placeholder: "PATH",
                help: "the market snapshot that can price the trades",
                isRequired: true
            ),
            Option(
                name: "output",
                placeholder: "FILE",
                help: "output file: .csv or .jsonl",
                isRequired: true
            ),
            Option(
                name: "unpriceable",
                placeholder: "N",
                help: "number of trades that cannot be priced, on purpose",
                default: "0",
                kind: .int(0...1_000)
            ),
        ] + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let settings = program.settings
        let count = settings.int("trades")
        let portfolio = try SyntheticPortfolio(
            seed: UInt64(settings.int("seed")),
            count: count,
            market: try readSnapshot(at: settings.string("market")),
            unpriceable: settings.int("unpriceable")
        )
        try writePortfolio(portfolio, to: settings.string("output"))
        Program.complain("wrote \(count) trades to \(settings.string("output"))")
        return .success
    }
}
