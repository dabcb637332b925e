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
            and --market it prices one batch by hand and prints one JSON object per trade; with \
            --explain it shows what one trade's NPV is made of, with --requirements which market \
            data is missing.
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
                name: "explain",
                placeholder: "TRADE",
                help:
                    "show cash flows, curves and fixings of one trade of --batch, by its id: JSON,"
                    + " or a table on a terminal"
            ),
            Option(
                name: "requirements",
                help: "price nothing; print as JSON which market data the trades of --batch need"
                    + " and --market lacks",
                kind: .flag
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
        ProcessStart.prepare()
        let parsed: ParsedCommand
        switch command.parse(
            arguments: Array(CommandLine.arguments.dropFirst()),
            environment: processEnvironment()
        )
        {
        case .parsed(let command): parsed = command
        case .help(let text), .version(let text):
            do {
                try StandardOutput.write(text)
                return
            } catch {
                endUnprinted(error)
            }
        case .failure(let message, let usage):
            standardError("pricer: \(message)\n\(usage)")
            exit(ExitCode.usage.rawValue)
        }
        limitMemory(to: parsed.int("memory-limit"))
        guard let batch = parsed.optionalString("batch") else {
            guard parsed.optionalString("explain") == nil, !parsed.flag("requirements") else {
                standardError("pricer: --explain and --requirements need --batch and --market")
                exit(ExitCode.usage.rawValue)
            }
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
        let input = HandInput(batch: batch, market: market, metrics: parsed.list("metrics"))
        let isRequirements = parsed.flag("requirements")
        if let trade = parsed.optionalString("explain") {
            guard !isRequirements else {
                standardError("pricer: --explain and --requirements cannot be combined; give one")
                exit(ExitCode.usage.rawValue)
            }
            exit(HandExplanation(input: input, trade: trade).run().rawValue)
        }
        if isRequirements { exit(HandRequirements(input: input).run().rawValue) }
        let hand = HandPricing(
            input: input,
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

    /// The least memory with which it works, MiB.
    private static let leastMemory = 64

    /// Ends the process whose standard output takes nothing.
    static func endUnprinted(_ error: OutputError) -> Never {
        if error.isReaderGone { ProcessStart.endBySIGPIPE() }
        standardError("pricer: \(error)")
        exit(ExitCode.failure.rawValue)
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
        guard mebibytes >= leastMemory else {
            standardError(
                "pricer: --memory-limit \(mebibytes): a pricer needs \(leastMemory) MiB or more; 0 is"
                    + " no limit"
            )
            exit(ExitCode.usage.rawValue)
        }
        _ = cprocess_limit_data(0, UInt(mebibytes) << 20)
    }
}
