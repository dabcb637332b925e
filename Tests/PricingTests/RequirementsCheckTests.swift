import Finance
import PortfolioFiles
import Pricing
import Testing

/// The check says what pricing says.
@Suite(.timeLimit(.minutes(2))) struct RequirementsCheckTests {
    private static let codes: Set<FailureReason.Code> = [.missingMarketData, .missingFixing]

    /// Compares the check with pricing, trade by trade; returns the kinds that were missing.
    private func agree(
        _ trades: [Trade],
        _ snapshot: MarketSnapshot,
        _ metrics: [Metric] = [.npv]
    ) throws -> Set<MissingData.Kind> {
        let session = try PricingSession(snapshot: snapshot)
        let check = try RequirementsCheck(snapshot: snapshot)
        var kinds: Set<MissingData.Kind> = []
        for trade in trades {
            let failure = session.price(trade.product, metrics: metrics).failure
            let missing = try check.missingData(for: trade.product, metrics: metrics)
            kinds.formUnion(missing.map(\.kind))
            if let failure, Self.codes.contains(failure.code) {
                #expect(
                    missing.contains { $0.message == failure.message },
                    "\(trade.id) \(failure)"
                )
            } else if !missing.isEmpty {
                // Something else is wrong with it as well; but it has no value.
                #expect(failure != nil, "\(trade.id) \(missing)")
            }
        }
        return kinds
    }

    private static let market = Result { try ExampleMarket(synthetic: 300) }

    /// The portfolio without what takes a grid to price.
    private static func quick(_ trades: [Trade]) -> [Trade] {
        trades.filter {
            if case .equityOption(let option) = $0.product {
                option.style == .european
            } else {
                true
            }
        }
    }

    @Test func nothingIsMissingWhereAllTradesPrice() throws {
        let market = try Self.market.get()
        let kinds = try agree(Self.quick(market.trades), market.snapshot)
        #expect(kinds.isEmpty)
    }

    @Test func pricingAndCheckAgreeWithPiecesRemovedAtRandom() throws {
        let market = try Self.market.get()
        let trades = Self.quick(market.trades)
        var random = SplitMix(state: 20_261_201)
        var kinds: Set<MissingData.Kind> = []
        for _ in 0..<25 {
            var snapshot = market.snapshot
            for currency in snapshot.discountCurves.keys.sorted() where random.hits(5) {
                snapshot.discountCurves[currency] = nil
            }
            for index in snapshot.forwardCurves.keys.sorted(by: { $0.name < $1.name })
            where random.hits(5) {
                snapshot.forwardCurves[index] = nil
            }
            snapshot.exchangeRates.removeAll { _ in random.hits(4) }
            snapshot.equities.removeAll { _ in random.hits(4) }
            snapshot.fixings.removeAll { _ in random.hits(3) }
            for number in snapshot.curves.indices where random.hits(3) {
                snapshot.curves[number].extrapolation = .none
                let nodes = snapshot.curves[number].nodes
                snapshot.curves[number].nodes = Array(nodes.prefix(max(2, nodes.count / 2)))
            }
            let day = snapshot.valuationDate.adding(days: Int(random.next() % 40))
            if random.hits(2) { snapshot = snapshot.moved(to: day) }
            kinds.formUnion(
                try agree(trades, snapshot, random.hits(2) ? [.npv] : [.fwdRate, .parRate, .delta])
            )
        }
        #expect(kinds == Set(MissingData.Kind.allCases))
    }

    @Test func theFixingsMissingAreNamedOnce() throws {
        let market = try Self.market.get()
        var snapshot = market.snapshot
        snapshot.fixings = []
        let check = try RequirementsCheck(snapshot: snapshot)
        var needed: Set<String> = []
        for trade in market.trades {
            for piece in try check.missingData(for: trade.product, metrics: [.npv]) {
                #expect(piece.kind == .fixing)
                needed.insert("\(piece.name) \(piece.date.map(\.description) ?? "")")
            }
        }
        let given = Set(market.snapshot.fixings.map { "\($0.index) \($0.date)" })
        #expect(!needed.isEmpty)
        #expect(needed.isSubset(of: given))
    }
}

/// Random numbers that are the same on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// True once in `n`.
    mutating func hits(_ n: UInt64) -> Bool { next() % n == 0 }
}

extension MarketSnapshot {
    /// The snapshot as if it had been observed on another day: its curves begin there.
    fileprivate func moved(to day: CalendarDate) -> MarketSnapshot {
        var moved = self
        let days = day.days(since: valuationDate)
        moved.valuationDate = day
        for number in moved.curves.indices {
            for node in moved.curves[number].nodes.indices {
                moved.curves[number].nodes[node].date =
                    curves[number].nodes[node].date.adding(days: days)
            }
        }
        return moved
    }
}
