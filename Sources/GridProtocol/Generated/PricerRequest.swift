// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// What an engine sends to a pricer.
public struct PricerRequest: Hashable, Sendable {
    /// What a message can hold, one at a time.
    public enum Request: Hashable, Sendable {
        /// Keep the snapshot under its id.
        case snapshot(PricerSnapshot)
        /// A batch, or a part of one, for a pricer to price.
        case work(PricerWork)
    }

    /// What it holds; nil for nothing, or for what this version does not know.
    public var request: Request?

    /// Makes a message; what is not given has the protocol's default.
    public init(
        request: Request? = nil
    ) {
        self.request = request
    }
}

extension PricerRequest: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.PricerRequest"

    /// Makes an empty message.
    public init() {
        request = nil
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10:
                var value = PricerSnapshot()
                if case .snapshot(let earlier)? = request { value = earlier }
                try reader.message(&value)
                request = .snapshot(value)
            case 18:
                var value = PricerWork()
                if case .work(let earlier)? = request { value = earlier }
                try reader.message(&value)
                request = .work(value)
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        switch request {
        case .snapshot(let value)?: writer.message(value, tag: 10)
        case .work(let value)?: writer.message(value, tag: 18)
        case nil: break
        }
    }
}
