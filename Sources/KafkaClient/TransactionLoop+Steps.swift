import CRDKafka

/// The steps of a transaction; each blocks the client's thread until its deadline at most.
extension TransactionLoop {
    typealias Instant = ContinuousClock.Instant

    /// How long events may wait while a call blocks that needs them served, in milliseconds.
    private static let slice = 200
    static let pause: Int32 = 20
    /// How long the records of a transaction may take to be reported before it is aborted.
    private static let settling = Duration.seconds(2)

    func initialize(until deadline: Instant) throws(TransactionError) {
        try refuseEmbedded(until: deadline)
        try call("taking over the transactional id", until: deadline, isSliced: true) {
            rd_kafka_init_transactions(handle.pointer, $0)
        }
    }

    func prepare(_ topics: [String], until deadline: Instant) throws(TransactionError) {
        do {
            try known.prepare(topics, on: handle, until: deadline).get()
        } catch {
            throw TransactionError(.tryAgain, error)
        }
    }

    func begin() throws(TransactionError) {
        forgetDeliveries()
        try check(rd_kafka_begin_transaction(handle.pointer), "beginning a transaction")
    }

    func send(_ records: [ProducedRecord], until deadline: Instant) throws(TransactionError) {
        for record in records {
            let mark = markNext()
            while let error = handle.produce(record, id: mark) {
                if error.code == .messageTooLarge { note(error, of: mark) }
                guard error.code == .queueFull, Instant.now < deadline else {
                    throw TransactionError(error.isFatal ? .replaceProducer : .abort, noted(error))
                }
                serveEvents(for: TransactionLoop.pause)
            }
        }
    }

    func sendOffsets(
        _ transaction: GroupTransaction,
        until deadline: Instant
    ) throws(TransactionError) {
        guard !transaction.offsets.isEmpty else { return }
        var metadata: OpaquePointer?
        let unreadable = transaction.membership.withUnsafeBytes {
            rd_kafka_consumer_group_metadata_read(&metadata, $0.baseAddress, $0.count)
        }
        try check(unreadable, "reading the group's metadata")
        guard let metadata else { return }
        defer { rd_kafka_consumer_group_metadata_destroy(metadata) }
        if let membership = MembershipEncoding(transaction.membership) {
            noteOffsets(of: membership.group)
        }
        try add(transaction.offsets, of: metadata, until: deadline)
    }

    /// Makes offsets part of the transaction, under a membership or none.
    func add(
        _ offsets: [TopicPartition: Int64],
        of metadata: OpaquePointer,
        until deadline: Instant
    ) throws(TransactionError) {
        do throws(TransactionError) {
            try call("adding offsets to a transaction", until: deadline) { limit in
                PartitionList.with(offsets) { list in
                    rd_kafka_send_offsets_to_transaction(handle.pointer, list, metadata, limit)
                }
            }
        } catch {
            // A request in flight must not arrive in the next transaction: only a new producer,
            // with a new epoch, guarantees that.
            guard error.remedy == .tryAgain else { throw error }
            throw TransactionError(.replaceProducer, error.cause)
        }
    }

    func commit(until deadline: Instant) throws(TransactionError) {
        try awaitDelivery(until: deadline)
        try call("committing a transaction", until: deadline) {
            rd_kafka_commit_transaction(handle.pointer, $0)
        }
    }

    /// Waits until all records are written.
    func awaitDelivery(until deadline: Instant) throws(TransactionError) {
        let isSettled = settle(until: deadline)
        // librdkafka purges pending records after a permanent failure: the purge is not the cause.
        if let fatal = handle.fatalError {
            throw TransactionError(.replaceProducer, noted(fatal))
        }
        guard isSettled else {
            let error =
                undelivered
                ?? KafkaError(
                    code: .timedOut,
                    reason: "records are not delivered in time",
                    isRetriable: true
                )
            throw TransactionError(.abort, error)
        }
        if let undelivered {
            throw TransactionError(.abort, undelivered)
        }
    }

    /// All records must be reported first: an abort that overtakes the registration of a partition
    /// is fatal (librdkafka #4849).
    func abort(until deadline: Instant) throws(TransactionError) {
        let isSettled = settle(until: min(deadline, .now + TransactionLoop.settling))
        try call("aborting a transaction", until: deadline, isSliced: !isSettled) {
            rd_kafka_abort_transaction(handle.pointer, $0)
        }
    }

    // MARK: - Private

    /// Serves events until all records are reported; `false` if some are not in time.
    private func settle(until deadline: Instant) -> Bool {
        serveEvents(for: 0)
        while rd_kafka_outq_len(handle.pointer) > 0 {
            let left = Instant.now.duration(to: deadline).wholeMilliseconds
            guard left > 0, undelivered == nil else {
                return rd_kafka_outq_len(handle.pointer) == 0
            }
            serveEvents(for: Int32(min(left, 100)))
        }
        return true
    }

    /// Calls until it succeeds, fails permanently, or the time is over.
    ///
    /// Sliced: events are served meanwhile, and librdkafka resumes the call.
    private func call(
        _ what: String,
        until deadline: Instant,
        isSliced: Bool = false,
        _ body: (Int32) -> OpaquePointer?
    ) throws(TransactionError) {
        while true {
            let left = max(1, Instant.now.duration(to: deadline).wholeMilliseconds)
            let limit = isSliced ? min(left, TransactionLoop.slice) : left
            do throws(TransactionError) {
                return try check(body(Int32(clamping: limit)), what)
            } catch {
                let isTimedOut = error.cause.code == .timedOut && !isSliced
                guard error.remedy == .tryAgain, !isTimedOut, Instant.now < deadline else {
                    throw error
                }
            }
            serveEvents(for: TransactionLoop.pause)
            if let refusal = refusal() {
                throw TransactionError(.replaceProducer, refusal)
            }
        }
    }

    /// Takes an error object over and returns the remedy.
    private func check(_ error: OpaquePointer?, _ what: String) throws(TransactionError) {
        guard let error else { return }
        let isAbortable = rd_kafka_error_txn_requires_abort(error) != 0
        guard let cause = handle.error(consuming: error, context: what) else { return }
        let remedy: TransactionError.Remedy =
            switch true {
            case cause.isFatal: .replaceProducer
            case isAbortable: .abort
            case cause.isRetriable: .tryAgain
            default: .replaceProducer
            }
        throw TransactionError(remedy, noted(cause))
    }

    private func noted(_ error: KafkaError) -> KafkaError {
        note(error)
        return error
    }

    /// The embedded broker has this name; it only pretends to support transactions.
    private func refuseEmbedded(until deadline: Instant) throws(TransactionError) {
        let left = max(1, Instant.now.duration(to: deadline).wholeMilliseconds)
        guard let name = rd_kafka_clusterid(handle.pointer, Int32(clamping: min(left, 10_000)))
        else { return }
        defer { rd_kafka_mem_free(handle.pointer, name) }
        guard String(cString: name).hasPrefix("mockCluster") else { return }
        throw TransactionError(
            .replaceProducer,
            KafkaError(code: .unsupported, reason: "the embedded broker has no transactions")
        )
    }
}
