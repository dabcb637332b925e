internal import GridAPI
internal import HTTP
internal import Operations

extension ManagerAPI {
    private struct LogAnswer: Encodable {
        struct Gap: Encodable {
            var engine: String
            var lines: Int
        }

        /// Oldest first.
        var items: [LogEntry]
        /// Where the next page begins; nil when there is none.
        var next: String?
        /// `back` in time from the newest line, or `forward` from `from`.
        var direction: String
        var gaps: [Gap]
        var asOf: String
    }

    /// Lines of all programs.
    var logRoutes: [Route] {
        [
            Route(
                method: "GET",
                path: "/logs",
                access: .right(.see),
                summary: "Lines of all programs' logs: the newest, and next goes back in time. "
                    + "With a from before what is in memory they are read from Kafka, and next "
                    + "goes forward.",
                query: [
                    ("level", "the least: debug, info, notice, warning, error"),
                    ("engine", "engines, separated by commas"), ("job", "a job"),
                    ("batch", "a batch of it"), ("q", "up to 4 words"), ("from", "ISO 8601"),
                    ("to", "ISO 8601"), ("limit", "1 to 500"),
                    ("cursor", "next of the page before"),
                ],
                answer: logLines
            )
        ]
    }

    private static let history = "kafka "

    private func logLines(_ call: Call) throws(Problem) -> HTTPResponse {
        let filter = try logFilter(call)
        let most = try call.limit()
        var cursor: String?
        if let given = call.request.query["cursor"] {
            guard let text = gate.sessions.text(signed: given) else {
                throw Problem(400, "bad_filter", "the cursor was not made here")
            }
            cursor = text
        }
        let isHistory =
            cursor.map { $0.hasPrefix(Self.history) }
            ?? (filter.from.map { !logs.reaches($0) } ?? false)
        guard !isHistory else {
            return try oldLines(
                filter,
                after: (cursor?.dropFirst(Self.history.count)).map(String.init),
                most
            )
        }
        let number = try cursor.map { (text) throws(Problem) -> Int in
            guard let number = Int(text) else {
                throw Problem(400, "bad_filter", "the cursor is of another list")
            }
            return number
        }
        let found = logs.lines(filter, below: number, most: most)
        return try .value(
            LogAnswer(
                items: found.lines.map(\.entry),
                next: found.hasMore
                    ? found.lines.first.map { gate.sessions.signed("\($0.number)") } : nil,
                direction: "back",
                gaps: found.lost.sorted { $0.key < $1.key }
                    .map { LogAnswer.Gap(engine: $0.key, lines: $0.value) },
                asOf: Timestamp.iso8601(Timestamp.now)
            )
        )
    }

    private func oldLines(
        _ filter: LogRing.Filter,
        after cursor: String?,
        _ most: Int
    ) throws(Problem) -> HTTPResponse {
        let place = cursor.flatMap { [Int32: Int64](cursorText: $0) }
        guard place != nil || cursor == nil else {
            throw Problem(400, "bad_filter", "the cursor is of another list")
        }
        let page = try grid.logs(filter, after: place, most: most)
        return try .value(
            LogAnswer(
                items: page.lines,
                next: page.next.map { gate.sessions.signed(Self.history + $0.cursorText) },
                direction: "forward",
                gaps: [],
                asOf: Timestamp.iso8601(Timestamp.now)
            )
        )
    }

    private func logFilter(_ call: Call) throws(Problem) -> LogRing.Filter {
        let query = call.request.query
        var filter = LogRing.Filter()
        if let text = query["level"] {
            guard let level = LogLevel(rawValue: text) else {
                throw Problem(400, "bad_filter", "\(text) is no level")
            }
            filter.least = level
        }
        filter.engines = Set((query["engine"] ?? "").split(separator: ",").map(String.init))
        filter.job = query["job"]
        filter.batch = query["batch"]
        filter.words = (query["q"] ?? "").lowercased().split(separator: " ").prefix(4)
            .map(String.init)
        filter.from = try call.time("from")
        filter.to = try call.time("to")
        return filter
    }
}
