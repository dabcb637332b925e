internal import Finance
internal import GridProtocol
internal import KafkaClient
internal import Operations

extension BatchResult {
    /// The record of a finished batch.
    init(
        envelope: BatchEnvelope,
        parts: [BatchBisection.Part],
        engineID: String,
        attempt: Int,
        takenAt: Int64,
        pricedAt: Int64
    ) {
        self.init()
        jobID = envelope.jobID
        index = envelope.index
        tradeCount = envelope.tradeCount
        snapshotID = envelope.snapshotID
        self.engineID = engineID
        self.attempt = UInt32(attempt)
        queuedAt = envelope.queuedAt
        self.takenAt = takenAt
        self.pricedAt = pricedAt
        engineVersion = BuildInformation.version
        self.parts = parts.map { part in
            switch part {
            case .priced(let bytes): return bytes
            case .failed(_, let reason): return PricedBatch(failure: reason).encoded()
            }
        }
    }
}

extension PricedBatch {
    /// The result of one trade for which no pricer could reply.
    init(failure reason: FailureReason) {
        self.init(results: [TradeResult(outcome: .failed(reason))])
    }
}

extension DeadLetter {
    /// The letter of a record that is not a batch.
    init(record: ConsumedRecord, cause reason: String, engineID: String) {
        self.init()
        topic = record.topic
        partition = record.partition
        offset = record.offset
        cause = FailureReason.Code.undecodable.rawValue
        message = reason
        self.engineID = engineID
        attempt = 1
        at = WireClock.now()
        bytes = Self.kept(record)
    }

    /// The letter of a trade that killed its pricer; its bytes are the batch.
    init(
        record: ConsumedRecord,
        envelope: BatchEnvelope,
        position: Int,
        reason: FailureReason,
        signal: Int32,
        attempt: Int,
        engineID: String
    ) {
        self.init()
        topic = record.topic
        partition = record.partition
        offset = record.offset
        cause = reason.code.rawValue
        message = reason.message
        jobID = envelope.jobID
        batchIndex = envelope.index
        tradeID =
            record.value.flatMap { try? Batch.decode($0) }
            .flatMap { batch in
                position < batch.headers.count ? batch.headers[position].tradeID : nil
            } ?? ""
        self.signal = signal
        self.attempt = UInt32(attempt)
        self.engineID = engineID
        at = WireClock.now()
        bytes = Self.kept(record)
    }

    /// As much of the record as fits into a dead letter beside its facts.
    private static func kept(_ record: ConsumedRecord) -> [UInt8] {
        Array((record.value ?? []).prefix(Topics.maximumRecordBytes - (64 << 10)))
    }
}
