public import KafkaClient

/// What takes records and a group's offsets together or not at all, one transaction at a time.
///
/// A step that fails says what puts it right: ``TransactionError/Remedy``.
public protocol TransactionalSink: Sendable {
    /// Begins a transaction.
    ///
    /// - Parameter fence: returns only once Kafka has ended the transaction before, as far as it
    ///   will; see ``TransactionalProducer/beginFenced(group:placeholder:)``.
    /// - Throws: ``TransactionError``.
    func begin(after fence: TransactionFence?) async throws(TransactionError)

    /// Makes records and offsets part of the transaction; returns when the records are written.
    ///
    /// - Throws: ``TransactionError``; the transaction is not committed then, as nobody asked for it.
    func write(
        _ records: [ProducedRecord],
        _ offsets: GroupTransaction
    ) async throws(TransactionError)

    /// Commits or aborts the transaction.
    ///
    /// - Throws: ``TransactionError``. A transaction that was to be committed is then not known to be
    ///   aborted.
    func end(isCommitted: Bool) async throws(TransactionError)

    /// Ends another transaction over the same partitions with the same outcome.
    ///
    /// - Returns: how the other transaction ended.
    func reassertOutcome(
        _ outcome: TransactionOutcome,
        placeholder: OffsetPlaceholder?
    ) async throws(TransactionError) -> TransactionOutcome

    /// Frees the client; a transaction may stay open.
    func close() async

    /// What is known of the transaction that was begun last.
    var progress: TransactionProgress { get }
}

/// What stands between a transaction and the one before.
public struct TransactionFence: Hashable, Sendable {
    /// A group of the transaction before.
    public var group: String
    /// Becomes part of the transaction.
    public var placeholder: OffsetPlaceholder

    /// Makes a fence.
    public init(group: String, placeholder: OffsetPlaceholder) {
        self.group = group
        self.placeholder = placeholder
    }
}

/// What a producer knows of its last transaction.
public struct TransactionProgress: Hashable, Sendable {
    /// What was touched, as far as is known.
    public var touched = TouchedPartitions()
    /// Where its records begin in each partition, of those acknowledged so far.
    public var firstOffsets: [TopicPartition: Int64] = [:]
    /// The positions of records that were refused as larger than their topic allows.
    public var tooLarge: Set<Int> = []
    /// When a connection to a broker was last lost, if ever.
    public var connectionLostAt: ContinuousClock.Instant?

    /// Makes the progress of a transaction that nothing is known of.
    public init() {}
}

extension TransactionalProducer: TransactionalSink {
    /// Makes a producer that has taken its transactional id over and knows its topics.
    ///
    /// - Throws: ``TransactionError``; nothing is left behind then.
    public static func open(
        configuration: KafkaConfiguration,
        transactionalID: String,
        topics: [String]
    ) async throws(TransactionError) -> TransactionalProducer {
        let made: TransactionalProducer
        do throws(KafkaError) {
            made = try TransactionalProducer(
                configuration: configuration,
                transactionalID: transactionalID
            )
        } catch {
            throw TransactionError(.replaceProducer, error)
        }
        do throws(TransactionError) {
            try await made.start()
            try await made.prepare(topics: topics)
            return made
        } catch {
            await made.close()
            throw error
        }
    }

    /// Begins a transaction, behind a fence if there is one.
    public func begin(after fence: TransactionFence?) async throws(TransactionError) {
        guard let fence else { return try await begin() }
        try await beginFenced(group: fence.group, placeholder: fence.placeholder)
    }

    /// Makes records and offsets part of the transaction; returns when the records are written.
    public func write(
        _ records: [ProducedRecord],
        _ offsets: GroupTransaction
    ) async throws(TransactionError) {
        try await send(records)
        try await sendOffsets(offsets)
        try await awaitDelivery()
    }

    /// Commits or aborts the transaction.
    public func end(isCommitted: Bool) async throws(TransactionError) {
        if isCommitted {
            try await commit()
        } else {
            try await abort()
        }
    }

    /// What is known of the transaction that was begun last.
    public var progress: TransactionProgress {
        var progress = TransactionProgress()
        progress.touched = touched
        progress.firstOffsets = firstOffsets
        progress.tooLarge = tooLarge
        progress.connectionLostAt = connectionLostAt
        return progress
    }
}
