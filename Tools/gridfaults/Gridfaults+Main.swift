internal import Foundation
internal import Operations
internal import TestBed

@main
enum GridfaultsProgram {
    static let command = Command(
        name: "gridfaults",
        summary: "Values a portfolio while something breaks, again and again, and checks it.",
        discussion: """
            Starts Apache Kafka from KAFKA_HOME, an aggregator and three engines with exactly-once \
            delivery. Each round values the same trades while its fault hits, and then: the report is \
            final, every trade is a result or an error, all values are bit for bit those of an \
            undisturbed run, readers of committed results find every batch once, whoever was not \
            killed works on, and all end as asked.
            scripts/faults builds and runs it.
            """,
        options: [
            Option(
                name: "rounds",
                placeholder: "N",
                help: "rounds of each fault",
                default: "1",
                kind: .int(1...100_000)
            ),
            Option(
                name: "round",
                placeholder: "N",
                help: "number of the first round; with the seed it says what happens in it",
                default: "1",
                kind: .int(1...1_000_000)
            ),
            Option(
                name: "seed",
                placeholder: "N",
                help: "draws all that is random",
                default: "1",
                kind: .int(0...Int.max)
            ),
            Option(
                name: "only",
                placeholder: "NAME,...",
                help: "these faults; all of them without",
                kind: .list
            ),
            Option(
                name: "brokers",
                placeholder: "1|3",
                help: "brokers for faults that do not need a certain number",
                default: "1",
                kind: .choice(["1", "3"])
            ),
            Option(
                name: "storm",
                placeholder: "TIME",
                help: "how long the rounds of the storm are stormy",
                default: "60s",
                kind: .duration
            ),
            Option(
                name: "trades",
                placeholder: "N",
                help: "trades of the portfolio",
                default: "6000",
                kind: .int(500...1_000_000)
            ),
            Option(
                name: "output",
                placeholder: "DIR",
                help: "where table.txt, rounds.jsonl and the files of rounds that failed go",
                default: "faults-output"
            ),
            Option(
                name: "root",
                placeholder: "DIR",
                help: "the repository",
                default: "."
            ),
            Option(name: "list", help: "print the faults and end", kind: .flag),
        ]
    )

    static func main() async {
        let settings = command.parseOrExit()
        if settings.flag("list") {
            for kind in FaultKind.allCases {
                let name = kind.rawValue
                let blanks = String(repeating: " ", count: 13 - name.count)
                print("\(name)\(blanks)\(kind.summary)")
            }
            return
        }
        do {
            let names = settings.list("only")
            let kinds = names.isEmpty ? FaultKind.allCases : try names.map(kind)
            let installation = try Installation(root: settings.string("root"))
            let output = URL(fileURLWithPath: settings.string("output")).standardizedFileURL.path
            endProcessesOnSignal()
            let matrix = try FaultMatrix(
                .init(
                    kinds: kinds,
                    rounds: settings.int("rounds"),
                    firstRound: settings.int("round"),
                    seed: UInt64(settings.int("seed")),
                    brokers: settings.int("brokers"),
                    trades: settings.int("trades"),
                    storm: settings.duration("storm") / .seconds(1),
                    output: output
                ),
                installation
            )
            let isGood = try await matrix.run()
            (isGood ? ExitCode.success : .failure).exit()
        } catch {
            FileHandle.standardError.write(Data("gridfaults: \(error)\n".utf8))
            ExitCode.failure.exit()
        }
    }

    // MARK: Private

    private static func kind(_ name: String) throws -> FaultKind {
        guard let kind = FaultKind(rawValue: name) else {
            throw FaultTestError("there is no fault `\(name)`; --list names them")
        }
        return kind
    }

    /// What was started does not outlive this process when it is told to end; its brokers have a
    /// watcher of their own.
    private static func endProcessesOnSignal() {
        ProcessSignals.watch([SIGINT, SIGTERM, SIGHUP]) { signal in
            RunningProcess.killAll()
            exit(128 + signal)
        }
    }
}
