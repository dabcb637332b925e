internal import KafkaClient

/// Decides which results go into the next transaction.
///
/// A transaction commits offsets, and an offset says that all before it is done. So only results of
/// a partition's unbroken run of finished records, from the first that was taken and is not yet
/// committed, may go; results that were finished out of order wait until the run reaches them.
///
/// Everything belongs to one generation: the assignment of partitions under which records were
/// taken. A new one starts from nothing.
struct TransactionPlan<Payload: Sendable>: Sendable {
    /// The results and offsets of one transaction.
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
    /// The transaction in flight.
    private(set) var inFlight: Transaction?
    private var lines: [TopicPartition: PartitionBacklog<Payload>] = [:]
    private var lastRank = 0

    /// Starts a newer generation; returns the records of older ones that will not be committed.
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

    /// Notes that a record was taken; `false` if it was taken before, or its generation is over.
    mutating func take(_ offset: Int64, of partition: TopicPartition, generation: Int) -> Bool {
        guard generation == self.generation, !isSealed else { return false }
        guard offset >= lines[partition]?.next ?? offset else { return false }
        lines[partition, default: PartitionBacklog(next: offset)].append(offset)
        return true
    }

    /// Notes the outcome of a record; `false` if its generation is over, or it was noted before.
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

    /// Drops results that wait for records that will not be finished; returns them.
    ///
    /// Results that are ready may still go, as long as the generation has not changed.
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

    /// Begins a transaction with the results that are ready, the oldest first; `nil` while there
    /// are none or another transaction is in flight.
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

    /// Lets `body` change the outcomes of the transaction in flight, before it is retried.
    mutating func reviseInFlight(_ body: (inout Payload) -> Void) {
        guard var revised = inFlight else { return }
        for position in revised.entries.indices { body(&revised.entries[position].payload) }
        inFlight = revised
    }

    /// Ends the transaction in flight; returns the committed records.
    mutating func committed() -> [Payload] {
        guard let ended = inFlight.take() else { return [] }
        heldCount -= ended.entries.count
        return ended.entries.map(\.payload)
    }

    /// Ends the transaction in flight, which was aborted: its results go into the next one.
    ///
    /// - Returns: the records that will not be committed because their generation is over.
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

    /// Drops all finished records; returns them.
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
