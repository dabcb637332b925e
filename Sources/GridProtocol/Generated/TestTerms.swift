// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Exists for tests only: what a pricer does with it is set by `behaviour` (crash, hang, ...).
///
/// A pricer refuses it unless it was started with test trades allowed.
public struct TestTerms: Hashable, Sendable {
    /// The behaviour.
    public var behaviour: String

    /// Makes a message; what is not given has the protocol's default.
    public init(
        behaviour: String = ""
    ) {
        self.behaviour = behaviour
    }
}

extension TestTerms: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.TestTerms"

    /// Makes an empty message.
    public init() {
        behaviour = ""
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: behaviour = try reader.string()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(behaviour, tag: 10)
    }
}
