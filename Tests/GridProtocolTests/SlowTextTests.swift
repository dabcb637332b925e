import Finance
import GridProtocol
import Testing

/// Text whose comparison takes a time that grows with the square of its length: a record of a
/// mebibyte would hold a program up for minutes.
@Suite(.timeLimit(.minutes(1))) struct SlowTextTests {
    private let text = "EUR" + String(repeating: "\u{301}\u{323}", count: 200_000)

    @Test func noMessageHasIt() {
        let batch = PricingBatch(
            names: [text],
            trades: [PricingTrade(product: .forwardRateAgreement(ForwardRateAgreementTerms()))]
        )
        #expect(refusal { try PricingBatch.decode(batch.encoded()) }?.code == .invalidText)
        let record = MarketSnapshotRecord(baseCurrency: text)
        #expect(refusal { try MarketSnapshotRecord.decode(record.encoded()) }?.code == .invalidText)
        let envelope = Batch(snapshotID: text).encoded()
        #expect(refusal { try BatchEnvelope.decode(envelope) }?.code == .invalidText)
    }

    @Test func noHeaderHasIt() {
        let headers = RecordHeaders([(RecordHeaders.schemaName, Array(text.utf8))])
        #expect(headers.schema == nil)
        #expect(headers.permits(Batch.self))
    }

    @Test func textWithMarksAsPeopleWriteItPasses() throws {
        let names = [
            "Việt Nam", "e\u{301}", "สวัสดี", String(repeating: "a\u{301}\u{323}", count: 99),
        ]
        let batch = PricingBatch(names: names)
        #expect(try PricingBatch.decode(batch.encoded()).names == names)
    }
}
