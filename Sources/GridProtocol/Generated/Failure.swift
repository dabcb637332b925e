// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Why a trade has no value.
public struct Failure: Hashable, Sendable {
    /// For programs; an open set: invalid_trade, missing_fixing, ...
    public var code: String
    /// The field of the trade or snapshot concerned; empty for none in particular.
    public var field: String
    /// For people; one sentence.
    public var message: String

    /// Makes a message; what is not given has the protocol's default.
    public init(
        code: String = "",
        field: String = "",
        message: String = ""
    ) {
        self.code = code
        self.field = field
        self.message = message
    }
}

extension Failure: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.Failure"

    /// Makes an empty message.
    public init() {
        code = ""
        field = ""
        message = ""
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: code = try reader.string()
            case 18: field = try reader.string()
            case 26: message = try reader.string()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(code, tag: 10)
        writer.string(field, tag: 18)
        writer.string(message, tag: 26)
    }
}
