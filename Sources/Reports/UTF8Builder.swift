/// Text on its way to a file, as UTF-8.
struct UTF8Builder: Sendable {
    var bytes: [UInt8] = []

    var count: Int { bytes.count }

    mutating func append(_ text: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        )
    }

    mutating func append(_ other: UTF8Builder) {
        bytes.append(contentsOf: other.bytes)
    }

    mutating func append(text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ number: some BinaryInteger) {
        append(text: String(number))
    }

    /// Appends the shortest decimal that reads back to the same bits; `null` for what JSON has no
    /// number for.
    mutating func append(json number: Double) {
        number.isFinite ? append(text: number.description) : append("null")
    }

    mutating func append(json number: Double?) {
        if let number { append(json: number) } else { append("null") }
    }

    /// Appends a JSON string.
    ///
    /// `<`, `>`, `&` and the line separators of JavaScript are written as escapes, so that the text
    /// is harmless within a page as well.
    mutating func append(json text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            var start = 0
            for (position, byte) in utf8.enumerated() where Self.isSpecial(byte) {
                guard let escape = Self.escape(of: utf8, at: position) else { continue }
                bytes.append(contentsOf: utf8[start..<position])
                append(text: escape.text)
                start = position + escape.length
            }
            bytes.append(contentsOf: utf8[min(start, utf8.count)...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a CSV field after RFC 4180.
    ///
    /// What a spreadsheet might take for a formula is quoted; it is never altered.
    mutating func append(csv text: String) {
        var text = text
        text.withUTF8 { utf8 in
            guard utf8.contains(where: Self.needsQuotes) || Self.looksLikeFormula(utf8.first) else {
                bytes.append(contentsOf: utf8)
                return
            }
            bytes.append(UInt8(ascii: "\""))
            for byte in utf8 {
                if byte == UInt8(ascii: "\"") { bytes.append(byte) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
    }

    /// Appends text for HTML, in content or a quoted attribute.
    mutating func append(html text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): append("&amp;")
            case UInt8(ascii: "<"): append("&lt;")
            case UInt8(ascii: ">"): append("&gt;")
            case UInt8(ascii: "\""): append("&quot;")
            case UInt8(ascii: "'"): append("&#39;")
            default: bytes.append(byte)
            }
        }
    }

    // MARK: Private

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x3C || byte == 0x3E || byte == 0x26
            || byte == 0xE2 || byte == 0x7F
    }

    private static func escape(
        of utf8: UnsafeBufferPointer<UInt8>,
        at position: Int
    ) -> (text: String, length: Int)? {
        switch utf8[position] {
        case 0x22: return ("\\\"", 1)
        case 0x5C: return ("\\\\", 1)
        case 0x0A: return ("\\n", 1)
        case 0x0D: return ("\\r", 1)
        case 0x09: return ("\\t", 1)
        case 0xE2:
            guard position + 2 < utf8.count, utf8[position + 1] == 0x80,
                utf8[position + 2] == 0xA8 || utf8[position + 2] == 0xA9
            else { return nil }
            return (utf8[position + 2] == 0xA8 ? "\\u2028" : "\\u2029", 3)
        case let byte:
            let digits = String(byte, radix: 16)
            return ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits, 1)
        }
    }

    private static func needsQuotes(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0A || byte == 0x0D
    }

    private static func looksLikeFormula(_ first: UInt8?) -> Bool {
        switch first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"): true
        case UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: " "), 0x09: true
        default: false
        }
    }
}
