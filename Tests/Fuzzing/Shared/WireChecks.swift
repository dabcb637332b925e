import Finance
import GridProtocol

/// What must hold of any bytes that are decoded as a message.
enum WireChecks {
    /// The messages of the schema.
    ///
    /// Seeds name them by position: add at the end only.
    static let messages: [any WireMessage.Type] = [
        Batch.self, BatchResult.self, CurveAssignment.self, CurveRecord.self, DeadLetter.self,
        EquityOptionTerms.self, EquityRecord.self, ExchangeRateRecord.self, Failure.self,
        FixingSeries.self, ForwardRateAgreementTerms.self, Heartbeat.self, JobRecord.self,
        LegTerms.self, MarketSnapshotRecord.self, PricedBatch.self, PricedMetric.self,
        PricedTrade.self, PricerHello.self, PricerReply.self, PricerRequest.self,
        PricerSnapshot.self, PricerWork.self, PricingBatch.self, PricingTrade.self,
        SwapTerms.self, TestTerms.self, TradeHeader.self, VolatilityRecord.self, EngineWork.self,
    ]

    /// Decodes `bytes` as the message at a position of ``messages``, and looks into it.
    static func check(_ position: Int, _ bytes: [UInt8]) {
        let type = messages[position]
        checkMessage(type, bytes)
        if type == Batch.self { checkEnvelope(bytes) }
    }

    /// A message that is decoded encodes to bytes that decode to it.
    static func checkMessage<Message: WireMessage>(_ type: Message.Type, _ bytes: [UInt8]) {
        let message: Message
        do throws(WireError) {
            message = try Message.decode(bytes)
        } catch {
            require(
                error.offset.map { (0...bytes.count).contains($0) } == true,
                "an error of the decoder has a place within the bytes"
            )
            return
        }
        let encoded = message.encoded()
        let again = mustSucceed("an encoded message decodes") { () throws(WireError) in
            try Message.decode(([7, 7] + encoded)[2...])
        }
        require(again.encoded() == encoded, "equal messages give equal bytes")
        switch message {
        case let batch as Batch: check(batch)
        case let batch as PricedBatch: check(batch, of: bytes)
        case let batch as PricingBatch: check(batch)
        case let record as MarketSnapshotRecord: check(record)
        case let result as BatchResult:
            for part in result.parts { checkMessage(PricedBatch.self, part) }
        case let request as PricerRequest: check(request)
        case let reply as PricerReply: check(reply)
        default: break
        }
    }

    // MARK: Private

    private static func check(_ batch: Batch) {
        let hash = ContentHash()
        hash.add(batch)
        require(hash.digest().count == 32, "a hash has 32 bytes")
        let ids = try? batch.tradeIDs()
        if let summaries = try? batch.tradeSummaries() {
            require(summaries.map(\.id) == ids, "summaries and ids are of the same trades")
            let headers = TradeHeaders(summaries: summaries)
            let again = Batch(names: headers.names, headers: headers.headers)
            let back = mustSucceed("made headers are sound") { () throws(WireError) in
                try again.tradeSummaries()
            }
            require(
                TradeHeaders(summaries: back).headers.map { $0.encoded() }
                    == headers.headers.map { $0.encoded() },
                "summaries survive"
            )
        }
        checkMessage(PricingBatch.self, batch.payload)
    }

    /// The envelope is that of the whole message, whenever there is one with a possible size.
    private static func checkEnvelope(_ bytes: [UInt8]) {
        let envelope = try? BatchEnvelope.decode(bytes)
        guard let batch = try? Batch.decode(bytes) else { return }
        let isPossible = (1...BatchEnvelope.maximumTrades).contains(batch.tradeCount)
        require(
            (envelope != nil) == isPossible,
            "a batch of possible size, and no other, has an envelope"
        )
        guard let envelope else { return }
        require(
            envelope.jobID == batch.jobID && envelope.index == batch.index
                && envelope.tradeCount == batch.tradeCount
                && envelope.snapshotID == batch.snapshotID && envelope.queuedAt == batch.queuedAt
                && envelope.deadline == batch.deadline && envelope.payload == batch.payload[...],
            "an envelope says what its batch says"
        )
    }

    private static func check(_ batch: PricedBatch, of bytes: [UInt8]) {
        let count = mustSucceed("trades of a batch are counted") { () throws(WireError) in
            try PricedBatch.tradeCount(of: bytes)
        }
        require(count == batch.trades.count, "counting agrees with decoding")
        guard let results = try? batch.results() else { return }
        require(results.count == batch.trades.count, "each trade has a result")
        let made = PricedBatch(results: results)
        let back = mustSucceed("results that were read can be read again") {
            () throws(WireError) in try made.results()
        }
        require(
            PricedBatch(results: back).encoded() == made.encoded(),
            "results survive"
        )
    }

    private static func check(_ batch: PricingBatch) {
        var reader = PricingBatchReader(batch)
        let metrics = (try? reader.metrics()) ?? []
        for position in 0..<reader.count {
            guard case .product(let product)? = try? reader.terms(at: position) else { continue }
            _ = product.problems()
            for metric in metrics { _ = metric.applies(to: product) }
            _ = TradeSummary(Trade(id: someID, product: product))
            var builder = PricingBatchBuilder(metrics: metrics)
            guard (try? builder.add(product)) != nil else { continue }
            let built = builder.build()
            let back = mustSucceed("a trade that was read can be read again") {
                () throws(WireError) in try built.terms(at: 0)
            }
            guard case .product(let again) = back else {
                fatalError("broken promise: a product stays one")
            }
            var second = PricingBatchBuilder(metrics: metrics)
            _ = try? second.add(again)
            require(second.build().encoded() == built.encoded(), "products survive")
        }
        _ = try? reader.terms(at: reader.count)
    }

    private static func check(_ record: MarketSnapshotRecord) {
        guard let snapshot = try? record.marketSnapshot() else { return }
        _ = snapshot.problems()
        let canonical = MarketSnapshotRecord(snapshot)
        let back = mustSucceed("a canonical record is a snapshot") { () throws(WireError) in
            try canonical.marketSnapshot()
        }
        require(
            MarketSnapshotRecord(back).encoded() == canonical.encoded(),
            "a snapshot keeps its id"
        )
    }

    private static func check(_ request: PricerRequest) {
        switch request.request {
        case .snapshot(let upload)?: checkMessage(MarketSnapshotRecord.self, upload.snapshot)
        case .work(let work)?: checkMessage(PricingBatch.self, work.payload)
        case nil: break
        }
    }

    private static func check(_ reply: PricerReply) {
        switch reply.reply {
        case .priced(let bytes)?: checkMessage(PricedBatch.self, bytes)
        case .refused(let failure)?:
            require(
                Failure(FailureReason(failure)).encoded() == failure.encoded(),
                "reasons survive"
            )
        default: break
        }
    }

    private static let someID: TradeID = {
        guard let id = TradeID(rawValue: "T") else { fatalError("`T` is a trade id") }
        return id
    }()
}
