/// A text being built, as bytes.
extension [UInt8] {
    mutating func add(_ text: String) {
        append(contentsOf: text.utf8)
    }

    /// Adds a JSON string with its quotes.
    mutating func addJSON(_ text: String) {
        append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C:
                append(0x5C)
                append(byte)
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                add("\\u00\(digits.count < 2 ? "0" : "")\(digits)")
            default: append(byte)
            }
        }
        append(0x22)
    }

    /// Adds `,"name":"text"`, the comma only after another member.
    mutating func addMember(_ name: String, _ text: String) {
        addName(name)
        addJSON(text)
    }

    /// Adds `,"name":number`.
    mutating func addMember(_ name: String, _ value: Double) {
        addName(name)
        add(shortest(value))
    }

    /// Adds `,"name":`.
    mutating func addName(_ name: String) {
        if last != 0x7B { append(0x2C) }
        addJSON(name)
        append(0x3A)
    }

    /// Adds a row of CSV, with cells in quotes where they need them.
    mutating func addRow(_ cells: [String]) {
        for (position, cell) in cells.enumerated() {
            if position > 0 { append(0x2C) }
            let needsQuotes =
                cell.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
                || cell.utf8.first.map(isBlank) == true || cell.utf8.last.map(isBlank) == true
            if needsQuotes {
                append(0x22)
                for byte in cell.utf8 {
                    if byte == 0x22 { append(0x22) }
                    append(byte)
                }
                append(0x22)
            } else {
                add(cell)
            }
        }
        append(0x0A)
    }
}
