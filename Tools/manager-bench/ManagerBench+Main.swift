internal import Glibc
internal import Operations
internal import TestBed

@main
enum ManagerBenchProgram {
    static let command = Command(
        name: "manager-bench",
        summary: "Measures compute-manager and the feed that it lives on.",
        discussion: """
            Fills a ledger with ended jobs, serves its feed as the aggregator does, starts the real \
            compute-manager with the embedded broker and asks it as browsers would. Prints a line a \
            figure with its target. `trades` asks the aggregator's routes about two jobs of \
            --trades trades; `logs` prices beside a flood of log lines, which `flood` writes. \
            Build with -c release.
            """,
        arguments: [
            PositionalArgument(
                name: "WHAT",
                help: "`page`, the default, `trades`, `logs` or `flood`",
                isRequired: false
            )
        ],
        options: [
            Option(
                name: "jobs",
                placeholder: "N",
                help: "ended jobs of the ledger",
                default: "100000",
                kind: .int(1_000...1_000_000)
            ),
            Option(
                name: "streams",
                placeholder: "N",
                help: "streams that are open at the same time",
                default: "500",
                kind: .int(8...500)
            ),
            Option(
                name: "seconds",
                placeholder: "N",
                help: "how long four events a second are sent to each stream",
                default: "60",
                kind: .int(5...3_600)
            ),
            Option(
                name: "trades",
                placeholder: "N",
                help: "of each of the two jobs of `trades`",
                default: "1000000",
                kind: .int(1_000...2_000_000)
            ),
            Option(
                name: "priced",
                placeholder: "N",
                help: "trades that `logs` prices a round",
                default: "20000",
                kind: .int(100...1_000_000)
            ),
            Option(
                name: "rounds",
                placeholder: "N",
                help: "rounds of `logs`, with and without a flood",
                default: "5",
                kind: .int(1...100)
            ),
            Option(name: "brokers", placeholder: "HOST:PORT", help: "where `flood` writes"),
            Option(
                name: "upload",
                placeholder: "MB",
                help: "the size of each of two uploads",
                default: "500",
                kind: .int(10...4_000)
            ),
            Option(
                name: "gate",
                help: "exit with 1 when a target is missed",
                kind: .flag
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
            print("manager-bench: \(message)\n\(usage)")
            exit(ExitCode.usage.rawValue)
        case .parsed(let settings):
            do {
                let isMet: Bool
                switch settings.arguments.first ?? "page" {
                case "page": isMet = try await PageBenchmark(settings).run()
                case "trades": isMet = try await TradesBenchmark(settings).run()
                case "logs": isMet = try await LogBenchmark(settings).run()
                case "flood":
                    try await LogBenchmark.flood(settings)
                    isMet = true
                case let other:
                    throw TestBedError("`\(other)` is not `page`, `trades`, `logs` or `flood`")
                }
                exit(isMet || !settings.flag("gate") ? 0 : 1)
            } catch {
                print("manager-bench: \(error)")
                exit(ExitCode.failure.rawValue)
            }
        }
    }
}
