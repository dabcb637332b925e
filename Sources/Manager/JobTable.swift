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
    struct Place: Equatable, Sendable {
        var key: Key
        var id: String
    }

    /// What a row is sorted by; text by its bytes.
    enum Key: Equatable, Comparable, Sendable {
        case nothing
        case number(Double)
        case text(String)

        static func == (left: Key, right: Key) -> Bool { !(left < right) && !(right < left) }

        static func < (left: Key, right: Key) -> Bool {
            switch (left, right) {
            case (.number(let left), .number(let right)): left < right
            case (.text(let left), .text(let right)):
                left.utf8.lexicographicallyPrecedes(right.utf8)
            default: left.kind < right.kind
            }
        }

        private var kind: Int {
            switch self {
            case .nothing: 0
            case .number: 1
            case .text: 2
            }
        }
    }

    /// A list that was asked for, kept in order while its rows change.
    private struct Listing {
        let query: Query
        private(set) var places: [Place]
        /// Changes since somebody asked for the list.
        var changes = 0

        init(_ query: Query, _ rows: some Sequence<JobRow>) {
            self.query = query
            let places = rows.filter { JobTable.matches($0, query) }
                .map { Place(key: JobTable.key(of: $0, query.sort), id: $0.id) }
            // Most pairs differ in what a rank has of their keys: text is compared for the rest only.
            var ranks = places.enumerated().map { Rank($1.key, position: $0) }
            let isDescending = query.isDescending
            ranks.sort { left, right in
                if left.isBefore(right) { return !isDescending }
                if right.isBefore(left) { return isDescending }
                return Self.isBefore(places[left.position], places[right.position], isDescending)
            }
            self.places = ranks.map { places[$0.position] }
        }

        /// How many places come before one, itself included.
        func count(through place: Place) -> Int { bound(place) { !isBefore(place, $0) } }

        /// Follows a change of a row.
        mutating func change(_ before: JobRow?, _ after: JobRow?) {
            let old = before.flatMap(place)
            let new = after.flatMap(place)
            guard old != new else { return }
            changes += 1
            if let old {
                let index = bound(old) { isBefore($0, old) }
                if index < places.count, places[index] == old { places.remove(at: index) }
            }
            if let new { places.insert(new, at: bound(new) { isBefore($0, new) }) }
        }

        private func place(_ row: JobRow) -> Place? {
            guard JobTable.matches(row, query) else { return nil }
            return Place(key: JobTable.key(of: row, query.sort), id: row.id)
        }

        /// The first index at which something is not so any more.
        private func bound(_ place: Place, _ isSo: (Place) -> Bool) -> Int {
            var (low, high) = (0, places.count)
            while low < high {
                let middle = (low + high) / 2
                if isSo(places[middle]) { low = middle + 1 } else { high = middle }
            }
            return low
        }

        private func isBefore(_ left: Place, _ right: Place) -> Bool {
            Self.isBefore(left, right, query.isDescending)
        }

        private static func isBefore(_ left: Place, _ right: Place, _ isDescending: Bool) -> Bool {
            if left.key != right.key {
                return isDescending ? left.key > right.key : left.key < right.key
            }
            return left.id < right.id
        }
    }

    /// The beginning of a key as numbers in the same order.
    private struct Rank {
        private var high: UInt64 = 0
        private var middle: UInt64 = 0
        private var low: UInt64 = 0
        let position: Int

        init(_ key: Key, position: Int) {
            self.position = position
            switch key {
            case .nothing: break
            case .number(let number):
                // Both zeros are one.
                let bits = (number + 0).bitPattern
                high = number < 0 ? ~bits : bits | 1 << 63
            case .text(let text):
                var count = 0
                for byte in text.utf8.prefix(24) {
                    let shifted = UInt64(byte) << UInt64(56 - 8 * (count % 8))
                    switch count / 8 {
                    case 0: high |= shifted
                    case 1: middle |= shifted
                    default: low |= shifted
                    }
                    count += 1
                }
            }
        }

        func isBefore(_ other: Rank) -> Bool {
            (high, middle, low) < (other.high, other.middle, other.low)
        }
    }

    private struct State {
        var rows: [String: JobRow] = [:]
        var acknowledged: [String: JobRow.Acknowledgement] = [:]
        /// Jobs in each state.
        var counts: [String: Int] = [:]
        /// The lists asked for last, the newest at the end.
        var listings: [Listing] = []

        /// Sets or removes a row, and brings lists and counts up to date.
        mutating func change(_ id: String, to row: JobRow?) {
            let before = rows[id]
            rows[id] = row
            if let before { counts[before.state, default: 0] -= 1 }
            if let row { counts[row.state, default: 0] += 1 }
            for index in listings.indices { listings[index].change(before, row) }
            // Following a flood of changes would cost more than sorting once when it is asked for.
            listings.removeAll { $0.changes > JobTable.mostChanges }
        }
    }

    /// A list that has changed so often since somebody asked for it is let go.
    private static let mostChanges = 1_000
    /// Lists that are kept in order.
    private static let mostListings = 16
    /// Acknowledgements of jobs that are gone are forgotten from here on.
    private static let mostAcknowledged = 200_000

    private let state = Mutex(State())

    /// Sets a row, and returns it with what is known of it here.
    @discardableResult
    func set(_ row: JobRow) -> JobRow {
        state.withLock { state in
            var row = row
            row.acknowledged = state.acknowledged[row.id]
            state.change(row.id, to: row)
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
            guard var row = state.rows[id] else { return nil }
            row.acknowledged = acknowledgement
            state.change(id, to: row)
            return row
        }
    }

    func remove(_ id: String) {
        state.withLock { $0.change(id, to: nil) }
    }

    /// Keeps only some jobs: the others are no more.
    func keep(only ids: Set<String>) {
        state.withLock { state in
            let gone = state.rows.keys.filter { !ids.contains($0) }
            for id in gone { state.change(id, to: nil) }
        }
    }

    func row(_ id: String) -> JobRow? { state.withLock { $0.rows[id] } }

    var count: Int { state.withLock { $0.rows.count } }

    /// How many jobs are in each state, and `all`.
    func counts() -> [String: Int] {
        state.withLock { state in
            var counts = ["all": state.rows.count]
            for phase in JobPhase.allCases {
                counts[phase.rawValue] = state.counts[phase.rawValue] ?? 0
            }
            return counts
        }
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
        state.withLock { state in
            var listing: Listing
            if let index = state.listings.firstIndex(where: { $0.query == query }) {
                listing = state.listings.remove(at: index)
            } else {
                listing = Listing(query, state.rows.values)
                if state.listings.count >= Self.mostListings { state.listings.removeFirst() }
            }
            listing.changes = 0
            state.listings.append(listing)
            let first = place.map { listing.count(through: $0) } ?? 0
            let places = listing.places[first...].prefix(most)
            let rows = places.compactMap { place in
                state.rows[place.id].map { (key: place.key, row: $0) }
            }
            return (rows, listing.places.count, first + places.count < listing.places.count)
        }
    }

    fileprivate static func matches(_ row: JobRow, _ query: Query) -> Bool {
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
        guard isFinal else {
            // Every job that goes on waits for something; nothing for a minute is what counts.
            let isStuck = waitingFor != nil && tradesPerSecond == 0 && seconds >= 30
            return forecast?.verdict == "willMiss"
                || (isStuck && state != JobPhase.paused.rawValue)
        }
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
