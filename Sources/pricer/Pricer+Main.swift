internal import CProcess
internal import Glibc
internal import GridProtocol
internal import Operations

@main
enum PricerProgram {
    static let command = Command(
        name: "pricer",
        summary: "Prices batches with QuantLib.",
        discussion: """
            Without options it answers an engine's frames on standard input and output. With --batch \
            and --market it prices one batch by hand and prints one JSON object per trade.
            """,
        options: [
            Option(
                name: "batch",
                placeholder: "FILE",
                help: "a portfolio (JSON, CSV) or a batch record (.pb) to price by hand"
            ),
            Option(
                name: "market",
                placeholder: "PATH",
                help: "the market snapshot of --batch: a file, a directory, or a record (.pb)"
            ),
            Option(
                name: "metrics",
                placeholder: "LIST",
                help: "metrics of a portfolio given with --batch",
                default: "NPV",
                kind: .list
            ),
            Option(
                name: "memory-limit",
                placeholder: "MIB",
                help: "memory limit; the pricer dies rather than exceed it; 0 for none",
                default: "0",
                kind: .int(0...1_048_576)
            ),
            Option(
                name: "allow-test-trades",
                help: "obey trades that crash or hang on purpose (tests only)",
                kind: .flag
            ),
            Option(
                name: "script",
                placeholder: "FILE",
                help: "wait, die or spoil answers as the file's rules say (tests only);"
                    + " needs --allow-test-trades"
            ),
        ]
    )

    static func main() {
        signal(SIGPIPE, SIG_IGN)
        let parsed: ParsedCommand
        switch command.parse(
            arguments: Array(CommandLine.arguments.dropFirst()),
            environment: processEnvironment()
        )
        {
        case .parsed(let command): parsed = command
        case .help(let text), .version(let text):
            print(text)
            return
        case .failure(let message, let usage):
            standardError("pricer: \(message)\n\(usage)")
            exit(ExitCode.usage.rawValue)
        }
        limitMemory(to: parsed.int("memory-limit"))
        guard let batch = parsed.optionalString("batch") else {
            endWithParent()
            var loop = PricerLoop(
                allowsTestTrades: parsed.flag("allow-test-trades"),
                script: script(parsed)
            )
            exit(loop.run().rawValue)
        }
        guard let market = parsed.optionalString("market") else {
            standardError("pricer: --batch needs --market")
            exit(ExitCode.usage.rawValue)
        }
        let hand = HandPricing(
            batch: batch,
            market: market,
            metrics: parsed.list("metrics"),
            allowsTestTrades: parsed.flag("allow-test-trades")
        )
        exit(hand.run().rawValue)
    }

    /// The script that tests give; ends this process when it is not allowed or no script.
    private static func script(_ parsed: ParsedCommand) -> PricerScript? {
        guard let path = parsed.optionalString("script") else { return nil }
        guard parsed.flag("allow-test-trades") else {
            standardError("pricer: --script is for tests only and needs --allow-test-trades")
            exit(ExitCode.usage.rawValue)
        }
        do {
            return try PricerScript(String(decoding: readBytes(path), as: UTF8.self))
        } catch let error as WireError {
            standardError("pricer: --script \(path): \(error.reason)")
        } catch {
            standardError("pricer: --script \(path): \(error)")
        }
        exit(ExitCode.usage.rawValue)
    }

    /// An engine that is killed takes its pricers with it, those that hang included.
    private static func endWithParent() {
        let parent = getppid()
        guard cprocess_end_with_parent() == 0, getppid() == parent else {
            exit(ExitCode.failure.rawValue)
        }
    }

    private static func limitMemory(to mebibytes: Int) {
        guard mebibytes > 0 else { return }
        _ = cprocess_limit_data(0, UInt(mebibytes) << 20)
    }
}
