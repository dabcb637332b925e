internal import KafkaClient

/// Decides which results go into the next transaction.
///
/// A transaction commits offsets, and an offset says that all before it is done. So only results of
/// a partition's unbroken run of finished records, from the first that was taken and is not yet
/// committed, may go; what was finished out of order is held back until the run reaches it.
///
/// Everything belongs to one generation: the assignment of partitions under which records were
/// taken. A new one starts from nothing.
struct TransactionPlan<Payload: Sendable>: Sendable {
    /// What goes together.
    struct Transaction: Sendable {
        var generation: Int
        /// The next offset to be read, by partition.
        var offsets: [TopicPartition: Int64]
        /// Ascending by offset within a partition.
        var entries: [FinishedRecord<Payload>]
    }

    private(set) var generation = 0
    /// Whether nothing more may be taken or finished under this generation.
    private(set) var isSealed = false
    /// How many records may go into a transaction now.
    private(set) var readyCount = 0
    /// How many records are finished and not committed, in flight or held back.
    private(set) var heldCount = 0
    /// What is under way.
    private(set) var inFlight: Transaction?
    private var lines: [TopicPartition: PartitionBacklog<Payload>] = [:]
    private var lastRank = 0

    /// Starts a newer generation; returns what of older ones will not be committed.
    mutating func enter(_ newer: Int) -> [Payload] {
        guard newer > generation else { return [] }
        let dropped = lines.values.flatMap(\.payloads)
        generation = newer
        isSealed = false
        lines = [:]
        readyCount = 0
        heldCount = inFlight?.entries.count ?? 0
        return dropped
    }

    /// Notes that work on a record begins; `false` if it was taken before, or comes too late.
    mutating func take(_ offset: Int64, of partition: TopicPartition, generation: Int) -> Bool {
        guard generation == self.generation, !isSealed else { return false }
        guard offset >= lines[partition]?.next ?? offset else { return false }
        lines[partition, default: PartitionBacklog(next: offset)].append(offset)
        return true
    }

    /// Notes what came of a record; `false` if it comes too late, or did before.
    mutating func finish(
        _ offset: Int64,
        of partition: TopicPartition,
        generation: Int,
        payload: Payload
    ) -> Bool {
        guard generation == self.generation, !isSealed else { return false }
        lastRank += 1
        let record = FinishedRecord(
            partition: partition,
            offset: offset,
            payload: payload,
            rank: lastRank
        )
        guard let grown = lines[partition]?.finish(record) else { return false }
        readyCount += grown
        heldCount += 1
        return true
    }

    /// Gives up what waits for records that will not be finished any more; returns it.
    ///
    /// What is ready may still go, as long as the group has not gone on.
    mutating func seal(_ ended: Int) -> [Payload] {
        guard ended == generation, !isSealed else { return [] }
        isSealed = true
        var dropped: [Payload] = []
        for partition in lines.keys {
            dropped += lines[partition]?.cut() ?? []
        }
        heldCount -= dropped.count
        return dropped
    }

    /// Begins a transaction with what is ready, those that wait longest first; `nil` while there
    /// is none or another is under way.
    mutating func next(maximum: Int) -> Transaction? {
        guard inFlight == nil, readyCount > 0 else { return nil }
        var transaction = Transaction(generation: generation, offsets: [:], entries: [])
        let waiting = lines.filter { $0.value.ready > 0 }.sorted { $0.value.rank < $1.value.rank }
        for partition in waiting.map(\.key) {
            let room = maximum - transaction.entries.count
            guard room > 0, let taken = lines[partition]?.popReady(room), let last = taken.last
            else { break }
            transaction.entries += taken
            transaction.offsets[partition] = last.offset + 1
        }
        readyCount -= transaction.entries.count
        inFlight = transaction
        return transaction
    }

    /// Lets `body` change what came of the records under way, before it is tried again.
    mutating func reviseInFlight(_ body: (inout Payload) -> Void) {
        guard var revised = inFlight else { return }
        for position in revised.entries.indices { body(&revised.entries[position].payload) }
        inFlight = revised
    }

    /// Ends the transaction under way; returns what was committed.
    mutating func committed() -> [Payload] {
        guard let ended = inFlight.take() else { return [] }
        heldCount -= ended.entries.count
        return ended.entries.map(\.payload)
    }

    /// Ends the transaction under way, which left no trace: its results go into the next one.
    ///
    /// - Returns: what is not to be committed because its generation is over.
    mutating func aborted() -> [Payload] {
        guard let ended = inFlight.take() else { return [] }
        guard ended.generation == generation else {
            heldCount -= ended.entries.count
            return ended.entries.map(\.payload)
        }
        for entry in ended.entries.reversed() {
            lines[entry.partition]?.pushReady(entry)
        }
        readyCount += ended.entries.count
        return []
    }

    /// Gives up everything that was finished; returns it.
    mutating func abandon() -> [Payload] {
        let dropped =
            (inFlight?.entries.map(\.payload) ?? [])
            + lines.values.flatMap(\.payloads)
        inFlight = nil
        lines = [:]
        isSealed = true
        readyCount = 0
        heldCount = 0
        return dropped
    }
}
