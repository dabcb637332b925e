/// Strings as JSON writes them.
public enum JSONWriter {
    /// The string in quotes, escaped.
    public static func quoted(_ string: String) -> String {
        "\"\(escaped(string))\""
    }

    /// The string with quotes, backslashes and hidden characters escaped.
    public static func escaped(_ string: String) -> String {
        guard string.utf8.contains(where: mayNeedEscape) else { return string }
        var result = ""
        result.reserveCapacity(string.utf8.count + 8)
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where TerminalText.isHidden(scalar): result += TerminalText.jsonEscape(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
}
