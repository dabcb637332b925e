/// Frames for a pricer, made without decoding what they carry and with one copy of it.
///
/// Any request can also be made with ``WireMessage/encodedFrame()``.
public enum PricerFrames {
    /// The longest message of a frame, 64 MiB.
    public static let maximumLength = 64 << 20

    /// Returns the frame that asks for a batch, or a part of it, to be priced.
    ///
    /// - Parameters:
    ///   - snapshotID: a snapshot that the pricer was given.
    ///   - payload: an encoded ``PricingBatch``.
    ///   - first: the first trade to price, from 0.
    ///   - count: how many; 0 for all from `first`.
    /// - Returns: the length and the encoded ``PricerRequest``.
    public static func work(
        snapshotID: String,
        payload: ArraySlice<UInt8>,
        first: Int = 0,
        count: Int = 0
    ) -> [UInt8] {
        frame(capacity: payload.count, requestTag: 18) { writer in
            writer.string(snapshotID, tag: 10)
            writer.bytes(payload, tag: 18)
            writer.uint32(UInt32(clamping: first), tag: 24)
            writer.uint32(UInt32(clamping: count), tag: 32)
        }
    }

    /// Returns the frame that gives a pricer a snapshot, an encoded ``MarketSnapshotRecord``.
    public static func snapshot(id: String, bytes: [UInt8]) -> [UInt8] {
        frame(capacity: bytes.count, requestTag: 10) { writer in
            writer.string(id, tag: 10)
            writer.bytes(bytes, tag: 18)
        }
    }

    private static func frame(
        capacity: Int,
        requestTag: UInt32,
        _ body: (inout WireWriter) -> Void
    ) -> [UInt8] {
        var writer = WireWriter(capacity: capacity + 128)
        writer.beginFrame()
        let start = writer.beginLengthPrefixed(requestTag)
        body(&writer)
        writer.endLengthPrefixed(start)
        writer.endFrame()
        return writer.bytes
    }
}
