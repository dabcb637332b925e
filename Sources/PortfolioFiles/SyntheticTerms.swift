internal import Finance
internal import Glibc

/// Makes single trades that suit a market snapshot.
struct SyntheticTerms: Sendable {
    /// The kinds of trade.
    enum Kind: Sendable {
        case swap, forwardRateAgreement, europeanOption, americanOption
    }

    /// An index that the snapshot can price.
    private struct Market: Sendable {
        var convention: SwapConvention
        var curve: Curve
        var hasFixings: Bool
    }

    private let valuationDate: CalendarDate
    private let markets: [Market]
    private let equities: [Equity]
    private let unfixedIndex: InterestRateIndex?
    private let unforecastIndex: InterestRateIndex?
    private let uncurvedIndex: InterestRateIndex?

    init(_ snapshot: MarketSnapshot) {
        valuationDate = snapshot.valuationDate
        let curves = Dictionary(snapshot.curves.map { ($0.id, $0) }) { first, _ in first }
        let fixings = Dictionary(grouping: snapshot.fixings, by: \.index)
        var markets: [Market] = []
        for (index, id) in snapshot.forwardCurves.sorted(by: { $0.key.name < $1.key.name }) {
            guard let curve = curves[id], snapshot.discountCurves[index.currency] != nil,
                snapshot.baseRate(of: index.currency) != nil, index.tenor.approximateDays >= 28
            else { continue }
            let oldest = snapshot.valuationDate.adding(days: -index.tenor.approximateDays - 14)
            let days = fixings[index]?.map(\.date) ?? []
            // About every weekday of the last period, so that no current coupon lacks its own.
            let recent = days.filter { oldest...snapshot.valuationDate ~= $0 }.count
            markets.append(
                Market(
                    convention: Self.convention(of: index),
                    curve: curve,
                    hasFixings: recent * 10 >= index.tenor.approximateDays * 6
                )
            )
        }
        self.markets = markets
        let volatilities = Set(snapshot.volatilities.map(\.id))
        equities = snapshot.equities.filter {
            snapshot.baseRate(of: $0.currency) != nil && volatilities.contains($0.volatility)
                && curves[$0.dividendCurve] != nil && curves[$0.fundingCurve] != nil
        }
        unfixedIndex = markets.first { !$0.hasFixings }?.convention.index
        unforecastIndex = ["EUR-EURIBOR-1M", "USD-SOFR-1M", "GBP-SONIA-1M"]
            .compactMap { InterestRateIndex(name: $0) }
            .first {
                snapshot.forwardCurves[$0] == nil && snapshot.discountCurves[$0.currency] != nil
            }
        uncurvedIndex = ["CHF-LIBOR-6M", "JPY-TIBOR-6M", "GBP-SONIA-6M", "USD-SOFR-6M"]
            .compactMap { InterestRateIndex(name: $0) }
            .first { snapshot.discountCurves[$0.currency] == nil }
    }

    /// Whether the snapshot can price a kind of trade.
    func canMake(_ kind: Kind) -> Bool {
        switch kind {
        case .swap, .forwardRateAgreement: !markets.isEmpty
        case .europeanOption, .americanOption: !equities.isEmpty
        }
    }

    /// Makes a trade; its kind is one that can be made.
    func makeTrade(_ kind: Kind, number: Int, _ random: inout SplitMix64) -> Trade {
        switch kind {
        case .swap:
            guard let market = random.element(of: markets) else { break }
            return trade("SWAP", number, .swap(makeSwap(market, &random)), &random)
        case .forwardRateAgreement:
            guard let market = random.element(of: markets) else { break }
            let agreement = makeAgreement(market, &random)
            return trade("FRA", number, .forwardRateAgreement(agreement), &random)
        case .europeanOption, .americanOption: break
        }
        let option = makeOption(kind == .americanOption ? .american : .european, &random)
        return trade("EQO", number, .equityOption(option), &random)
    }

