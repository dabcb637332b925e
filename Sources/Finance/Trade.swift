/// Identifies a trade within its portfolio: 1...128 characters that can be seen.
///
/// Compared byte by byte: an id is what the desk wrote.
public struct TradeID: Hashable, Comparable, Sendable, RawRepresentable {
    /// The identifier as the desk wrote it.
    public let rawValue: String

    /// Makes an identifier, or nil when it is empty, longer than 128 characters or 512 bytes of
    /// UTF-8, or has a ``HiddenCharacter``.
    public init?(rawValue: String) {
        guard !rawValue.isEmpty, rawValue.utf8.count <= 512, rawValue.count <= 128,
            HiddenCharacter(in: rawValue) == nil
        else { return nil }
        self.rawValue = rawValue
    }

    /// Whether both are the same bytes.
    public static func == (lhs: TradeID, rhs: TradeID) -> Bool {
        lhs.rawValue.isExactly(rhs.rawValue)
    }

    /// Orders by bytes.
    public static func < (lhs: TradeID, rhs: TradeID) -> Bool {
        ExactText(lhs.rawValue) < ExactText(rhs.rawValue)
    }

    /// Feeds the bytes to a hasher.
    public func hash(into hasher: inout Hasher) {
        ExactText(rawValue).hash(into: &hasher)
    }
}

extension TradeID: CustomStringConvertible {
    /// The identifier.
    public var description: String { rawValue }
}

/// What is traded, with its economic terms.
public enum Product: Hashable, Sendable {
    case forwardRateAgreement(ForwardRateAgreement)
    case swap(Swap)
    case equityOption(EquityOption)
}

/// The kinds of product; raw values are the `type` of portfolio files.
public enum ProductType: String, Sendable, CaseIterable {
    case forwardRateAgreement = "FRA"
    case swap = "Swap"
    case equityOption = "EquityOption"
}

/// A product with the desk's identifiers.
public struct Trade: Hashable, Sendable {
    /// Unique within the portfolio.
    public var id: TradeID
    /// The book that holds the trade; empty when the portfolio does not say.
    public var book: String
    /// The counterparty; empty when the portfolio does not say.
    public var counterparty: String
    /// The netting set; empty when the portfolio does not say.
    public var nettingSet: String
    /// The day the trade was agreed, where the portfolio says.
    public var tradeDate: CalendarDate?
    /// What is traded.
    public var product: Product

    /// Makes a trade.
    public init(
        id: TradeID,
        book: String = "",
        counterparty: String = "",
        nettingSet: String = "",
        tradeDate: CalendarDate? = nil,
        product: Product
    ) {
        self.id = id
        self.book = book
        self.counterparty = counterparty
        self.nettingSet = nettingSet
        self.tradeDate = tradeDate
        self.product = product
    }
}

extension Product {
    /// The kind of product.
    public var type: ProductType {
        switch self {
        case .forwardRateAgreement: .forwardRateAgreement
        case .swap: .swap
        case .equityOption: .equityOption
        }
    }

    /// The currency in which the trade's value is reported.
    public var currency: Currency {
        switch self {
        case .forwardRateAgreement(let fra): fra.index.currency
        case .swap(let swap): swap.currency
        case .equityOption(let option): option.currency
        }
    }

    /// The size of the trade: notional of a rates product, quantity times strike of an option.
    public var notional: Double {
        switch self {
        case .forwardRateAgreement(let fra): fra.notional
        case .swap(let swap): swap.notional
        case .equityOption(let option): option.quantity * option.strike
        }
    }

    /// The last day on which the trade can pay, before adjustment to a business day.
    public var maturityDate: CalendarDate {
        switch self {
        case .forwardRateAgreement(let fra): fra.endDate
        case .swap(let swap): swap.endDate
        case .equityOption(let option): option.expiryDate
        }
    }
}
