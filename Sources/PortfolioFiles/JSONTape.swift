/// A parsed JSON value as a flat list of nodes in the order of the text, each with its position.
///
/// An object is followed by its keys, each with its value; an array by its elements. One tape is
/// reused from trade to trade, so that parsing allocates next to nothing.
struct JSONTape {
    /// What a node is.
    enum Kind: UInt8 {
        case object, array, key, string, number, yes, no, null
    }

    /// A value or a key.
    struct Node {
        var kind: Kind
        /// Whether a string or key has escapes.
        var isEscaped: Bool
        /// The line, from 1.
        var line: Int
        /// The bytes of the value; those of a string are without its quotes.
        var range: Range<Int>
        /// The node after this one and all it contains.
        var next: Int
        /// What a number is.
        var number: DecimalText.Reading
    }

    let source: SourceText
    var nodes: [Node] = []

    init(source: SourceText) {
        self.source = source
    }

    /// Returns the text of a string or key, escapes resolved.
    func text(of node: Node) -> String {
        guard node.isEscaped else { return source.text(node.range) }
        return unescaped(source.bytes[node.range])
    }

    /// Returns the bytes of a value as they are in the file, for messages.
    func rawText(of node: Node) -> String {
        switch node.kind {
        case .object: "an object"
        case .array: "a list"
        case .string, .key: quoted(text(of: node).prefix(64))
        default: quoted(source.text(node.range.prefix(64)))
        }
    }

    /// The nodes of an array's elements, or of an object's keys.
    func children(of index: Int) -> [Int] {
        var children: [Int] = []
        let node = nodes[index]
        guard node.kind == .object || node.kind == .array else { return [] }
        var child = index + 1
        while child < node.next {
            children.append(child)
            child = nodes[child].kind == .key ? nodes[child + 1].next : nodes[child].next
        }
        return children
    }

    /// Finds a value by a path such as `legs[0].schedule.startDate`, or the deepest value on the
    /// way there.
    func find(_ path: some StringProtocol, from root: Int) -> Int {
        var current = root
        for part in path.split(whereSeparator: { $0 == "." || $0 == "[" || $0 == "]" }) {
            let node = nodes[current]
            let children = children(of: current)
            if node.kind == .array {
                guard let position = Int(part), children.indices.contains(position) else { break }
                current = children[position]
            } else {
                guard let key = children.first(where: { text(of: nodes[$0]) == part }) else {
                    break
                }
                current = key + 1
            }
        }
        return current
    }

    private func unescaped(_ bytes: Slice<FileBytes>) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = bytes.startIndex
        func hexadecimal(_ start: Int) -> UInt32 {
            bytes[start..<start + 4].reduce(0) { $0 << 4 | UInt32(hexadecimalValue($1) ?? 0) }
        }
        while position < bytes.endIndex {
            let byte = bytes[position]
            position += 1
            guard byte == 0x5C, position < bytes.endIndex else {
                result.append(byte)
                continue
            }
            let escape = bytes[position]
            position += 1
            switch escape {
            case 0x62: result.append(0x08)
            case 0x66: result.append(0x0C)
            case 0x6E: result.append(0x0A)
            case 0x72: result.append(0x0D)
            case 0x74: result.append(0x09)
            case 0x75 where position + 4 <= bytes.endIndex:
                var code = hexadecimal(position)
                position += 4
                if (0xD800..<0xDC00).contains(code), position + 6 <= bytes.endIndex {
                    code = 0x10000 + (code - 0xD800) << 10 + hexadecimal(position + 2) - 0xDC00
                    position += 6
                }
                result.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
            default: result.append(escape)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// Returns the value of a hexadecimal digit.
func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
}
