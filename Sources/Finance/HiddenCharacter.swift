/// A character that no name may have, because nobody would see it: a control character, one that has
/// no width, or one that changes the direction of the text around it.
public struct HiddenCharacter: Hashable, Sendable {
    /// The character.
    public let scalar: Unicode.Scalar

    /// Finds the first hidden character of a text; nil where all can be seen.
    public init?(in text: some StringProtocol) {
        // All of them are control characters of ASCII or beyond ASCII.
        guard text.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7F }),
            let found = text.unicodeScalars.first(where: Self.isHidden)
        else { return nil }
        scalar = found
    }

    /// Whether a character is hidden: control characters (C0, DEL and C1), line and paragraph
    /// separators, what Unicode says to draw nothing for (U+00AD, U+200B...U+200F, U+202A...U+202E,
    /// U+2060...U+206F, U+FEFF, variation selectors, tags), U+FFF9...U+FFFB and the blank U+2800.
    public static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E: false
        case ..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0x2800, 0xFFF9...0xFFFB: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}

extension HiddenCharacter: CustomStringConvertible {
    /// The code point and its name: `U+200B (ZERO WIDTH SPACE)`; control characters have none.
    public var description: String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return scalar.properties.name.map { "\(code) (\($0))" } ?? code
    }
}
