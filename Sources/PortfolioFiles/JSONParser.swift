internal import Finance

/// Where JSON text breaks its grammar.
struct JSONSyntaxError: Error {
    var offset: Int
    var line: Int
    var problem: String
    var expected: String
}

/// A strict JSON parser that keeps positions; it parses one value at a time onto its tape.
///
/// Beyond the grammar it understands `NaN` and `Infinity`, so that they are reported as bad
/// numbers of a field instead of ending the reading.
struct JSONParser {
    private(set) var tape: JSONTape
    /// The next byte to read.
    private(set) var position: Int
    /// The line of the next byte, from 1.
    private(set) var line = 1

    private let bytes: FileBytes
    /// Where the text to read ends: that of the file, or of a line.
    private var end: Int
    private let nesting: Int
    private let maximumNodes: Int
    private let log: ProblemLog

    init(source: SourceText, nesting: Int, maximumNodes: Int, log: ProblemLog) {
        tape = JSONTape(source: source)
        bytes = source.bytes
        end = bytes.count
        position = source.start
        self.nesting = nesting
        self.maximumNodes = maximumNodes
        self.log = log
    }

    /// The next byte that is not blank, nil at the end of the text.
    mutating func peek() -> UInt8? {
        while position < end {
            let byte = bytes[position]
            if byte == 0x0A {
                line += 1
            } else if byte != 0x20, byte != 0x0D, byte != 0x09 {
                return byte
            }
            position += 1
        }
        return nil
    }

    /// Takes one byte after blanks when it is the one given.
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    /// Parses the next value onto an empty tape.
    mutating func parse() throws(JSONSyntaxError) {
        tape.nodes.removeAll(keepingCapacity: true)
        try value(depth: 0)
    }

    /// Parses a key and its colon onto an empty tape.
    mutating func parseKey() throws(JSONSyntaxError) -> String {
        tape.nodes.removeAll(keepingCapacity: true)
        try key()
        return tape.text(of: tape.nodes[0])
    }

    /// Makes the text end with the current line.
    mutating func endWithLine() {
        end = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
    }

    /// Makes the text end with the file again, and skips the rest of the current line.
    mutating func leaveLine() {
        position = end
        end = bytes.count
    }

    /// Moves to the next line that begins with `{`; false when there is none.
    mutating func skipToNextObjectLine() -> Bool {
        while position < end {
            if bytes[position] == 0x0A {
                line += 1
                if position + 1 < end, bytes[position + 1] == 0x7B {
                    position += 1
                    return true
                }
            }
            position += 1
        }
        return false
    }

    /// Returns a copy that reads on from here without an effect on this parser.
    func lookingAhead() -> JSONParser {
        var copy = self
        copy.tape.nodes = []
        return copy
    }

