/// A text that equals another only byte by byte.
///
/// Swift's `String` takes composed and decomposed letters for equal: `é` as U+00E9, and as `e` with
/// U+0301. Ids, books and counterparties are what the desk wrote, so dictionaries of them have this
/// for a key.
public struct ExactText: Hashable, Comparable, Sendable {
    /// The text as it was written.
    public let text: String

    /// Wraps a text.
    public init(_ text: String) {
        self.text = text
    }

    /// Whether both are the same bytes of UTF-8.
    public static func == (lhs: ExactText, rhs: ExactText) -> Bool {
        lhs.text.isExactly(rhs.text)
    }

    /// Orders by bytes of UTF-8, which is the order of code points.
    public static func < (lhs: ExactText, rhs: ExactText) -> Bool {
        lhs.text.utf8.lexicographicallyPrecedes(rhs.text.utf8)
    }

    /// Feeds the bytes of UTF-8 to a hasher.
    public func hash(into hasher: inout Hasher) {
        var copy = text
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}

extension StringProtocol {
    /// Whether both texts are the same bytes of UTF-8; `==` also takes composed and decomposed
    /// letters for equal.
    public func isExactly(_ other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
