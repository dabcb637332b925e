import GridProtocol
import Testing

@Suite(.timeLimit(.minutes(2))) struct WireMessageTests {
    @Test func everyMessageHasTheBytesOfProtobufsOwnLibrary() throws {
        #expect(ProtocFixtures.all.count >= 29)
        for fixture in ProtocFixtures.all { try fixture.checkEquality() }
    }

    @Test func everyTruncationIsRefusedOrSound() throws {
        for fixture in ProtocFixtures.all {
            for length in 0..<fixture.bytes.count {
                try fixture.decodeAnything(Array(fixture.bytes[..<length]))
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func changedBytesNeverTrap(seed: UInt64) throws {
        var generator = SplitMix64(state: seed)
        for fixture in ProtocFixtures.all where !fixture.bytes.isEmpty {
            for _ in 0..<150 {
                var bytes = fixture.bytes
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let position = bytes.indices.randomElement(using: &generator) ?? 0
                    bytes[position] = UInt8.random(in: 0...255, using: &generator)
                }
                try fixture.decodeAnything(bytes)
            }
        }
    }

    @Test func randomBytesNeverTrap() throws {
        var generator = SplitMix64(state: 7)
        for fixture in ProtocFixtures.all {
            for _ in 0..<100 {
                let count = Int.random(in: 0...60, using: &generator)
                try fixture.decodeAnything(
                    (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
                )
            }
        }
    }

    @Test func unknownFieldsOfEveryWireTypeArePassedOver() throws {
        // 200: a varint, eight bytes, a text, four bytes; then trade_count = 5
        let bytes = [UInt8](
            hexadecimal: "c00c ff01 c10c 0102030405060708 c20c 03 616263 c50c 01020304 1805"
        )
        #expect(try JobRecord.decode(bytes) == JobRecord(tradeCount: 5))
    }

    @Test func aKnownFieldOfAnotherWireTypeIsPassedOver() throws {
        #expect(try JobRecord.decode([0x1A, 1, 0x61, 0x18, 5]) == JobRecord(tradeCount: 5))
    }

    @Test func packedAndUnpackedListsReadTheSame() throws {
        let unpacked = [UInt8](hexadecimal: "5801 58ffffffffffffffffff01 5802")
        let packed = [UInt8](hexadecimal: "5a0c 01ffffffffffffffffff0102")
        let expected = Heartbeat(partitions: [1, -1, 2])
        #expect(try Heartbeat.decode(unpacked) == expected)
        #expect(try Heartbeat.decode(packed) == expected)
        #expect(try Heartbeat.decode(unpacked + packed).partitions == [1, -1, 2, 1, -1, 2])
    }

    @Test func aMessageInPartsIsMergedAndTheLastCaseWins() throws {
        let rate = PricedTrade(failure: Failure(code: "a", field: "b")).encoded()
        let more = PricedTrade(failure: Failure(field: "c", message: "d")).encoded()
        #expect(
            try PricedTrade.decode(rate + more).failure
                == Failure(code: "a", field: "c", message: "d")
        )

        let first = PricingTrade(product: .swap(SwapTerms(fixedLeg: LegTerms(rate: 1)))).encoded()
        let second = PricingTrade(product: .swap(SwapTerms(floatingLeg: LegTerms(rate: 2))))
            .encoded()
        let option = PricingTrade(product: .equityOption(EquityOptionTerms(strike: 3))).encoded()
        #expect(
            try PricingTrade.decode(option + first + second).product
                == .swap(SwapTerms(fixedLeg: LegTerms(rate: 1), floatingLeg: LegTerms(rate: 2)))
        )
        #expect(
            try PricingTrade.decode(first + option).product
                == .equityOption(EquityOptionTerms(strike: 3))
        )
    }

    @Test func unknownEnumerationNumbersSurvive() throws {
        let record = JobRecord(state: JobState(rawValue: -77))
        #expect(try JobRecord.decode(record.encoded()) == record)
    }

    @Test(arguments: [0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, 0.1])
    func doublesKeepTheirBits(value: Double) throws {
        let metric = PricedMetric(value: value, baseValue: value, factorValues: [value, 1])
        let decoded = try PricedMetric.decode(metric.encoded())
        #expect(decoded.value.bitPattern == value.bitPattern)
        #expect(decoded.baseValue?.bitPattern == value.bitPattern)
        #expect(decoded.factorValues.first?.bitPattern == value.bitPattern)
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])
    func nestedMessagesOfEveryLengthAreFramed(length: Int) throws {
        let text = String(repeating: "x", count: length)
        let batch = PricedBatch(
            trades: [PricedTrade(failure: Failure(message: text)), PricedTrade(engine: 3)],
            names: [text, ""]
        )
        #expect(try PricedBatch.decode(batch.encoded()) == batch)
        #expect(try PricedBatch.tradeCount(of: batch.encoded()) == 2)
    }
}
