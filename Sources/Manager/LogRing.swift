internal import GridAPI
internal import Operations
internal import Synchronization

/// The newest lines of all programs' logs.
final class LogRing: Sendable {
    /// Which lines are wanted.
    struct Filter: Sendable {
        var least = LogLevel.info
        var engines: Set<String> = []
        var job: String?
        var batch: String?
        /// Words that must all be in the line, in lower case.
        var words: [String] = []
        var from: String?
        var to: String?

        func permits(_ line: LogEntry) -> Bool {
            guard (LogLevel(rawValue: line.level) ?? .info) >= least,
                engines.isEmpty || engines.contains(line.engine),
                job == nil || line.fields["job.id"] == job,
                batch == nil || line.fields["batch.index"] == batch,
                from.map({ line.at >= $0 }) ?? true,
                to.map({ line.at < $0 }) ?? true
            else { return false }
            guard !words.isEmpty else { return true }
            let text = (line.message + " " + line.fields.values.joined(separator: " ")).lowercased()
            return words.allSatisfy { text.contains($0) }
        }
    }

    struct Line: Sendable {
        var number: Int
        var entry: LogEntry
    }

    private struct State {
        var lines: [Line] = []
        var bytes = 0
        var next = 1
        /// The last sequence of each process, to see gaps.
        var sequences: [String: Int] = [:]
        var lost: [String: Int] = [:]
        /// Whether Kafka has older lines than the first.
        var hasForgotten = false
    }

    static let mostLines = 200_000
    static let mostBytes = 128 << 20

    private let state = Mutex(State())

    func add(_ entry: LogEntry) {
        state.withLock { state in
            let writer = "\(entry.host)/\(entry.pid)"
            if let last = state.sequences[writer], entry.sequence > last + 1 {
                state.lost[entry.engine, default: 0] += entry.sequence - last - 1
            }
            if state.sequences.count > 10_000 { state.sequences = [:] }
            state.sequences[writer] = entry.sequence
            state.lines.append(Line(number: state.next, entry: entry))
            state.next += 1
            state.bytes += Self.size(of: entry)
            let mustShrink =
                state.lines.count > Self.mostLines || state.bytes > Self.mostBytes
            guard mustShrink else { return }
            let removed = state.lines.prefix(max(1, state.lines.count / 20))
            state.bytes -= removed.reduce(0) { $0 + Self.size(of: $1.entry) }
            state.lines.removeFirst(removed.count)
            state.hasForgotten = true
        }
    }

    /// The newest lines that a filter permits, below a number, oldest first; and lines that were
    /// lost, by engine.
    func lines(
        _ filter: Filter,
        below number: Int?,
        most: Int
    ) -> (lines: [Line], hasMore: Bool, lost: [String: Int]) {
        // Under the lock: what comes meanwhile waits, instead of copying the whole ring.
        state.withLock { state in
            var found: [Line] = []
            var hasMore = false
            for line in state.lines.reversed() {
                if let number, line.number >= number { continue }
                guard filter.permits(line.entry) else { continue }
                guard found.count < most else {
                    hasMore = true
                    break
                }
                found.append(line)
            }
            return (found.reversed(), hasMore, state.lost)
        }
    }

    /// Notes that older lines than those to come are not here.
    func forget() {
        state.withLock { $0.hasForgotten = true }
    }

    /// Whether all lines since a time, ISO 8601, are here, as far as Kafka has them.
    func reaches(_ time: String) -> Bool {
        state.withLock { state in
            !state.hasForgotten || state.lines.first.map { $0.entry.at <= time } ?? false
        }
    }

    private static func size(of entry: LogEntry) -> Int {
        200 + entry.message.utf8.count
            + entry.fields.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 64 }
    }
}
