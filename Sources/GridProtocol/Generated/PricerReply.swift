// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// What a pricer answers.
public struct PricerReply: Hashable, Sendable {
    /// What a message can hold, one at a time.
    public enum Reply: Hashable, Sendable {
        /// Sent once, when the pricer can take requests.
        case hello(PricerHello)
        /// A PricedBatch for the last work.
        case priced([UInt8])
        /// The work as a whole was refused: undecodable, unknown snapshot.
        case refused(Failure)
    }

    /// What it holds; nil for nothing, or for what this version does not know.
    public var reply: Reply?

    /// Makes a message; what is not given has the protocol's default.
    public init(
        reply: Reply? = nil
    ) {
        self.reply = reply
    }
}

extension PricerReply: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.PricerReply"

    /// Makes an empty message.
    public init() {
        reply = nil
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10:
                var value = PricerHello()
                if case .hello(let earlier)? = reply { value = earlier }
                try reader.message(&value)
                reply = .hello(value)
            case 18: reply = .priced(try reader.bytes())
            case 26:
                var value = Failure()
                if case .refused(let earlier)? = reply { value = earlier }
                try reader.message(&value)
                reply = .refused(value)
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        switch reply {
        case .hello(let value)?: writer.message(value, tag: 10)
        case .priced(let value)?: writer.bytes(value, tag: 18, always: true)
        case .refused(let value)?: writer.message(value, tag: 26)
        case nil: break
        }
    }
}
