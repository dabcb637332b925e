internal import GridAPI
internal import GridPrograms
internal import Operations

/// `eodservice engines`: who prices, and what.
enum EnginesCommand {
    static let command = Command(
        name: "engines",
        summary: "Lists engines with their state and the batches they are pricing.",
        discussion: """
            Engines say every two seconds that they live; one that was not heard for three times \
            that is SILENT: it hangs, died or is cut off. Stopped engines are listed for an hour, \
            silent ones for a day.
            """,
        options: [
            Option(name: "json", help: "as the aggregator gives it, a JSON array", kind: .flag)
        ] + AggregatorClient.options + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let (engines, json) = try await AggregatorClient(program).engines()
        guard !program.settings.flag("json") else {
            try StandardOutput.write(json: String(decoding: json, as: UTF8.self))
            return .success
        }
        for line in EngineText.table(engines) { try Program.say(line) }
        if engines.isEmpty { Program.complain("no engine was heard in the last day") }
        return .success
    }
}

/// Engines as people read them.
enum EngineText {
    /// A line of headings and one for each engine; nothing for no engine.
    static func table(_ engines: [EngineDescription]) -> [String] {
        guard !engines.isEmpty else { return [] }
        let headings = [
            "ENGINE", "STATE", "HOST", "BUSY", "TRADES/S", "UP", "MEMORY", "VERSION", "WORKS ON",
        ]
        return TextTable.lines(
            [headings]
                + engines.map { engine in
                    [
                        shown(engine.engine), state(engine), shown(engine.host),
                        "\(engine.busyPricers)/\(engine.pricers)",
                        HumanText.number(engine.tradesPerSecond, digits: 0),
                        HumanText.duration(.seconds(engine.secondsUp)),
                        HumanText.bytes(engine.residentBytes + engine.pricerResidentBytes),
                        shown("\(engine.version) \(engine.library)"), work(engine),
                    ]
                }
        )
    }

    /// `live`, `SILENT 45.0 s`, `stopped 5 min 3 s ago`.
    private static func state(_ engine: EngineDescription) -> String {
        let ago = HumanText.duration(.seconds(engine.secondsSinceHeartbeat))
        switch engine.state {
        case "silent": return "SILENT \(ago)"
        case "stopped": return "stopped \(ago) ago"
        default: return shown(engine.state)
        }
    }

    /// The batch in work for longest and how many there are beside it.
    private static func work(_ engine: EngineDescription) -> String {
        guard let oldest = engine.work.first, engine.state != "stopped" else { return "-" }
        let more = engine.work.count > 1 ? ", and \(engine.work.count - 1) more" : ""
        return "batch \(oldest.batch) of \(shown(oldest.job)) since "
            + HumanText.duration(.seconds(oldest.seconds)) + more
    }

    private static func shown(_ text: String) -> String {
        text.isEmpty ? "-" : JSONWriter.escaped(text)
    }
}
