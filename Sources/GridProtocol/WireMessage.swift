/// A message of the schema, in Protocol Buffers' binary format.
public protocol WireMessage: Hashable, Sendable {
    /// The message's name in the schema, `valgrid.v1.Batch`.
    static var schemaName: String { get }

    /// Makes an empty message.
    init()

    /// Reads the fields up to the end of the message, over those that are set.
    mutating func decodeFields(from reader: inout WireReader) throws(WireError)

    /// Writes the fields that are set, in the order of their numbers.
    func encodeFields(to writer: inout WireWriter)
}

extension WireMessage {
    /// Returns the message that `bytes` hold.
    ///
    /// Fields that this version does not know are dropped.
    ///
    /// - Throws: ``WireError`` if the bytes are not a message; bytes are never trusted.
    public static func decode(
        _ bytes: [UInt8],
        limits: WireLimits = WireLimits()
    ) throws(WireError) -> Self {
        try bytes.withUnsafeBytes { decoding($0, limits: limits) }.get()
    }

    /// Returns the message that a part of an array holds; offsets of errors count from its start.
    public static func decode(
        _ bytes: ArraySlice<UInt8>,
        limits: WireLimits = WireLimits()
    ) throws(WireError) -> Self {
        try bytes.withUnsafeBytes { decoding($0, limits: limits) }.get()
    }

    /// Returns the message's bytes; equal messages give equal bytes.
    public func encoded() -> [UInt8] {
        var writer = WireWriter(capacity: 512)
        encodeFields(to: &writer)
        return writer.bytes
    }

    /// Returns the message as a frame between engine and pricer: four bytes of length, big-endian,
    /// then the message's bytes.
    public func encodedFrame() -> [UInt8] {
        var writer = WireWriter(capacity: 512)
        writer.beginFrame()
        encodeFields(to: &writer)
        writer.endFrame()
        return writer.bytes
    }

    private static func decoding(
        _ buffer: UnsafeRawBufferPointer,
        limits: WireLimits
    ) -> Result<Self, WireError> {
        do throws(WireError) {
            var reader = try WireReader(buffer, limits: limits)
            var message = Self()
            try message.decodeFields(from: &reader)
            return .success(message)
        } catch {
            return .failure(error)
        }
    }
}
