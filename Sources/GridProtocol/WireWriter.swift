/// Writes fields in Protocol Buffers' binary format.
///
/// A nested message is written in place after one byte kept for its length; when the length needs
/// more, the message is moved up. Most of ours are under 128 bytes, so that is rare, and nothing is
/// measured beforehand.
public struct WireWriter: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        base = .allocate(byteCount: self.capacity, alignment: 8)
    }

    deinit {
        base.deallocate()
    }

    /// What was written so far.
    var bytes: [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: base, count: count))
    }

    // MARK: Fields. A value that is its type's default is left out unless `always`.

    mutating func bool(_ value: Bool, tag: UInt32, always: Bool = false) {
        guard value || always else { return }
        reserve(6)
        put(varint: UInt64(tag))
        put(byte: value ? 1 : 0)
    }

    mutating func uint32(_ value: UInt32, tag: UInt32, always: Bool = false) {
        uint64(UInt64(value), tag: tag, always: always)
    }

    mutating func uint64(_ value: UInt64, tag: UInt32, always: Bool = false) {
        guard value != 0 || always else { return }
        reserve(15)
        put(varint: UInt64(tag))
        put(varint: value)
    }

    mutating func int32(_ value: Int32, tag: UInt32, always: Bool = false) {
        uint64(UInt64(bitPattern: Int64(value)), tag: tag, always: always)
    }

    mutating func int64(_ value: Int64, tag: UInt32, always: Bool = false) {
        uint64(UInt64(bitPattern: value), tag: tag, always: always)
    }

    mutating func sint32(_ value: Int32, tag: UInt32, always: Bool = false) {
        uint64(UInt64(Self.zigZag(value)), tag: tag, always: always)
    }

    /// Minus zero is not the default: it keeps its sign.
    mutating func double(_ value: Double, tag: UInt32, always: Bool = false) {
        guard value.bitPattern != 0 || always else { return }
        reserve(13)
        put(varint: UInt64(tag))
        put(fixed64: value.bitPattern)
    }

    mutating func string(_ value: String, tag: UInt32, always: Bool = false) {
        guard !value.isEmpty || always else { return }
        let stored: Void? = value.utf8.withContiguousStorageIfAvailable { buffer in
            put(UnsafeRawBufferPointer(buffer), tag: tag)
        }
        if stored == nil { bytes(Array(value.utf8), tag: tag, always: true) }
    }

    mutating func bytes(_ value: [UInt8], tag: UInt32, always: Bool = false) {
        guard !value.isEmpty || always else { return }
        value.withUnsafeBytes { put($0, tag: tag) }
    }

    mutating func bytes(_ value: ArraySlice<UInt8>, tag: UInt32, always: Bool = false) {
        guard !value.isEmpty || always else { return }
        value.withUnsafeBytes { put($0, tag: tag) }
    }

    mutating func message(_ value: some WireMessage, tag: UInt32) {
        let start = beginLengthPrefixed(tag)
        value.encodeFields(to: &self)
        endLengthPrefixed(start)
    }

    // MARK: Packed lists; an empty list is left out.

    mutating func doubles(packed values: [Double], tag: UInt32) {
        guard !values.isEmpty else { return }
        reserve(15 + values.count * 8)
        put(varint: UInt64(tag))
        put(varint: UInt64(values.count * 8))
        for value in values { put(fixed64: value.bitPattern) }
    }

    mutating func uint32s(packed values: [UInt32], tag: UInt32) {
        packed(values, tag: tag) { UInt64($0) }
    }

    mutating func int32s(packed values: [Int32], tag: UInt32) {
        packed(values, tag: tag) { UInt64(bitPattern: Int64($0)) }
    }

    mutating func sint32s(packed values: [Int32], tag: UInt32) {
        packed(values, tag: tag) { UInt64(Self.zigZag($0)) }
    }

    // MARK: Frames

    /// Keeps room for the length; the frame must be all that is written.
    mutating func beginFrame() {
        reserve(4)
        count = 4
    }

    mutating func endFrame() {
        let length = UInt32(truncatingIfNeeded: count - 4)
        base.storeBytes(of: length.bigEndian, as: UInt32.self)
    }

    /// Writes the tag of a field whose bytes follow; returns what ``endLengthPrefixed(_:)`` needs.
    mutating func beginLengthPrefixed(_ tag: UInt32) -> Int {
        reserve(6)
        put(varint: UInt64(tag))
        count += 1
        return count
    }

    mutating func endLengthPrefixed(_ start: Int) {
        let length = count - start
        guard length >= 0x80 else {
            base.storeBytes(
                of: UInt8(truncatingIfNeeded: length),
                toByteOffset: start - 1,
                as: UInt8.self
            )
            return
        }
        let extra = Self.varintSize(UInt64(length)) - 1
        reserve(extra)
        (base + start + extra).copyMemory(from: base + start, byteCount: length)
        let end = count + extra
        count = start - 1
        put(varint: UInt64(length))
        count = end
    }

    // MARK: Private

    private static func zigZag(_ value: Int32) -> UInt32 {
        UInt32(bitPattern: (value << 1) ^ (value >> 31))
    }

    private static func varintSize(_ value: UInt64) -> Int {
        (70 - (value | 1).leadingZeroBitCount) / 7
    }

    private mutating func packed<Element>(
        _ values: [Element],
        tag: UInt32,
        _ number: (Element) -> UInt64
    ) {
        guard !values.isEmpty else { return }
        let start = beginLengthPrefixed(tag)
        reserve(values.count * 10)
        for value in values { put(varint: number(value)) }
        endLengthPrefixed(start)
    }

    private mutating func put(_ buffer: UnsafeRawBufferPointer, tag: UInt32) {
        reserve(15 + buffer.count)
        put(varint: UInt64(tag))
        put(varint: UInt64(buffer.count))
        if let source = buffer.baseAddress {
            (base + count).copyMemory(from: source, byteCount: buffer.count)
        }
        count += buffer.count
    }

    // The following three trust that room was reserved.

    @inline(__always)
    private mutating func put(byte: UInt8) {
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    @inline(__always)
    private mutating func put(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            put(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(byte: UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    private mutating func put(fixed64 value: UInt64) {
        base.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt64.self)
        count += 8
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 8)
        moved.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = moved
        capacity = larger
    }
}
