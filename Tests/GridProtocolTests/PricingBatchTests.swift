import Finance
import GridProtocol
import Testing

@Suite struct PricingBatchTests {
    @Test func productsComeBackAsTheyWere() throws {
        let trades = try Samples.trades()
        let made = try PricingBatch(trades: trades, metrics: [.npv, .parRate])
        let batch = try PricingBatch.decode(made.encoded())
        var reader = PricingBatchReader(batch)
        #expect(try reader.metrics() == [.npv, .parRate])
        #expect(reader.count == trades.count)
        for (position, trade) in trades.enumerated() {
            #expect(try reader.terms(at: position) == .product(trade.product))
            #expect(try batch.terms(at: position) == .product(trade.product))
            #expect(try batch.trade(at: position)?.product == trade.product)
        }
        #expect(try batch.trade(at: 3)?.id.rawValue == "3")
    }

    @Test func everyConventionComesBack() throws {
        guard case .swap(let plain) = try Samples.swap() else { return }
        var builder = PricingBatchBuilder(metrics: [])
        var products: [Product] = []
        for dayCount in DayCount.allCases {
            for calendar in BusinessCalendar.allCases + [.newYork.joined(with: .london)] {
                for convention in BusinessDayConvention.allCases {
                    var swap = plain
                    swap.fixedLeg.dayCount = dayCount
                    swap.floatingLeg.schedule.calendar = calendar
                    swap.floatingLeg.paymentConvention = convention
                    products.append(.swap(swap))
                    try builder.add(.swap(swap))
                }
            }
        }
        #expect(builder.count == products.count)
        var reader = PricingBatchReader(builder.build())
        for (position, product) in products.enumerated() {
            #expect(try reader.terms(at: position) == .product(product))
        }
    }

    @Test func aNameTravelsOnce() throws {
        let batch = try PricingBatch(
            trades: Array(repeating: try Samples.trades(), count: 16).flatMap { $0 },
            metrics: [.npv]
        )
        #expect(batch.names.count == Set(batch.names).count)
        // 96 trades, half of them swaps.
        #expect(batch.encoded().count < 12_000)
    }

    @Test func testTradesTellTheirBehaviour() throws {
        var builder = PricingBatchBuilder(metrics: [.npv])
        builder.addTest(behaviour: "crash")
        try builder.add(try Samples.swap())
        let batch = builder.build()
        #expect(try batch.terms(at: 0) == .test("crash"))
        #expect(try batch.trade(at: 0) == nil)
        #expect(try batch.terms(at: 1) == .product(try Samples.swap()))
    }

    @Test func aSwapOfOneKindOfLegIsRefused() throws {
        guard case .swap(let swap) = try Samples.swap() else { return }
        var builder = PricingBatchBuilder(metrics: [])
        for wrong in [
            Swap(fixedLeg: swap.fixedLeg, floatingLeg: swap.fixedLeg),
            Swap(fixedLeg: swap.floatingLeg, floatingLeg: swap.floatingLeg),
            Swap(fixedLeg: swap.floatingLeg, floatingLeg: swap.fixedLeg),
        ] {
            #expect(throws: WireError.self) { try builder.add(.swap(wrong)) }
        }
        #expect(builder.count == 0)
    }

    @Test func aTradeThatMakesNoSenseHarmsNoOther() throws {
        var batch = try PricingBatch(trades: try Samples.trades(), metrics: [.npv])
        batch.trades[0].product = .swap(SwapTerms(fixedLeg: LegTerms()))
        batch.trades[1].product = nil
        batch.trades[2].product = .equityOption(EquityOptionTerms(underlying: 9_999))
        batch.trades[3].product = .equityOption(EquityOptionTerms(currency: 1, expiryDay: 99_999))
        var reader = PricingBatchReader(batch)
        for position in [0, 1, 2, 3, -1, 6, .max] {
            #expect(throws: WireError.self) { try reader.terms(at: position) }
        }
        #expect(try reader.terms(at: 4) == .product(try Samples.swap(rate: 0, fixingDays: 0)))
    }

    @Test func anUnknownMetricIsNamed() {
        let error = refusal {
            try PricingBatchReader(PricingBatch(metrics: ["NPV", "Charm"])).metrics()
        }
        #expect(error?.reason.contains("Charm") == true)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func hostileBatchesNeverTrap(seed: UInt64) throws {
        var generator = SplitMix64(state: seed)
        let bytes = try PricingBatch(trades: try Samples.trades(), metrics: [.npv]).encoded()
        for _ in 0..<500 {
            var changed = bytes
            for _ in 0..<3 {
                let position = changed.indices.randomElement(using: &generator) ?? 0
                changed[position] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let batch = try? PricingBatch.decode(changed) else { continue }
            var reader = PricingBatchReader(batch)
            for position in 0..<reader.count { _ = try? reader.terms(at: position) }
        }
    }
}
