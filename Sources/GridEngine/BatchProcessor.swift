internal import Finance
internal import GridProtocol
internal import GridTopics
internal import KafkaClient
internal import Operations

/// Processes a record that the engine has taken.
///
/// Batches of a cancelled job are finished without a result, and stopped while they are priced.
/// Batches of a paused job are moved to the topic of parked batches, where they wait until it is
/// resumed.
struct BatchProcessor: Sendable {
    let configuration: EngineConfiguration
    let delivery: any ResultDelivery
    let pool: PricerPool
    let jobs: JobFollower
    let pricing: SupervisedPricing
    let counters: EngineCounters
    let logger: Logger

    /// Prices a batch, or skips, parks or dead-letters it; then its pricer is free for others.
    func handle(_ record: ConsumedRecord, with pricer: PricerLease) async throws {
        let takenAt = WireClock.now()
        switch plan(for: record, at: takenAt) {
        case .price(let envelope):
            try await price(envelope, of: record, with: pricer, takenAt: takenAt)
        case .skip(let envelope, let words):
            pool.release(pricer)
            logger.debug(words, SupervisedPricing.facts(of: envelope))
            try await skip(record)
        case .park(let envelope):
            pool.release(pricer)
            try await park(envelope, of: record)
        case .deadLetter(let reason):
            pool.release(pricer)
            try await deadLetter(record, because: reason)
        }
    }

    // MARK: Private

    private enum Plan {
        case price(BatchEnvelope)
        /// No result is wanted any more; the text is logged.
        case skip(BatchEnvelope, words: StaticString)
        case park(BatchEnvelope)
        /// It is not a batch.
        case deadLetter(reason: String)
    }

    private func plan(for record: ConsumedRecord, at now: Int64) -> Plan {
        guard let value = record.value else {
            return .deadLetter(reason: "the record has no value")
        }
        guard RecordHeaders(record).permits(Batch.self) else {
            return .deadLetter(reason: "the record is not a \(Batch.schemaName)")
        }
        let envelope: BatchEnvelope
        do throws(WireError) {
            envelope = try BatchEnvelope.decode(value)
        } catch {
            return .deadLetter(reason: error.reason)
        }
        if envelope.deadline > 0, envelope.deadline < now {
            return .skip(envelope, words: "skipped a batch past its deadline")
        }
        switch jobs.standing(of: envelope.jobID) {
        case .wanted: return .price(envelope)
        case .cancelled: return .skip(envelope, words: "skipped a batch of a cancelled job")
        case .paused: return .park(envelope)
        }
    }

    private func price(
        _ envelope: BatchEnvelope,
        of record: ConsumedRecord,
        with pricer: PricerLease,
        takenAt: Int64
    ) async throws {
        let clock = ContinuousClock.now
        let priced: SupervisedPricing.Outcome
        let ticket = jobs.begin(envelope.jobID, with: pricer)
        do {
            priced = try await pricing.price(envelope, of: record, with: pricer)
        } catch is HandedBack {
            await release(pricer, ticket)
            delivery.abandon(record)
            logger.info("returned a batch to the group", SupervisedPricing.facts(of: envelope))
            return
        } catch {
            // Any failure of a pricer that was killed for the job, even while it starts, ends the
            // job.
            let wasKilled = await release(pricer, ticket)
            guard wasKilled || error is JobCancelled else { throw error }
            logger.info("stopped a batch of a cancelled job", SupervisedPricing.facts(of: envelope))
            try await skip(record)
            return
        }
        await release(pricer, ticket)
        let result = BatchResult(
            envelope: envelope,
            parts: priced.supervision.parts,
            engineID: configuration.engineID,
            attempt: priced.supervision.attempts,
            takenAt: takenAt,
            pricedAt: WireClock.now()
        )
        let records =
            priced.letters.map(self.record) + [
                ProducedRecord(
                    topic: configuration.topics.results,
                    key: Array(envelope.jobID.utf8),
                    message: result,
                    jobID: envelope.jobID,
                    batchIndex: envelope.index
                )
            ]
        guard try await delivery.deliver(records, finishing: record) else {
            logger.debug(
                "dropped a batch that was reassigned",
                SupervisedPricing.facts(of: envelope)
            )
            return
        }
        logger.info(
            "priced a batch",
            SupervisedPricing.facts(
                of: envelope,
                adding: [
                    .trades: String(envelope.tradeCount), .attempt: String(result.attempt),
                    .count: String(priced.letters.count),
                ]
            )
        )
        logFailures(of: envelope, in: record, priced.supervision.parts)
        for _ in priced.letters { counters.wroteDeadLetter() }
        counters.delivered(trades: Int(envelope.tradeCount), after: clock.duration(to: .now))
    }

    /// Logs a line for each of the first failed trades, so that their lines are found.
    private func logFailures(
        of envelope: BatchEnvelope,
        in record: ConsumedRecord,
        _ parts: [BatchBisection.Part]
    ) {
        guard logger.writes(.info) else { return }
        let failed = FailedTrades(parts)
        guard failed.count > 0 else { return }
        let headers = record.value.flatMap { try? Batch.decode($0) }?.headers ?? []
        for trade in failed.named {
            var facts: [LogKey: String] = [
                .failureCode: trade.reason.code.rawValue, .error: trade.reason.message,
            ]
            if trade.position < headers.count {
                facts[.tradeID] = headers[trade.position].tradeID
            }
            logger.info("a trade failed", SupervisedPricing.facts(of: envelope, adding: facts))
        }
        if failed.count > failed.named.count {
            logger.info(
                "further trades of a batch failed",
                SupervisedPricing.facts(
                    of: envelope,
                    adding: [.trades: String(failed.count - failed.named.count)]
                )
            )
        }
    }

    /// Returns a pricer to the pool; a killed process is detected first.
    ///
    /// - Returns: whether it was killed because its job was cancelled.
    @discardableResult
    private func release(_ lease: PricerLease, _ ticket: JobFollower.Ticket) async -> Bool {
        let wasKilled = jobs.end(ticket)
        if wasKilled { await lease.pricer?.stop() }
        pool.release(lease)
        return wasKilled
    }

    /// Finishes a record without a result.
    private func skip(_ record: ConsumedRecord) async throws {
        if try await delivery.deliver([], finishing: record) { counters.skippedBatch() }
    }

    /// Moves a batch to the end of the topic of parked batches.
    private func park(_ envelope: BatchEnvelope, of record: ConsumedRecord) async throws {
        logger.debug("parked a batch of a paused job", SupervisedPricing.facts(of: envelope))
        let parked = ProducedRecord(
            parking: record,
            envelope,
            in: configuration.topics.parkedBatches,
            at: jobs.position
        )
        if try await delivery.deliver([parked], finishing: record) { counters.parkedBatch() }
    }

    private func deadLetter(_ record: ConsumedRecord, because reason: String) async throws {
        logger.info(
            "undecodable batch",
            [.kafkaOffset: String(record.offset), .error: reason]
        )
        let letter = DeadLetter(record: record, cause: reason, engineID: configuration.engineID)
        if try await delivery.deliver([self.record(of: letter)], finishing: record) {
            counters.wroteDeadLetter()
        }
    }

    private func record(of letter: DeadLetter) -> ProducedRecord {
        ProducedRecord(
            topic: configuration.topics.deadLetters,
            key: Array(letter.jobID.utf8),
            message: letter
        )
    }
}