    /// Makes a trade that cannot be priced; `order` goes through the reasons.
    func makeUnpriceable(_ order: Int, number: Int, _ random: inout SplitMix64) -> Trade {
        switch order % 6 {
        case 0:
            guard let unfixedIndex else { break }
            let swap = Self.convention(of: unfixedIndex).makeSwap(
                payReceive: .pay,
                notional: 10_000_000,
                rate: 0.025,
                startDate: weekday(valuationDate.adding(days: -400)),
                endDate: weekday(valuationDate.adding(days: 1_426))
            )
            return trade("BAD-SEASONED-SWAP-WITHOUT-FIXING", number, .swap(swap), &random)
        case 2:
            var option = makeOption(.american, &random)
            option.expiryDate = weekday(valuationDate.adding(days: -10))
            return trade("BAD-OPTION-EXPIRED", number, .equityOption(option), &random)
        case 3:
            guard let uncurvedIndex else { break }
            let swap = Self.convention(of: uncurvedIndex).makeSwap(
                payReceive: .receive,
                notional: 25_000_000,
                rate: 0.0075,
                startDate: weekday(valuationDate.adding(days: 5)),
                endDate: weekday(valuationDate.adding(days: 1_831))
            )
            let id = "BAD-SWAP-WITHOUT-\(uncurvedIndex.currency)-CURVE"
            return trade(id, number, .swap(swap), &random)
        case 4:
            guard let unforecastIndex else { break }
            let start = weekday(valuationDate.adding(days: 60))
            let agreement = ForwardRateAgreement(
                longShort: .long,
                notional: 5_000_000,
                rate: 0.02,
                index: unforecastIndex,
                startDate: start,
                endDate: weekday(start.adding(unforecastIndex.tenor) ?? start)
            )
            return trade(
                "BAD-FRA-WITHOUT-FORWARD-CURVE",
                number,
                .forwardRateAgreement(agreement),
                &random
            )
        case 5:
            guard let market = markets.first else { break }
            var agreement = makeAgreement(market, &random)
            agreement.startDate = weekday(valuationDate.adding(days: -120))
            let end = agreement.startDate.adding(agreement.index.tenor)
            agreement.endDate = weekday(end ?? valuationDate)
            return trade("BAD-FRA-EXPIRED", number, .forwardRateAgreement(agreement), &random)
        default: break
        }
        var option = makeOption(.european, &random)
        option.underlying = "NO-SUCH-STOCK"
        return trade("BAD-OPTION-ON-UNKNOWN-STOCK", number, .equityOption(option), &random)
    }

    // MARK: Products

    private func makeSwap(_ market: Market, _ random: inout SplitMix64) -> Swap {
        let years =
            random.element(of: [1, 2, 2, 3, 3, 4, 5, 5, 5, 7, 7, 10, 10, 10, 15, 20, 30]) ?? 5
        let isSeasoned = market.hasFixings && random.chance(40)
        let offset =
            isSeasoned
            ? -random.integer(in: 10...min(5 * 365, years * 365 - 60)) : random.integer(in: 7...120)
        let start = weekday(valuationDate.adding(days: offset))
        let end =
            Tenor(years, .years).flatMap { start.adding($0) } ?? start.adding(days: years * 365)
        let fair = Self.zeroRate(of: market.curve, days: end.days(since: valuationDate))
        let rate = max(-90, min(900, Int((fair * 10_000).rounded()) + random.integer(in: -60...60)))
        let spread = random.chance(10) ? random.integer(in: 1...25) : 0
        return market.convention.makeSwap(
            payReceive: random.chance(50) ? .pay : .receive,
            notional: Double(random.integer(in: 2...200) * 500_000),
            rate: Double(rate) / 10_000,
            spread: Double(spread) / 10_000,
            startDate: start,
            endDate: end
        )
    }

    private func makeAgreement(
        _ market: Market,
        _ random: inout SplitMix64
    ) -> ForwardRateAgreement {
        let index = market.convention.index
        let start = weekday(valuationDate.adding(days: random.integer(in: 7...540)))
        let fair = Self.zeroRate(of: market.curve, days: start.days(since: valuationDate) + 90)
        let rate = Int((fair * 10_000).rounded()) + random.integer(in: -40...40)
        return ForwardRateAgreement(
            longShort: random.chance(50) ? .long : .short,
            notional: Double(random.integer(in: 2...100) * 1_000_000),
            rate: Double(rate) / 10_000,
            index: index,
            startDate: start,
            endDate: weekday(start.adding(index.tenor) ?? start.adding(days: 90))
        )
    }

