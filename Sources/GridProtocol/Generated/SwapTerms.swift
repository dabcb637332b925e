// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Terms of a fixed-for-floating swap.
public struct SwapTerms: Hashable, Sendable {
    /// The fixed leg.
    public var fixedLeg: LegTerms?
    /// The floating leg.
    public var floatingLeg: LegTerms?

    /// Makes a message; what is not given has the protocol's default.
    public init(
        fixedLeg: LegTerms? = nil,
        floatingLeg: LegTerms? = nil
    ) {
        self.fixedLeg = fixedLeg
        self.floatingLeg = floatingLeg
    }
}

extension SwapTerms: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.SwapTerms"

    /// Makes an empty message.
    public init() {
        fixedLeg = nil
        floatingLeg = nil
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.message(&fixedLeg)
            case 18: try reader.message(&floatingLeg)
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        if let fixedLeg { writer.message(fixedLeg, tag: 10) }
        if let floatingLeg { writer.message(floatingLeg, tag: 18) }
    }
}
