/// Text from files, topics and services, made safe for a terminal and a log.
public enum TerminalText {
    /// Returns a text in which nothing is hidden: control characters (C0, DEL and C1), characters
    /// without a width and those that change the direction of text are written as `\u{1b}`.
    ///
    /// - Parameters:
    ///   - text: any.
    ///   - keepsLines: whether line feeds stay.
    /// - Returns: the text itself where all of it can be seen.
    public static func escaped(_ text: String, keepsLines: Bool = false) -> String {
        guard !isVisible(text) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isHidden(scalar), !(keepsLines && scalar == "\n") {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Escapes what is hidden in a JSON text in JSON's own way.
    ///
    /// - Parameter json: sound JSON; line feeds and tabs between its values stay.
    /// - Returns: JSON of the same values.
    public static func escapedJSON(_ json: String) -> String {
        guard !isVisible(json) else { return json }
        var result = ""
        for scalar in json.unicodeScalars {
            if isHidden(scalar), scalar != "\n", scalar != "\r", scalar != "\t" {
                result += jsonEscape(scalar)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whether a text has no hidden character.
    static func isVisible(_ text: String) -> Bool {
        text.utf8.allSatisfy { 0x20...0x7E ~= $0 } || !text.unicodeScalars.contains(where: isHidden)
    }

    /// Whether a terminal would obey the character, or nobody would see it.
    static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E: false
        case ..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0xFFF9...0xFFFB: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// A character as JSON escapes it: `\u001b`, two of these beyond U+FFFF.
    static func jsonEscape(_ scalar: Unicode.Scalar) -> String {
        String(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}