    private func makeOption(
        _ style: EquityOption.Style,
        _ random: inout SplitMix64
    ) -> EquityOption {
        let equity = random.element(of: equities)
        let spot = equity?.spot ?? 100
        // Strikes at a round step of about half a percent of the spot.
        let step = Self.roundStep(spot / 200)
        let strike = max(
            step,
            (spot * Double(random.integer(in: 70...130)) / 100 / step).rounded() * step
        )
        return EquityOption(
            underlying: equity?.id ?? "NO-SUCH-STOCK",
            currency: equity?.currency ?? .eur,
            longShort: random.chance(60) ? .long : .short,
            optionType: random.chance(50) ? .call : .put,
            style: style,
            strike: strike,
            expiryDate: weekday(valuationDate.adding(days: random.integer(in: 20...1_100))),
            quantity: Double(random.integer(in: 1...500) * 10)
        )
    }

    private func trade(
        _ prefix: String,
        _ number: Int,
        _ product: Product,
        _ random: inout SplitMix64
    ) -> Trade {
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        let counterparty = "CPTY_\(["A", "B", "C", "D", "E"][random.integer(in: 0...4)])"
        let book: String
        switch product {
        case .equityOption(let option):
            book = option.style == .european ? "EQUITY-EUROPEAN" : "EQUITY-AMERICAN"
        case .swap, .forwardRateAgreement:
            book =
                switch product.currency {
                case .eur: "RATES-EU"
                case .usd: "RATES-US"
                case .gbp: "RATES-UK"
                default: "RATES-EU"
                }
        }
        var traded = weekday(valuationDate.adding(days: -random.integer(in: 1...250)))
        if case .swap(let swap) = product, swap.startDate < valuationDate {
            traded = weekday(swap.startDate.adding(days: -4))
        } else if product.maturityDate <= valuationDate {
            traded = weekday(product.maturityDate.adding(days: -250))
        }
        // An id of these characters and this length is always one.
        let id = TradeID(rawValue: "\(prefix)-\(padded)")
        return Trade(
            id: id ?? Self.anyID,
            book: book,
            counterparty: counterparty,
            nettingSet: "\(counterparty)-CSA",
            tradeDate: traded,
            product: product
        )
    }

    // MARK: Numbers

    private static let anyID: TradeID = {
        guard let id = TradeID(rawValue: "-") else { preconditionFailure("an id may be a dash") }
        return id
    }()

    private static func convention(of index: InterestRateIndex) -> SwapConvention {
        let isSemiannual =
            index.family == .libor && index.currency != .chf || index.currency == .jpy
        let frequency = isSemiannual ? Tenor(6, .months) : Tenor(1, .years)
        return SwapConvention(index: index, fixedFrequency: frequency ?? index.tenor)
    }

    /// The day, or the Monday after a weekend.
    private func weekday(_ date: CalendarDate) -> CalendarDate {
        // 1970-01-01 was a Thursday; 0 is Monday.
        let day = ((Int(date.daysSince1970) + 3) % 7 + 7) % 7
        return day < 5 ? date : date.adding(days: 7 - day)
    }

    /// The zero rate of the node nearest to a time, good enough for a rate near the market's.
    private static func zeroRate(of curve: Curve, days: Int) -> Double {
        guard let first = curve.nodes.first else { return 0.02 }
        let target = first.date.adding(days: max(days, 30))
        guard let node = curve.nodes.last(where: { $0.date <= target && $0.date > first.date })
        else { return curve.valueType == .zeroRate ? first.value : 0.02 }
        if curve.valueType == .zeroRate { return node.value }
        return -log(node.value) * 365 / Double(node.date.days(since: first.date))
    }

    /// The largest of 1, 2, 5, 10, 20 ...
    ///
    /// and their tenths that is not above a number.
    private static func roundStep(_ limit: Double) -> Double {
        var best = 0.01
        for power in [0.01, 0.1, 1, 10, 100, 1_000, 10_000] {
            for factor in [1.0, 2, 5] where power * factor <= limit { best = power * factor }
        }
        return best
    }
}
