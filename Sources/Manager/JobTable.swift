internal import GridAPI
internal import GridProtocol
internal import Synchronization

/// All jobs that the aggregator knows, to be listed.
///
/// Filled by the feed; nothing is decided here.
final class JobTable: Sendable {
    /// What a list shows.
    struct Query: Hashable, Sendable {
        var states: Set<String> = []
        var priority: String?
        var submitter: String?
        /// Words that must all be in id, portfolio, submitter or snapshot.
        var words: [String] = []
        /// Only jobs that somebody has to look at.
        var needsSomeone = false
        /// ISO 8601; submitted at or after.
        var from: String?
        /// ISO 8601; submitted before.
        var to: String?
        var sort = Sort.submittedAt
        var isDescending = true
    }

    /// A column that lists are sorted by.
    enum Sort: String, CaseIterable, Sendable {
        case submittedAt, id, state, portfolio, submitter, trades, failed, tradesPerSecond
        case seconds, deadline, endedAt, total
    }

    /// Where a list goes on: behind the row with this key.
    struct Place: Hashable, Sendable {
        var key: Key
        var id: String
    }

    /// What a row is sorted by.
    enum Key: Hashable, Comparable, Sendable {
        case nothing
        case number(Double)
        case text(String)
    }

    private struct State {
        var rows: [String: JobRow] = [:]
        var acknowledged: [String: JobRow.Acknowledgement] = [:]
        var version = 0
        /// The last list and what it was made of: pages follow each other.
        var ordered: (query: Query, version: Int, rows: [(key: Key, row: JobRow)])?
    }

    /// Those of jobs that are gone are forgotten from here on.
    private static let mostAcknowledged = 200_000

    private let state = Mutex(State())

    /// Sets a row, and returns it with what is known of it here.
    @discardableResult
    func set(_ row: JobRow) -> JobRow {
        state.withLock { state in
            var row = row
            row.acknowledged = state.acknowledged[row.id]
            state.rows[row.id] = row
            state.version += 1
            return row
        }
    }

    /// Notes that somebody has seen how a job ended; its row, where it is known.
    @discardableResult
    func acknowledge(_ id: String, _ acknowledgement: JobRow.Acknowledgement) -> JobRow? {
        state.withLock { state in
            if state.acknowledged.count >= Self.mostAcknowledged {
                state.acknowledged = state.acknowledged.filter { state.rows[$0.key] != nil }
            }
            state.acknowledged[id] = acknowledgement
            state.rows[id]?.acknowledged = acknowledgement
            state.version += 1
            return state.rows[id]
        }
    }

    func remove(_ id: String) {
        state.withLock { state in
            state.rows[id] = nil
            state.version += 1
        }
    }

    /// Keeps only some jobs: the others are no more.
    func keep(only ids: Set<String>) {
        state.withLock { state in
            state.rows = state.rows.filter { ids.contains($0.key) }
            state.version += 1
        }
    }

    func row(_ id: String) -> JobRow? { state.withLock { $0.rows[id] } }

    var count: Int { state.withLock { $0.rows.count } }

    /// How many jobs are in each state, and `all`.
    func counts() -> [String: Int] {
        let rows = state.withLock { $0.rows }
        var counts = ["all": rows.count]
        for phase in JobPhase.allCases { counts[phase.rawValue] = 0 }
        for row in rows.values { counts[row.state, default: 0] += 1 }
        return counts
    }

    /// How many jobs are priced on each snapshot, by its hash.
    func snapshotUses() -> [String: Int] {
        let rows = state.withLock { $0.rows }
        return rows.values.reduce(into: [:]) { $0[$1.snapshot.id, default: 0] += 1 }
    }

    /// The job of a portfolio for given metrics that has ended last, whole.
    func lastEnded(_ portfolio: String, metrics: [String]) -> JobRow? {
        let rows = state.withLock { $0.rows }.values
        return rows.filter { row in
            row.portfolio == portfolio && row.metrics == metrics && row.isFinal && row.missing == 0
        }
        .max { ($0.endedAt ?? "") < ($1.endedAt ?? "") }
    }

    /// The newest jobs on a snapshot.
    func jobs(on snapshot: String, most: Int) -> [String] {
        let rows = state.withLock { $0.rows }.values.filter { $0.snapshot.id == snapshot }
        return rows.sorted { $0.submittedAt > $1.submittedAt }.prefix(most).map(\.id)
    }

