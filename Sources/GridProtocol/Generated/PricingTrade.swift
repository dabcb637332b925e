// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// One trade, as far as its price depends on it.
public struct PricingTrade: Hashable, Sendable {
    /// What a message can hold, one at a time.
    public enum Product: Hashable, Sendable {
        /// Terms of a forward rate agreement.
        case forwardRateAgreement(ForwardRateAgreementTerms)
        /// Terms of a fixed-for-floating swap.
        case swap(SwapTerms)
        /// Terms of an equity option.
        case equityOption(EquityOptionTerms)
        /// Exists for tests only: what a pricer does with it is set by `behaviour` (crash, hang,
        /// ...).
        ///
        /// A pricer refuses it unless it was started with test trades allowed.
        case test(TestTerms)
    }

    /// What it holds; nil for nothing, or for what this version does not know.
    public var product: Product?

    /// Makes a message; what is not given has the protocol's default.
    public init(
        product: Product? = nil
    ) {
        self.product = product
    }
}

extension PricingTrade: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.PricingTrade"

    /// Makes an empty message.
    public init() {
        product = nil
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10:
                var value = ForwardRateAgreementTerms()
                if case .forwardRateAgreement(let earlier)? = product { value = earlier }
                try reader.message(&value)
                product = .forwardRateAgreement(value)
            case 18:
                var value = SwapTerms()
                if case .swap(let earlier)? = product { value = earlier }
                try reader.message(&value)
                product = .swap(value)
            case 26:
                var value = EquityOptionTerms()
                if case .equityOption(let earlier)? = product { value = earlier }
                try reader.message(&value)
                product = .equityOption(value)
            case 802:
                var value = TestTerms()
                if case .test(let earlier)? = product { value = earlier }
                try reader.message(&value)
                product = .test(value)
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        switch product {
        case .forwardRateAgreement(let value)?: writer.message(value, tag: 10)
        case .swap(let value)?: writer.message(value, tag: 18)
        case .equityOption(let value)?: writer.message(value, tag: 26)
        case .test(let value)?: writer.message(value, tag: 802)
        case nil: break
        }
    }
}
