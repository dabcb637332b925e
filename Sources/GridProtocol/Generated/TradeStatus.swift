// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// How pricing a trade ended.
public struct TradeStatus: RawRepresentable, Hashable, Sendable {
    /// The number on the wire; numbers that this version does not know survive.
    public var rawValue: Int32

    /// Makes a value from its number on the wire.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Not said.
    public static let unspecified = TradeStatus(rawValue: 0)

    /// The value `ok`.
    public static let ok = TradeStatus(rawValue: 1)

    /// The value `error`.
    public static let error = TradeStatus(rawValue: 2)

    /// The value `expired`.
    public static let expired = TradeStatus(rawValue: 3)
}
