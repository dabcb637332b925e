internal import Glibc
internal import Operations
internal import TestBed

@main
enum GridbenchProgram {
    static let command = Command(
        name: "gridbench",
        summary: "Measures the grid against a plain loop over the same pricing code.",
        discussion: """
            Prints CPU microseconds per trade: of a plain loop in one process, and of all the \
            grid's processes (eodservice, valengine and its pricers, aggregator), the broker apart. \
            Both are run in turn and the medians are given. Build with -c release.
            `gridbench ledger` measures the aggregator's join instead: trades per second of CPU \
            time into an empty ledger and into one with --jobs ended jobs. `gridbench tradeindex` \
            indexes a job of --trades trades and times questions to the index.
            """,
        arguments: [
            PositionalArgument(
                name: "WHAT",
                help: "`grid`, the default, `ledger` or `tradeindex`",
                isRequired: false
            )
        ],
        options: [
            Option(
                name: "trades",
                placeholder: "N",
                help: "five-year swaps to value",
                default: "10000",
                kind: .int(100...1_000_000)
            ),
            Option(
                name: "rounds",
                placeholder: "N",
                help: "rounds of each; at least five for figures",
                default: "5",
                kind: .int(1...100)
            ),
            Option(
                name: "market",
                placeholder: "PATH",
                help: "the market snapshot",
                default: "examples/market"
            ),
            Option(
                name: "gate",
                placeholder: "RATIO",
                help: "exit with 1 when the grid takes more than RATIO times the plain loop's CPU,"
                    + " or the full ledger's rate is below RATIO of the empty one's; no gate by"
                    + " default"
            ),
            Option(
                name: "jobs",
                placeholder: "N",
                help: "ended jobs of the full ledger",
                default: "100000",
                kind: .int(1...1_000_000)
            ),
            Option(
                name: "brokers",
                placeholder: "HOST:PORT,...",
                help: "an Apache Kafka to run on; default: the embedded broker"
            ),
        ]
    )

    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        switch command.parse(
            arguments: Array(CommandLine.arguments.dropFirst()),
            environment: processEnvironment()
        )
        {
        case .help(let text), .version(let text):
            print(text)
        case .failure(let message, let usage):
            print("gridbench: \(message)\n\(usage)")
            exit(ExitCode.usage.rawValue)
        case .parsed(let settings):
            do {
                let isGood =
                    switch settings.arguments.first ?? "grid" {
                    case "grid": try await Benchmark(settings: settings).run()
                    case "ledger": try LedgerBenchmark(settings: settings).run()
                    case "tradeindex": try TradeIndexBenchmark(settings: settings).run()
                    case let other:
                        throw TestBedError("`\(other)` is not `grid`, `ledger` or `tradeindex`")
                    }
                exit((isGood ? ExitCode.success : .failure).rawValue)
            } catch {
                print("gridbench: \(error)")
                exit(ExitCode.failure.rawValue)
            }
        }
    }
}
