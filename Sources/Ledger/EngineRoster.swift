public import GridProtocol

/// The engines that are known by their heartbeats.
///
/// It has no clock and no storage: after a restart it is read again from the topic, which keeps
/// the newest heartbeat of each engine for a day.
public struct EngineRoster: Sendable {
    /// How much is kept, and for how long.
    public struct Limits: Hashable, Sendable {
        /// The most engines.
        public var engines = 2_000
        /// The longest heartbeat, bytes.
        public var heartbeatBytes = 16_384
        /// How many intervals without a heartbeat make an engine silent.
        public var intervals: Int64 = 3
        /// How long a silent engine is kept, microseconds.
        public var silence: Int64 = 86_400_000_000
        /// How long a stopped engine is kept, microseconds.
        public var stop: Int64 = 3_600_000_000

        /// The defaults.
        public init() {}
    }

    private struct Entry: Sendable {
        var heartbeat: Heartbeat
        var seenAt: Int64
    }

    private let limits: Limits
    private var entries: [String: Entry] = [:]

    /// Makes an empty roster.
    public init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Takes a heartbeat's record.
    ///
    /// A heartbeat of an earlier process does not replace that of a live engine with the same id.
    ///
    /// - Parameters:
    ///   - value: as it was read; nil, a tombstone, changes nothing.
    ///   - seenAt: when it came, microseconds since 1970 UTC; for one that lay in the topic, when
    ///     it was written.
    /// - Returns: whether it counts; a record that is not a heartbeat does not.
    @discardableResult
    public mutating func apply(_ value: [UInt8]?, seenAt: Int64) -> Bool {
        guard let value, value.count <= limits.heartbeatBytes,
            let heartbeat = try? Heartbeat.decode(value), !heartbeat.engineID.isEmpty
        else { return false }
        return apply(heartbeat, seenAt: seenAt)
    }

    /// Takes a heartbeat.
    @discardableResult
    public mutating func apply(_ heartbeat: Heartbeat, seenAt: Int64) -> Bool {
        var entry = Entry(heartbeat: heartbeat, seenAt: seenAt)
        if let known = entries[heartbeat.engineID] {
            entry.seenAt = max(seenAt, known.seenAt)
            let isOlderStart = heartbeat.startedAt < known.heartbeat.startedAt
            guard !isOlderStart || !state(of: known, at: seenAt).isWorking else { return false }
        }
        entries[heartbeat.engineID] = entry
        if entries.count > limits.engines { dropOne() }
        return true
    }

    /// Removes engines that have been silent or stopped for long enough.
    public mutating func forget(at time: Int64) {
        entries = entries.filter { isRemembered($1, at: time) }
    }

    /// Returns the engines that are still kept at that time, by id.
    public func engines(at time: Int64) -> [EngineStatus] {
        entries.values.compactMap { entry in
            guard isRemembered(entry, at: time) else { return nil }
            return EngineStatus(
                heartbeat: entry.heartbeat,
                state: state(of: entry, at: time),
                seenAt: entry.seenAt,
                at: time
            )
        }
        .sorted { $0.id < $1.id }
    }

    // MARK: Private

    private func isRemembered(_ entry: Entry, at time: Int64) -> Bool {
        time - entry.seenAt <= (entry.heartbeat.stopped ? limits.stop : limits.silence)
    }

    private func state(of entry: Entry, at time: Int64) -> EngineState {
        if entry.heartbeat.stopped { return .stopped }
        // Heartbeats of earlier versions do not state their interval: two seconds.
        let said = Int64(entry.heartbeat.intervalMillis) * 1_000
        let interval = said > 0 ? said : 2_000_000
        if time - entry.seenAt > interval * limits.intervals { return .silent }
        return entry.heartbeat.draining ? .draining : .live
    }

    /// Makes room: removes a stopped engine first, then the one that has been silent longest.
    private mutating func dropOne() {
        let quietest = entries.min { left, right in
            let (first, second) = (left.value, right.value)
            if first.heartbeat.stopped != second.heartbeat.stopped {
                return first.heartbeat.stopped
            }
            return (first.seenAt, left.key) < (second.seenAt, right.key)
        }
        if let quietest { entries[quietest.key] = nil }
    }
}
