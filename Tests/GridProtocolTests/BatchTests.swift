import Finance
import GridProtocol
import Testing

@Suite struct BatchTests {
    private func makeBatch() throws -> Batch {
        let trades = try Samples.trades()
        let headers = TradeHeaders(trades)
        return Batch(
            jobID: "eod-1",
            index: 7,
            tradeCount: UInt32(trades.count),
            snapshotID: "sha256:x",
            queuedAt: 1_700_000_000_000_000,
            deadline: -1,
            payload: try PricingBatch(trades: trades, metrics: [.npv]).encoded(),
            names: headers.names,
            headers: headers.headers
        )
    }

    @Test func theEnvelopeHasWhatTheBatchHas() throws {
        let batch = try makeBatch()
        let envelope = try BatchEnvelope.decode(batch.encoded())
        #expect(envelope.jobID == batch.jobID)
        #expect(envelope.index == batch.index)
        #expect(envelope.tradeCount == batch.tradeCount)
        #expect(envelope.snapshotID == batch.snapshotID)
        #expect(envelope.queuedAt == batch.queuedAt)
        #expect(envelope.deadline == batch.deadline)
        #expect(Array(envelope.payload) == batch.payload)
        #expect(try PricingBatch.decode(envelope.payload).trades.count == 6)
    }

    @Test(arguments: [UInt32(0), 1_001, 400_000_000, .max])
    func aBatchThatSaysImpossiblyManyTradesIsRefused(count: UInt32) throws {
        var batch = try makeBatch()
        batch.tradeCount = count
        let bytes = batch.encoded()
        #expect(throws: WireError.self) { try BatchEnvelope.decode(bytes) }
    }

    @Test func truncatedEnvelopesAreRefusedOrSound() throws {
        let bytes = try makeBatch().encoded()
        for length in 0..<bytes.count { _ = try? BatchEnvelope.decode(Array(bytes[..<length])) }
        #expect(throws: WireError.self) { try BatchEnvelope.decode(Array(bytes.dropLast())) }
    }

    @Test func headersComeBackAsSummaries() throws {
        let trades = try Samples.trades()
        let batch = try Batch.decode(try makeBatch().encoded())
        #expect(try batch.tradeSummaries() == trades.map(TradeSummary.init))
        #expect(try batch.tradeIDs() == trades.map(\.id))
        #expect(batch.names.count == Set(batch.names).count)
    }

    @Test(
        arguments: [
            TradeHeader(), TradeHeader(tradeID: "a\nb"),
            TradeHeader(tradeID: "a", book: 1), TradeHeader(tradeID: "a", type: .max),
            TradeHeader(tradeID: "a", maturityDay: .max),
        ])
    func headersThatMakeNoSenseAreRefused(header: TradeHeader) {
        #expect(throws: WireError.self) {
            try Batch(names: ["x"], headers: [header]).tradeSummaries()
        }
    }

    @Test func theContentHashSeesPayloadsNamesHeadersAndOrderButNoTimes() throws {
        func digest(_ batches: [Batch]) -> [UInt8] {
            let hash = ContentHash()
            for batch in batches { hash.add(batch) }
            return hash.digest()
        }
        let batch = try makeBatch()
        let plain = digest([batch, Batch()])
        #expect(plain.count == 32)
        var later = batch
        later.queuedAt += 1
        #expect(digest([later, Batch()]) == plain)
        #expect(digest([Batch(), batch]) != plain)
        #expect(digest([batch]) != plain)
        var changed = batch
        changed.payload[0] ^= 1
        #expect(digest([changed, Batch()]) != plain)
        changed = batch
        changed.names[0] += "x"
        #expect(digest([changed, Batch()]) != plain)
        changed = batch
        changed.headers[0].notional = 1
        #expect(digest([changed, Batch()]) != plain)
    }
}
