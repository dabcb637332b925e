/// The records of a producer that are not delivered or failed yet: waiting for room, or in flight.
///
/// A record comes by `add`, leaves by `complete`, `cancel` or `takeAll`, and its waiter is handed
/// out exactly once, for any order of these. Records are admitted in the order they came.
struct PendingSends<Payload, Waiter> {
    /// What to do with a record that was added.
    enum Admission: Hashable, Sendable {
        /// There is room: produce it now.
        case produce
        /// There is none: `admitNext` will name it later.
        case wait
    }

    private struct Waiting {
        var payload: Payload
        var bytes: Int
        var waiter: Waiter
    }

    private struct InFlight {
        var bytes: Int
        var waiter: Waiter?
    }

    let maximumRecords: Int
    let maximumBytes: Int
    private var waiting: [UInt: Waiting] = [:]
    private var order = Fifo<UInt>()
    private var inFlight: [UInt: InFlight] = [:]
    private var marks: [UInt: Set<UInt>] = [:]
    private(set) var inFlightBytes = 0

    init(maximumRecords: Int, maximumBytes: Int) {
        self.maximumRecords = maximumRecords
        self.maximumBytes = maximumBytes
    }

    var inFlightCount: Int { inFlight.count }
    var waitingCount: Int { waiting.count }
    var isEmpty: Bool { inFlight.isEmpty && waiting.isEmpty }

    /// Adds a record; the identifiers of all records differ.
    mutating func add(
        _ id: UInt,
        payload: Payload,
        bytes: Int,
        waiter: Waiter
    ) -> Admission {
        guard waiting.isEmpty, hasRoom(for: bytes) else {
            waiting[id] = Waiting(payload: payload, bytes: bytes, waiter: waiter)
            order.append(id)
            return .wait
        }
        inFlight[id] = InFlight(bytes: bytes, waiter: waiter)
        inFlightBytes += bytes
        return .produce
    }

    /// Names the next record that there is room for; it is in flight from then on.
    mutating func admitNext() -> (id: UInt, payload: Payload)? {
        while let id = order.first {
            guard let next = waiting[id] else {
                _ = order.popFirst()
                continue
            }
            guard hasRoom(for: next.bytes) else { return nil }
            _ = order.popFirst()
            waiting[id] = nil
            inFlight[id] = InFlight(bytes: next.bytes, waiter: next.waiter)
            inFlightBytes += next.bytes
            return (id, next.payload)
        }
        return nil
    }

    /// Settles a record that was in flight; returns its waiter unless that was cancelled.
    mutating func complete(_ id: UInt) -> Waiter? {
        guard let done = inFlight.removeValue(forKey: id) else { return nil }
        inFlightBytes -= done.bytes
        settle(id)
        return done.waiter
    }

    /// Returns the waiter of a record whose send was cancelled.
    ///
    /// A record that waits for room is dropped. One in flight cannot be called back: it keeps its
    /// room until it is completed.
    mutating func cancel(_ id: UInt) -> Waiter? {
        if let dropped = waiting.removeValue(forKey: id) {
            settle(id)
            return dropped.waiter
        }
        return inFlight[id]?.waiter.take()
    }

    /// Drops all records; returns the remaining waiters.
    mutating func takeAll() -> [Waiter] {
        let left = inFlight.values.compactMap(\.waiter) + waiting.values.map(\.waiter)
        waiting = [:]
        inFlight = [:]
        inFlightBytes = 0
        order.removeAll()
        for id in marks.keys {
            marks[id] = []
        }
        return left
    }

    // MARK: - Flushing

    /// Marks the records that are pending now.
    mutating func mark(_ id: UInt) {
        marks[id] = Set(inFlight.keys).union(waiting.keys)
    }

    /// Removes a mark.
    mutating func removeMark(_ id: UInt) {
        marks[id] = nil
    }

    /// Returns and removes the marks without a pending record.
    mutating func takeSettledMarks() -> [UInt] {
        guard !marks.isEmpty else { return [] }
        let settled = marks.filter { $0.value.isEmpty }.map(\.key)
        for id in settled {
            marks[id] = nil
        }
        return settled
    }

    // MARK: - Bounds

    /// A record larger than the bound goes alone rather than never.
    private func hasRoom(for bytes: Int) -> Bool {
        inFlight.count < maximumRecords
            && (inFlight.isEmpty || inFlightBytes + bytes <= maximumBytes)
    }

    private mutating func settle(_ id: UInt) {
        guard !marks.isEmpty else { return }
        for mark in marks.keys {
            marks[mark]?.remove(id)
        }
    }
}
