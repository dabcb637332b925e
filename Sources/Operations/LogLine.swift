/// One line of a log.
public struct LogLine: Hashable, Sendable {
    /// When, in microseconds since 1970 UTC.
    public var time: Int64
    /// How much it matters.
    public var level: LogLevel
    /// Which program or part of it wrote the line.
    public var label: String
    /// What happened, in words that do not vary.
    public var message: String
    /// The facts.
    public var metadata: [LogKey: String]

    /// A line of these parts.
    public init(
        time: Int64,
        level: LogLevel,
        label: String,
        message: String,
        metadata: [LogKey: String] = [:]
    ) {
        self.time = time
        self.level = level
        self.label = label
        self.message = message
        self.metadata = metadata
    }

    /// The line in a format, with its line feed and no other.
    public func rendered(as format: LogFormat) -> String {
        switch format {
        case .text: text
        case .json: json
        }
    }

    // MARK: Formats

    private var facts: [(key: String, value: String)] {
        metadata.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
    }

    private var text: String {
        var line = Timestamp.iso8601(time)
        let name = level.rawValue.uppercased()
        line += " \(name)\(String(repeating: " ", count: max(0, 7 - name.count))) \(label): "
        line += JSONWriter.escaped(message)
        for (key, value) in facts {
            line += " \(key)="
            line += Self.isPlain(value) ? value : JSONWriter.quoted(value)
        }
        return line + "\n"
    }

    private var json: String {
        var line = "{\"time\":\"\(Timestamp.iso8601(time))\",\"level\":\"\(level.rawValue)\""
        line += ",\"label\":\(JSONWriter.quoted(label)),\"message\":\(JSONWriter.quoted(message))"
        for (key, value) in facts {
            line += ",\(JSONWriter.quoted(key)):\(JSONWriter.quoted(value))"
        }
        return line + "}\n"
    }

    /// Whether a value needs no quotes: not empty, and no blank, quote, `=` or hidden character.
    private static func isPlain(_ value: String) -> Bool {
        !value.isEmpty && TerminalText.isVisible(value)
            && value.utf8.allSatisfy { byte in
                byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "\"")
                    && byte != UInt8(ascii: "=") && byte != UInt8(ascii: "\\")
            }
    }
}
