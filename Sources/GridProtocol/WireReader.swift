internal import Finance

/// Reads fields in Protocol Buffers' binary format.
///
/// The bytes may be anything: every read is checked against the end of its message. What is refused
/// is listed at ``WireError/Code``. Only ``WireMessage`` makes readers, and none outlives the bytes
/// that it reads.
public struct WireReader {
    private let buffer: UnsafeRawBufferPointer
    private(set) var position = 0
    private var end: Int
    private var depthLeft: Int
    private var elementsLeft: Int

    init(_ buffer: UnsafeRawBufferPointer, limits: WireLimits) throws(WireError) {
        self.buffer = buffer
        end = buffer.count
        depthLeft = limits.maximumDepth
        elementsLeft = limits.maximumElements
        guard buffer.count <= limits.maximumBytes else {
            throw WireError(
                code: .tooLarge,
                offset: 0,
                reason: "\(buffer.count) bytes are more than the limit of \(limits.maximumBytes)"
            )
        }
    }

    /// Returns the next field's number and wire type as they are on the wire, nil at the end.
    mutating func nextTag() throws(WireError) -> UInt32? {
        guard position < end else { return nil }
        let start = position
        let tag = try varint()
        guard tag <= UInt64(UInt32.max), tag >> 3 != 0 else {
            throw error(.malformed, "a field has the number \(tag >> 3)", at: start)
        }
        return UInt32(truncatingIfNeeded: tag)
    }

    /// Skips an unknown field.
    mutating func skip(_ tag: UInt32) throws(WireError) {
        switch tag & 7 {
        case 0: _ = try varint()
        case 1: try advance(8)
        case 2: _ = try lengthPrefixed()
        case 5: try advance(4)
        case 3, 4: throw error(.malformed, "field \(tag >> 3) is a group, which is not supported")
        default: throw error(.malformed, "field \(tag >> 3) has the wire type \(tag & 7)")
        }
    }

    // MARK: Values

    mutating func bool() throws(WireError) -> Bool {
        try varint() != 0
    }

    mutating func uint32() throws(WireError) -> UInt32 {
        UInt32(truncatingIfNeeded: try varint())
    }

    mutating func uint64() throws(WireError) -> UInt64 {
        try varint()
    }

    mutating func int32() throws(WireError) -> Int32 {
        Int32(truncatingIfNeeded: try varint())
    }

    mutating func int64() throws(WireError) -> Int64 {
        Int64(bitPattern: try varint())
    }

    mutating func sint32() throws(WireError) -> Int32 {
        let raw = try uint32()
        return Int32(bitPattern: raw >> 1) ^ -Int32(bitPattern: raw & 1)
    }

    mutating func double() throws(WireError) -> Double {
        guard end - position >= 8 else { throw truncated() }
        let raw = buffer.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        position += 8
        return Double(bitPattern: UInt64(littleEndian: raw))
    }

    mutating func string() throws(WireError) -> String {
        let range = try lengthPrefixed()
        let text = UnsafeRawBufferPointer(rebasing: buffer[range])
        guard let string = String(validating: text, as: UTF8.self) else {
            throw error(.invalidText, "a text is not UTF-8", at: range.lowerBound)
        }
        guard firstUnsafeRun(in: text.bindMemory(to: UInt8.self)) == nil else {
            throw error(
                .invalidText,
                "a text has over 30 combining marks in a row",
                at: range.lowerBound
            )
        }
        return string
    }

    mutating func bytes() throws(WireError) -> [UInt8] {
        let range = try lengthPrefixed()
        return [UInt8](UnsafeRawBufferPointer(rebasing: buffer[range]))
    }

    /// Returns where the bytes of a text, byte string, message or packed list are.
    mutating func lengthPrefixed() throws(WireError) -> Range<Int> {
        let start = position
        let length = try varint()
        guard length <= UInt64(end - position) else {
            throw error(.truncated, "a length of \(length) runs past the end", at: start)
        }
        let from = position
        position += Int(length)
        return from..<position
    }

    // MARK: Messages

    /// Reads a nested message over the fields of `value` that are set.
    mutating func message<Message: WireMessage>(_ value: inout Message) throws(WireError) {
        guard depthLeft > 0 else { throw error(.tooDeep, "messages are nested too deep") }
        let range = try lengthPrefixed()
        let outerEnd = end
        position = range.lowerBound
        end = range.upperBound
        depthLeft -= 1
        try value.decodeFields(from: &self)
        depthLeft += 1
        end = outerEnd
    }

    mutating func message<Message: WireMessage>(_ field: inout Message?) throws(WireError) {
        var value = field ?? Message()
        try message(&value)
        field = value
    }

    // MARK: Lists

    mutating func element<Message: WireMessage>(of list: inout [Message]) throws(WireError) {
        try countElement()
        var value = Message()
        try message(&value)
        list.append(value)
    }

    mutating func element(of list: inout [String]) throws(WireError) {
        try countElement()
        list.append(try string())
    }

    mutating func element(of list: inout [[UInt8]]) throws(WireError) {
        try countElement()
        list.append(try bytes())
    }

    mutating func doubles(packedInto list: inout [Double]) throws(WireError) {
        let range = try lengthPrefixed()
        guard range.count % 8 == 0 else {
            throw error(
                .malformed,
                "\(range.count) bytes are not a list of doubles",
                at: range.lowerBound
            )
        }
        // Only once: growing exactly for each of many short runs would take quadratic time.
        if list.isEmpty { list.reserveCapacity(range.count / 8) }
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
            let raw = buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            list.append(Double(bitPattern: UInt64(littleEndian: raw)))
        }
    }

    mutating func uint32s(packedInto list: inout [UInt32]) throws(WireError) {
        try packed(into: &list) { (reader) throws(WireError) in try reader.uint32() }
    }

    mutating func int32s(packedInto list: inout [Int32]) throws(WireError) {
        try packed(into: &list) { (reader) throws(WireError) in try reader.int32() }
    }

    mutating func sint32s(packedInto list: inout [Int32]) throws(WireError) {
        try packed(into: &list) { (reader) throws(WireError) in try reader.sint32() }
    }

    // MARK: Private

    private mutating func packed<Element>(
        into list: inout [Element],
        _ read: (inout WireReader) throws(WireError) -> Element
    ) throws(WireError) {
        let range = try lengthPrefixed()
        let outerEnd = end
        position = range.lowerBound
        end = range.upperBound
        while position < end { list.append(try read(&self)) }
        end = outerEnd
    }

    @inline(__always)
    private mutating func varint() throws(WireError) -> UInt64 {
        if position < end, buffer[position] < 0x80 {
            position += 1
            return UInt64(buffer[position - 1])
        }
        return try longVarint()
    }

    private mutating func longVarint() throws(WireError) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard position < end else { throw truncated() }
            let byte = buffer[position]
            position += 1
            if shift == 63, byte > 1 { break }
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        throw error(.malformed, "a number has more than 64 bits", at: start)
    }

    private mutating func advance(_ count: Int) throws(WireError) {
        guard end - position >= count else { throw truncated() }
        position += count
    }

    private mutating func countElement() throws(WireError) {
        guard elementsLeft > 0 else { throw error(.tooLarge, "lists have too many elements") }
        elementsLeft -= 1
    }

    private func truncated() -> WireError {
        error(.truncated, "the message ends inside a field")
    }

    private func error(_ code: WireError.Code, _ reason: String, at offset: Int? = nil) -> WireError
    {
        WireError(code: code, offset: offset ?? position, reason: reason)
    }
}
