internal import Finance

/// The bytes of a file, known to be UTF-8, not blank, and within the limits.
struct SourceText {
    /// The name for messages.
    let name: String
    /// All bytes of the file.
    let bytes: FileBytes
    /// Where the text begins: after a byte order mark.
    let start: Int

    init(name: String, bytes: [UInt8], limits: FileLimits) throws(FileProblems) {
        try self.init(name: name, bytes: FileBytes(bytes), limits: limits)
    }

    init(name: String, bytes: FileBytes, limits: FileLimits) throws(FileProblems) {
        self.name = name
        self.bytes = bytes
        func fail(_ line: Int, _ problem: String, _ expected: String) -> FileProblems {
            FileProblems(
                FileProblem(file: name, line: line, problem: problem, expected: expected)
            )
        }
        if let foreign = ForeignContent(bytes) {
            throw fail(0, foreign.problem, foreign.expected)
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw fail(1, "the file is UTF-16", "UTF-8")
        }
        start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard bytes.count <= limits.fileBytes else {
            throw Self.oversize(name: name, size: bytes.count, limits: limits)
        }
        var meter = LineMeter(limit: limits.lineBytes)
        var position = 0
        while position < bytes.count {
            let piece = position..<Self.end(ofPieceAt: position, in: bytes)
            if let line = bytes.withBytes(piece, { meter.feed($0) }) {
                throw Self.overlong(name: name, line: line, limits: limits)
            }
            if let offset = bytes.withBytes(piece, { firstInvalidUTF8(in: $0) }) {
                let byte = String(bytes[position + offset], radix: 16, uppercase: true)
                throw fail(
                    line(of: position + offset, in: bytes),
                    "the byte 0x\(byte.count < 2 ? "0" : "")\(byte) at offset "
                        + "\(grouped(position + offset)) is not UTF-8",
                    "UTF-8 text"
                )
            }
            if let offset = bytes.withBytes(piece, { firstUnsafeRun(in: $0) }) {
                throw fail(
                    line(of: position + offset, in: bytes),
                    "there are over 30 combining marks in a row at offset "
                        + "\(grouped(position + offset))",
                    "text that can be read"
                )
            }
            bytes.letGo(piece)
            position = piece.upperBound
        }
        guard bytes[start...].contains(where: { !isBlank($0) }) else {
            throw fail(0, bytes.isEmpty ? "the file is empty" : "the file is blank", "content")
        }
    }

    /// The end of a piece that begins at `position`: it cuts no character, and no row of marks that
    /// belong to one.
    private static func end(ofPieceAt position: Int, in bytes: FileBytes) -> Int {
        var end = position + FileBytes.pieceSize
        while end < bytes.count, bytes[end] >= 0x80 { end += 1 }
        return min(end, bytes.count)
    }

    /// The column of a byte, from 1, in characters (Unicode scalars).
    func column(of offset: Int) -> Int {
        var position = min(offset, bytes.count) - 1
        var column = 1
        while position >= start, bytes[position] != 0x0A {
            if bytes[position] & 0xC0 != 0x80 { column += 1 }
            position -= 1
        }
        return column
    }

    /// Returns the text of a range of bytes.
    func text(_ range: Range<Int>) -> String {
        bytes.withBytes(range) { String(decoding: $0, as: UTF8.self) }
    }

    static func oversize(name: String, size: Int, limits: FileLimits) -> FileProblems {
        FileProblems(
            FileProblem(
                file: name,
                problem: "the file has \(grouped(size)) bytes",
                expected: "at most \(grouped(limits.fileBytes)) bytes"
            )
        )
    }

    static func overlong(name: String, line: Int, limits: FileLimits) -> FileProblems {
        FileProblems(
            FileProblem(
                file: name,
                line: line,
                problem: "the line is longer than \(grouped(limits.lineBytes)) bytes",
                expected: "shorter lines, such as one trade a line"
            )
        )
    }
}

/// The line of a byte, from 1.
private func line(of offset: Int, in bytes: FileBytes) -> Int {
    bytes[..<offset].reduce(into: 1) { $0 += $1 == 0x0A ? 1 : 0 }
}

/// Whether a byte is a space, tab, carriage return or line feed.
func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
}

/// Measures the lines of a file that arrives in pieces.
struct LineMeter {
    private let limit: Int
    private var line = 1
    private var length = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes the next bytes; returns the number of the first line over the limit.
    mutating func feed(_ bytes: some Collection<UInt8>) -> Int? {
        let found: Int?? = bytes.withContiguousStorageIfAvailable { buffer in
            for byte in buffer {
                if byte == 0x0A {
                    line += 1
                    length = 0
                } else {
                    length += 1
                    if length > limit { return line }
                }
            }
            return nil
        }
        return found ?? nil
    }
}

/// Returns the offset of the first byte that is not part of valid UTF-8.
func firstInvalidUTF8(in buffer: UnsafeBufferPointer<UInt8>) -> Int? {
    var position = 0
    while position < buffer.count {
        let lead = buffer[position]
        if lead < 0x80 {
            position += 1
            continue
        }
        // The range of the second byte excludes overlong forms, surrogates and over U+10FFFF.
        let (length, second): (Int, ClosedRange<UInt8>)
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return position
        }
        guard position + length <= buffer.count, second.contains(buffer[position + 1]) else {
            return position
        }
        for next in 2..<max(2, length) where buffer[position + next] & 0xC0 != 0x80 {
            return position
        }
        position += length
    }
    return nil
}