    /// Returns the error for what stands here instead of what is expected.
    mutating func unexpected(_ expected: String) -> JSONSyntaxError {
        guard let byte = peek() else {
            return error(end, "the text ends too early", expected)
        }
        let found =
            switch byte {
            case 0x22: "a double quote"
            case 0x80...: "a character"
            default: quoted(String(UnicodeScalar(byte)))
            }
        return error(position, "\(found) is out of place", expected)
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(JSONSyntaxError) {
        guard let byte = peek() else { throw unexpected("a value") }
        switch byte {
        case 0x7B: try object(depth: depth)
        case 0x5B: try array(depth: depth)
        case 0x22: try string(.string)
        case 0x2D, 0x30...0x39: try number()
        default: try word()
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) {
        let start = try open(.object, depth: depth)
        if take(0x7D) { return close(start) }
        repeat {
            try key()
            try value(depth: depth + 1)
        } while take(0x2C)
        guard take(0x7D) else { throw unexpected("\",\" or \"}\"") }
        close(start)
        refuseDuplicateKeys(of: start)
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) {
        let start = try open(.array, depth: depth)
        if take(0x5D) { return close(start) }
        repeat {
            try value(depth: depth + 1)
        } while take(0x2C)
        guard take(0x5D) else { throw unexpected("\",\" or \"]\"") }
        close(start)
    }

    private mutating func key() throws(JSONSyntaxError) {
        guard peek() == 0x22 else { throw unexpected("a name in double quotes") }
        try string(.key)
        guard take(0x3A) else { throw unexpected("\":\"") }
    }

    private mutating func open(_ kind: JSONTape.Kind, depth: Int) throws(JSONSyntaxError) -> Int {
        guard depth < nesting else {
            throw error(position, "lists and objects nest too deep", "at most \(nesting) levels")
        }
        try append(kind, position..<position)
        position += 1
        return tape.nodes.count - 1
    }

    private mutating func close(_ start: Int) {
        tape.nodes[start].range = tape.nodes[start].range.lowerBound..<position
        tape.nodes[start].next = tape.nodes.count
    }

    private mutating func append(
        _ kind: JSONTape.Kind,
        _ range: Range<Int>,
        isEscaped: Bool = false,
        number: DecimalText.Reading = .malformed
    ) throws(JSONSyntaxError) {
        guard tape.nodes.count < maximumNodes else {
            throw error(
                range.lowerBound,
                "there are too many values",
                "at most \(grouped(maximumNodes)) names and values"
            )
        }
        tape.nodes.append(
            JSONTape.Node(
                kind: kind,
                isEscaped: isEscaped,
                line: line,
                range: range,
                next: tape.nodes.count + 1,
                number: number
            )
        )
    }

    private mutating func string(_ kind: JSONTape.Kind) throws(JSONSyntaxError) {
        let start = position + 1
        var isEscaped = false
        var current = start
        while current < end {
            let byte = bytes[current]
            if byte == 0x22 {
                try append(kind, start..<current, isEscaped: isEscaped)
                // The file was checked, but escapes can stand for other characters.
                if isEscaped, let node = tape.nodes.last, !tape.text(of: node).isStreamSafe {
                    throw error(
                        position,
                        "there are over 30 combining marks in a row",
                        "text that can be read"
                    )
                }
                position = current + 1
                return
            }
            if byte == 0x0A || byte == 0x0D {
                throw error(position, "the text is not closed on its line", "a closing quote")
            }
            if byte < 0x20 {
                throw error(
                    current,
                    "there is a control character in the text",
                    "\\u00\(String(Int(byte) + 0x100, radix: 16).dropFirst())"
                )
            }
            if byte == 0x5C {
                isEscaped = true
                current = try escape(at: current)
            } else {
                current += 1
            }
        }
        throw error(position, "the text is not closed", "a closing quote")
    }

    /// Checks the escape at `start` and returns the position after it.
    private func escape(at start: Int) throws(JSONSyntaxError) -> Int {
        func unit(_ position: Int) -> UInt32? {
            guard position + 6 <= end, bytes[position] == 0x5C, bytes[position + 1] == 0x75
            else { return nil }
            var value: UInt32 = 0
            for byte in bytes[position + 2..<position + 6] {
                guard let digit = hexadecimalValue(byte) else { return nil }
                value = value << 4 | UInt32(digit)
            }
            return value
        }
        guard start + 1 < end else {
            throw error(start, "the text is not closed", "a closing quote")
        }
        switch bytes[start + 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
            return start + 2
        case 0x75:
            guard let first = unit(start) else { break }
            if (0xD800..<0xDC00).contains(first) {
                guard let second = unit(start + 6), (0xDC00..<0xE000).contains(second) else {
                    break
                }
                return start + 12
            }
            guard !(0xDC00..<0xE000).contains(first) else { break }
            return start + 6
        default: break
        }
        throw error(
            start,
            "the escape is not one of JSON's",
            "\\\", \\\\, \\/, \\n, \\t or \\u0041"
        )
    }

    private mutating func number() throws(JSONSyntaxError) {
        let start = position
        var current = start
        func digits() -> Int {
            let first = current
            while current < end, (0x30...0x39).contains(bytes[current]) { current += 1 }
            return current - first
        }
        if bytes[current] == 0x2D { current += 1 }
        if current < end, bytes[current] == 0x49 {
            return try word()
        }
        let leading = current
        var isSound = digits() > 0 && (bytes[leading] != 0x30 || current == leading + 1)
        if current < end, bytes[current] == 0x2E {
            current += 1
            isSound = digits() > 0 && isSound
        }
        if current < end, bytes[current] | 0x20 == 0x65 {
            current += 1
            if current < end, bytes[current] == 0x2B || bytes[current] == 0x2D {
                current += 1
            }
            isSound = digits() > 0 && isSound
        }
        guard isSound, current - start <= DecimalText.maximumLength else {
            throw error(start, "the number is not one of JSON's", "a number such as 0.025 or 1e6")
        }
        try append(.number, start..<current, number: DecimalText.read(bytes, start..<current))
        position = current
    }

    private mutating func word() throws(JSONSyntaxError) {
        for (word, kind) in Self.words where bytes[position..<end].starts(with: word) {
            let range = position..<position + word.count
            try append(kind, range, number: kind == .number ? .notFinite : .malformed)
            position = range.upperBound
            return
        }
        throw unexpected("a value")
    }

    private static let words: [([UInt8], JSONTape.Kind)] = [
        (Array("true".utf8), .yes), (Array("false".utf8), .no), (Array("null".utf8), .null),
        (Array("NaN".utf8), .number), (Array("Infinity".utf8), .number),
        (Array("-Infinity".utf8), .number),
    ]

    // MARK: Problems

    private func error(_ offset: Int, _ problem: String, _ expected: String) -> JSONSyntaxError {
        JSONSyntaxError(offset: offset, line: line, problem: problem, expected: expected)
    }

    private func refuseDuplicateKeys(of object: Int) {
        let last = tape.nodes[object].next
        var keys: [Int] = []
        var key = object + 1
        while key < last {
            keys.append(key)
            key = tape.nodes[key + 1].next
        }
        func refuse(_ key: Int, first: Int) {
            let source = tape.source
            let node = tape.nodes[key]
            log.add {
                FileProblem(
                    file: source.name,
                    line: node.line,
                    column: source.column(of: node.range.lowerBound - 1),
                    field: String(tape.text(of: node).prefix(64)),
                    problem: "the name occurs twice",
                    expected: "it once, as on line \(tape.nodes[first].line)"
                )
            }
        }
        if keys.count > 24 || keys.contains(where: { tape.nodes[$0].isEscaped }) {
            var seen: [String: Int] = [:]
            for key in keys {
                let text = tape.text(of: tape.nodes[key])
                if let first = seen[text] { refuse(key, first: first) } else { seen[text] = key }
            }
            return
        }
        for (position, key) in keys.enumerated() {
            let range = tape.nodes[key].range
            for earlier in keys[..<position] {
                let other = tape.nodes[earlier].range
                guard other.count == range.count, bytes[other].elementsEqual(bytes[range]) else {
                    continue
                }
                refuse(key, first: earlier)
                break
            }
        }
    }
}
