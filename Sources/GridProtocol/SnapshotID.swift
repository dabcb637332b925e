public import Finance

/// Identifies a market snapshot by its content: `sha256:` and 64 hexadecimal digits, the hash of
/// its canonical bytes.
public struct SnapshotID: Hashable, Sendable, RawRepresentable {
    /// The identifier.
    public let rawValue: String

    /// Reads an identifier; nil for any other form.
    public init?(rawValue: String) {
        let digits = rawValue.utf8.dropFirst(Self.prefix.utf8.count)
        guard rawValue.hasPrefix(Self.prefix), digits.count == SHA256.byteCount * 2,
            digits.allSatisfy({
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            })
        else { return nil }
        self.rawValue = rawValue
    }

    /// Returns the identifier of the snapshot that has these canonical bytes.
    public init(canonicalBytes: [UInt8]) {
        rawValue = Self.prefix + SHA256.digest(of: canonicalBytes).hexadecimal
    }

    /// Returns the identifier of a snapshot.
    public init(of snapshot: MarketSnapshot) {
        self.init(canonicalBytes: MarketSnapshotRecord(snapshot).encoded())
    }

    private static let prefix = "sha256:"
}

extension SnapshotID: CustomStringConvertible {
    /// The identifier.
    public var description: String { rawValue }
}
