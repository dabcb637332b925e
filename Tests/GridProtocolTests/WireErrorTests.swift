import GridProtocol
import Testing

@Suite struct WireErrorTests {
    @Test(
        arguments: [
            ("0a", WireError.Code.truncated, 1),
            ("0a05 6162", .truncated, 1),
            ("0affffffffffffffff7f", .truncated, 1),
            ("0affffffffffffffffff01", .truncated, 1),
            ("18", .truncated, 1),
            ("1880", .truncated, 2),
            ("18ffffffffffffffffff02", .malformed, 1),
            ("18ffffffffffffffffffff01", .malformed, 1),
            ("00", .malformed, 0),
            ("0005", .malformed, 0),
            ("ffffffffff01 00", .malformed, 0),
            ("0b", .malformed, 1),
            ("0c", .malformed, 1),
            ("0e", .malformed, 1),
            ("0f", .malformed, 1),
            ("0a02 ff41", .invalidText, 2),
            ("0a03 eda080", .invalidText, 2),
            ("0a3f 61" + String(repeating: "cc81", count: 31), .invalidText, 2),
            ("0a02 c080", .invalidText, 2),
        ])
    func hostileBytesGiveTheirReason(
        hexadecimal: String,
        code: WireError.Code,
        offset: Int
    ) throws {
        let error = refusal {
            try JobRecord.decode([UInt8](hexadecimal: hexadecimal))
        }
        #expect(error?.code == code)
        #expect(error?.offset == offset)
        #expect(error?.reason.isEmpty == false)
    }

    @Test func aListOfDoublesHasWholeDoubles() {
        #expect(throws: WireError.self) {
            try PricedMetric.decode([42, 7, 1, 2, 3, 4, 5, 6, 7])
        }
    }

    @Test func aPackedNumberDoesNotRunPastItsList() {
        #expect(throws: WireError.self) { try PricedMetric.decode([34, 1, 0x80, 0x01]) }
    }

    @Test func aFieldDoesNotRunPastItsMessage() {
        // A trade of one byte whose metric claims the bytes that follow the trade.
        #expect(throws: WireError.self) { try PricedBatch.decode([10, 2, 34, 2, 8, 1]) }
    }

    @Test func nestingStopsAtItsLimit() throws {
        let batch = PricingBatch(trades: [
            PricingTrade(product: .swap(SwapTerms(fixedLeg: LegTerms(rate: 1))))
        ])
        var limits = WireLimits()
        limits.maximumDepth = 3
        #expect(try PricingBatch.decode(batch.encoded(), limits: limits) == batch)
        limits.maximumDepth = 2
        let error = refusal {
            try PricingBatch.decode(batch.encoded(), limits: limits)
        }
        #expect(error?.code == .tooDeep)
    }

    @Test func aListOfEmptyMessagesCostsNoMoreThanItsLimit() {
        let million = Array(repeating: [26, 0] as [UInt8], count: 1_000_000).flatMap { $0 }
        let error = refusal { try PricingBatch.decode(million) }
        #expect(error?.code == .tooLarge)
    }

    @Test func aMessageOverTheLimitIsNotLookedAt() {
        var limits = WireLimits()
        limits.maximumBytes = 3
        let error = refusal {
            try JobRecord.decode([0x18, 5, 0x20, 6], limits: limits)
        }
        #expect(error?.code == .tooLarge)
    }

    @Test func descriptionsNameThePlace() {
        #expect("\(WireError(code: .malformed, offset: 3, reason: "wrong"))" == "wrong (at byte 3)")
        #expect("\(WireError(code: .invalidValue, reason: "wrong"))" == "wrong")
    }
}
