public import Operations

/// How the CSV files of a report are written, for spreadsheets that want them otherwise.
public struct CSVDialect: Hashable, Sendable {
    /// What stands between fields.
    public enum Separator: String, Sendable, CaseIterable {
        /// `,`
        case comma = ","
        /// `;`
        case semicolon = ";"
        /// A tabulator.
        case tab = "tab"

        var byte: UInt8 {
            switch self {
            case .comma: UInt8(ascii: ",")
            case .semicolon: UInt8(ascii: ";")
            case .tab: 0x09
            }
        }
    }

    /// What stands between fields.
    public var separator: Separator
    /// Whether a file begins with U+FEFF, by which Excel knows UTF-8.
    public var hasByteOrderMark: Bool

    /// Commas and no byte order mark unless told otherwise.
    public init(separator: Separator = .comma, hasByteOrderMark: Bool = false) {
        self.separator = separator
        self.hasByteOrderMark = hasByteOrderMark
    }

    /// What `--csv-separator` and `--csv-bom` ask for.
    public init(_ settings: ParsedCommand) {
        self.init(
            separator: Separator(rawValue: settings.string("csv-separator")) ?? .comma,
            hasByteOrderMark: settings.flag("csv-bom")
        )
    }

    /// Whether a file is written in this way: `npv.csv` and `errors.csv` are.
    public func appliesTo(_ fileName: String) -> Bool {
        self != CSVDialect() && fileName.hasSuffix(".csv")
    }
}

/// Writes a report's CSV in another dialect, piece by piece; no field's text changes.
public struct CSVRewriter: Sendable {
    private enum Place {
        case plain
        case quoted
    }

    private let separator: UInt8
    private var out: [UInt8]
    private var field: [UInt8] = []
    private var place = Place.plain

    /// Begins a file.
    public init(_ dialect: CSVDialect) {
        separator = dialect.separator.byte
        out = dialect.hasByteOrderMark ? [0xEF, 0xBB, 0xBF] : []
    }

    /// Takes the next bytes of a file whose fields are separated by commas, and returns what can be
    /// written by now: all up to the last field's end.
    public mutating func rewrite(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        for byte in bytes {
            switch (place, byte) {
            case (_, UInt8(ascii: "\"")):
                // A doubled quote leaves the quotes and is in them again.
                place = place == .quoted ? .plain : .quoted
                field.append(byte)
            case (.plain, UInt8(ascii: ",")): endField(separator)
            case (.plain, 0x0A): endField(byte)
            default: field.append(byte)
            }
        }
        defer { out.removeAll(keepingCapacity: true) }
        return out
    }

    private mutating func endField(_ end: UInt8) {
        let isQuoted = field.first == UInt8(ascii: "\"")
        if !isQuoted, field.contains(separator) {
            out.append(UInt8(ascii: "\""))
            out += field
            out.append(UInt8(ascii: "\""))
        } else {
            out += field
        }
        out.append(end)
        field.removeAll(keepingCapacity: true)
    }
}
