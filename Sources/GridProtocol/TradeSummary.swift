public import Finance

/// The fields of a trade that reports need and pricing does not.
public struct TradeSummary: Hashable, Sendable {
    /// The trade's id.
    public var id: TradeID
    /// The kind of product, `Swap`; a spelling of `ProductType` or of a later version.
    public var type: String
    /// The book; empty when the portfolio does not say.
    public var book: String
    /// The counterparty; empty when the portfolio does not say.
    public var counterparty: String
    /// The netting set; empty when the portfolio does not say.
    public var nettingSet: String
    /// The currency of notional and value, `EUR`.
    public var currency: String
    /// The size of the trade, in its currency.
    public var notional: Double
    /// The last day on which the trade can pay.
    public var maturityDate: CalendarDate

    /// Makes a summary.
    public init(
        id: TradeID,
        type: String,
        book: String = "",
        counterparty: String = "",
        nettingSet: String = "",
        currency: String,
        notional: Double,
        maturityDate: CalendarDate
    ) {
        self.id = id
        self.type = type
        self.book = book
        self.counterparty = counterparty
        self.nettingSet = nettingSet
        self.currency = currency
        self.notional = notional
        self.maturityDate = maturityDate
    }

    /// Returns the summary of a trade.
    public init(_ trade: Trade) {
        self.init(
            id: trade.id,
            type: trade.product.type.rawValue,
            book: trade.book,
            counterparty: trade.counterparty,
            nettingSet: trade.nettingSet,
            currency: trade.product.currency.rawValue,
            notional: trade.product.notional,
            maturityDate: trade.product.maturityDate
        )
    }
}

/// The trade headers of a ``Batch`` with the names that they refer to.
public struct TradeHeaders: Hashable, Sendable {
    /// Names by position.
    public private(set) var names: [String]
    /// One header for each trade, in order.
    public private(set) var headers: [TradeHeader]

    /// Makes the headers of trades.
    public init(_ trades: [Trade]) {
        self.init(summaries: trades.map(TradeSummary.init))
    }

    /// Makes the headers of trades that are known by their summaries.
    public init(summaries: [TradeSummary]) {
        var table = NameTable()
        headers = summaries.map { summary in
            TradeHeader(
                tradeID: summary.id.rawValue,
                type: table.position(of: summary.type),
                book: table.position(of: summary.book),
                counterparty: table.position(of: summary.counterparty),
                nettingSet: table.position(of: summary.nettingSet),
                currency: table.position(of: summary.currency),
                notional: summary.notional,
                maturityDay: summary.maturityDate.daysSince1970
            )
        }
        names = table.names
    }
}

extension Batch {
    /// Returns the summaries of the batch's trades, in order.
    ///
    /// - Throws: ``WireError/Code/invalidValue`` for an invalid id, a position past the end of
    ///   the names and a day outside 1901...2199.
    public func tradeSummaries() throws(WireError) -> [TradeSummary] {
        var summaries: [TradeSummary] = []
        summaries.reserveCapacity(headers.count)
        for header in headers {
            summaries.append(
                TradeSummary(
                    id: try header.checkedID(),
                    type: try names.name(at: header.type),
                    book: try names.name(at: header.book),
                    counterparty: try names.name(at: header.counterparty),
                    nettingSet: try names.name(at: header.nettingSet),
                    currency: try names.name(at: header.currency),
                    notional: header.notional,
                    maturityDate: try CalendarDate(wireDay: header.maturityDay)
                )
            )
        }
        return summaries
    }

    /// Returns the ids of the batch's trades, in order.
    public func tradeIDs() throws(WireError) -> [TradeID] {
        var ids: [TradeID] = []
        ids.reserveCapacity(headers.count)
        for header in headers { ids.append(try header.checkedID()) }
        return ids
    }
}

extension TradeHeader {
    fileprivate func checkedID() throws(WireError) -> TradeID {
        guard let id = TradeID(rawValue: tradeID) else {
            throw .invalid("a trade id is empty, over 128 characters or not printable")
        }
        return id
    }
}