    /// A page of a list: the rows behind a place, how many there are in all, and whether more follow.
    func page(
        _ query: Query,
        after place: Place?,
        most: Int
    ) -> (rows: [(key: Key, row: JobRow)], total: Int, hasMore: Bool) {
        let ordered = self.ordered(query)
        func isBefore(_ left: (Key, String), _ right: (Key, String)) -> Bool {
            if left.0 != right.0 {
                return query.isDescending ? left.0 > right.0 : left.0 < right.0
            }
            return left.1 < right.1
        }
        var first = 0
        if let place {
            // The first row that comes after the place.
            var (low, high) = (0, ordered.count)
            while low < high {
                let middle = (low + high) / 2
                let row = ordered[middle]
                if isBefore((place.key, place.id), (row.key, row.row.id)) {
                    high = middle
                } else {
                    low = middle + 1
                }
            }
            first = low
        }
        let rows = Array(ordered[first...].prefix(most))
        return (rows, ordered.count, first + rows.count < ordered.count)
    }

    private func ordered(_ query: Query) -> [(key: Key, row: JobRow)] {
        let (known, rows, version) = state.withLock { state in
            let isKnown = state.ordered.map { $0.query == query && $0.version == state.version }
            return (isKnown == true ? state.ordered?.rows : nil, state.rows, state.version)
        }
        if let known { return known }
        var ordered = rows.values.filter { Self.matches($0, query) }
            .map { (key: Self.key(of: $0, query.sort), row: $0) }
        ordered.sort { left, right in
            guard left.key == right.key else {
                return query.isDescending ? left.key > right.key : left.key < right.key
            }
            return left.row.id < right.row.id
        }
        state.withLock { $0.ordered = (query, version, ordered) }
        return ordered
    }

    private static func matches(_ row: JobRow, _ query: Query) -> Bool {
        guard query.states.isEmpty || query.states.contains(row.state),
            query.priority == nil || row.priority == query.priority,
            query.submitter == nil || row.submitter == query.submitter,
            query.from.map({ row.submittedAt >= $0 }) ?? true,
            query.to.map({ row.submittedAt < $0 }) ?? true,
            !query.needsSomeone || row.needsSomeone
        else { return false }
        guard !query.words.isEmpty else { return true }
        let texts = [row.id, row.portfolio, row.submitter, row.snapshot.name].map {
            $0.lowercased()
        }
        return query.words.allSatisfy { word in texts.contains { $0.contains(word) } }
    }

    static func key(of row: JobRow, _ sort: Sort) -> Key {
        switch sort {
        case .submittedAt: .text(row.submittedAt)
        case .id: .text(row.id)
        case .state: .text(row.state)
        case .portfolio: .text(row.portfolio)
        case .submitter: .text(row.submitter)
        case .trades: .number(Double(row.trades))
        case .failed: .number(Double(row.failed))
        case .tradesPerSecond: .number(row.tradesPerSecond)
        case .seconds: .number(row.seconds)
        case .deadline: row.deadline.map { .text($0) } ?? .nothing
        case .endedAt: row.endedAt.map { .text($0) } ?? .nothing
        case .total: row.total.map { .number($0) } ?? .nothing
        }
    }
}

extension JobRow {
    /// Whether somebody has to look at it: it will miss its deadline, waits for something, or has
    /// ended without all its values and nobody has said that they saw it.
    var needsSomeone: Bool {
        guard isFinal else { return forecast?.verdict == "willMiss" || waitingFor != nil }
        return acknowledged == nil && state != JobPhase.cancelled.rawValue
            && (failed > 0 || missing > 0)
    }
}

extension JobTable.Place {
    /// The place as text, to be signed.
    var text: String {
        switch key {
        case .nothing: "-\n\(id)"
        case .number(let number): "#\(number)\n\(id)"
        case .text(let text): "'\(text)\n\(id)"
        }
    }

    /// Reads a place.
    init?(text: String) {
        guard let end = text.lastIndex(of: "\n") else { return nil }
        let rest = text[..<end].dropFirst()
        switch text.first {
        case "-": key = .nothing
        case "#":
            guard let number = Double(rest) else { return nil }
            key = .number(number)
        case "'": key = .text(String(rest))
        default: return nil
        }
        id = String(text[text.index(after: end)...])
    }
}
