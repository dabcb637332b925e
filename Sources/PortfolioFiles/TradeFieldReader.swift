internal import Finance

/// Terms that JSON and CSV spell alike.
enum TradeFieldReader {
    /// The fields that every trade has.
    static let header: [Field] = [
        .tradeId, .type, .book, .counterparty, .nettingSet, .tradeDate,
    ]
    /// The fields of a forward rate agreement.
    static let forwardRateAgreement: [Field] = [
        .longShort, .notional, .rate, .index, .startDate, .endDate,
    ]
    /// The fields of an equity option.
    static let equityOption: [Field] = [
        .underlying, .currency, .longShort, .optionType, .style, .strike, .expiryDate, .quantity,
        .engine,
    ]

    /// Reads what the desk calls a trade; nil without an id.
    ///
    /// Without a product the trade has one that stands in for it, so that its id can be seen.
    static func readHeader(_ source: some FieldSource, product: Product?) -> Trade? {
        guard
            let text = source.requiredLabel(
                .tradeId,
                expected: "a unique id of 1 to 128 printable characters"
            ),
            let id = TradeID(rawValue: text)
        else { return nil }
        return Trade(
            id: id,
            book: source.label(.book),
            counterparty: source.label(.counterparty),
            nettingSet: source.label(.nettingSet),
            tradeDate: source.optionalDate(.tradeDate),
            product: product ?? placeholder
        )
    }

    private static let placeholder = Product.equityOption(
        EquityOption(
            underlying: "",
            currency: .eur,
            optionType: .call,
            style: .european,
            strike: 1,
            expiryDate: CalendarDate(daysSince1970: 0)
        )
    )

    /// Reads a forward rate agreement; `endDate` finds the end when the field is absent.
    static func readForwardRateAgreement(
        _ source: some FieldSource,
        endDate: (_ start: CalendarDate?) -> CalendarDate?
    ) -> Product? {
        let longShort: LongShort? = source.choice(.longShort)
        let notional = source.amount(.notional)
        let rate = source.rate(.rate)
        let index = source.index(.index)
        let start = source.date(.startDate)
        let end = endDate(start)
        guard let longShort, let notional, let rate, let index, let start, let end else {
            return nil
        }
        return .forwardRateAgreement(
            ForwardRateAgreement(
                longShort: longShort,
                notional: notional,
                rate: rate,
                index: index,
                startDate: start,
                endDate: end
            )
        )
    }

    /// Reads an equity option.
    static func readEquityOption(_ source: some FieldSource) -> Product? {
        let underlying = source.requiredLabel(
            .underlying,
            expected: "the id of an equity of the market snapshot"
        )
        let currency = source.currency(.currency)
        let longShort: LongShort? = source.choice(.longShort)
        let optionType: EquityOption.OptionType? = source.choice(.optionType)
        let style: EquityOption.Style? = source.choice(.style)
        let strike = source.amount(.strike, below: 12)
        let expiry = source.date(.expiryDate)
        let quantity = source.contains(.quantity) ? source.amount(.quantity) ?? 1 : 1
        let method: EquityOption.Method? = source.optionalChoice(.engine)
        guard let underlying, let currency, let longShort, let optionType, let style, let strike,
            let expiry
        else { return nil }
        return .equityOption(
            EquityOption(
                underlying: underlying,
                currency: currency,
                longShort: longShort,
                optionType: optionType,
                style: style,
                strike: strike,
                expiryDate: expiry,
                quantity: quantity,
                method: method
            )
        )
    }
}

/// Takes a portfolio's trades one after the other, and refuses an id that is already taken.
struct TradeCollection {
    private let take: (Trade, Int) -> Void
    private var ids = TradeIDs()
    /// How many trades were taken.
    private(set) var count = 0

    /// Begins without trades.
    ///
    /// - Parameter take: is given each trade that is sound, with its line.
    init(_ take: @escaping (Trade, Int) -> Void) {
        self.take = take
    }

    /// Takes a trade, or returns the line of the first one with its id.
    mutating func add(_ trade: Trade, line: Int) -> Int? {
        if let first = claim(trade.id, line: line) { return first }
        take(trade, line)
        count += 1
        return nil
    }

    /// Takes an id, for a trade that is left out for other reasons too.
    mutating func claim(_ id: TradeID, line: Int) -> Int? {
        ids.claim(id, line: line)
    }
}
