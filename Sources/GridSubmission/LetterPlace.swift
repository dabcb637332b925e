/// Where a dead letter is in the dead-letter topic; written `PARTITION/OFFSET`, as `0/17`.
public struct LetterPlace: Hashable, Comparable, Sendable {
    /// The partition, from 0.
    public var partition: Int32
    /// The place in the partition, from 0.
    public var offset: Int64

    /// Makes a place.
    public init(partition: Int32, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }

    /// Reads a place; nil for any other form than two whole numbers with a slash between.
    public init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let partition = Int32(parts[0]), let offset = Int64(parts[1]),
            partition >= 0, offset >= 0
        else { return nil }
        self.init(partition: partition, offset: offset)
    }

    /// Orders by partition, then by offset.
    public static func < (lhs: LetterPlace, rhs: LetterPlace) -> Bool {
        (lhs.partition, lhs.offset) < (rhs.partition, rhs.offset)
    }
}

extension LetterPlace: CustomStringConvertible {
    /// The place as text.
    public var description: String { "\(partition)/\(offset)" }
}
