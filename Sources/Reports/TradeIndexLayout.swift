internal import GridAPI

/// How a trade index lies in its file.
///
/// A head of eight numbers, the rows, the bytes of ids, three lists of row numbers (by id, by size,
/// by value), and a description in JSON. Numbers are little-endian.
enum TradeIndexLayout {
    static let magic: UInt64 = 0x3130_5844_4954_4756  // "VGTIDX01"
    static let headBytes = 64
    static let rowBytes = 64

    /// Where the fields of a row are.
    enum Field {
        static let idOffset = 0  // UInt64
        static let idLength = 8  // UInt16
        static let status = 10  // UInt8
        static let flags = 11  // UInt8
        static let batch = 12  // UInt32
        static let place = 16  // UInt32, in the batch
        static let book = 20  // UInt32
        static let counterparty = 24  // UInt32
        static let product = 28  // UInt16
        static let currency = 30  // UInt16
        static let failure = 32  // UInt32, from 1; 0 for none
        static let maturity = 36  // Int32
        static let notional = 40  // Double
        static let value = 48  // Double
        static let baseValue = 56  // Double
    }

    static let hasValue: UInt8 = 1
    static let hasBaseValue: UInt8 = 2

    /// By their numbers in the file.
    static let statuses: [TradeOutcome] = [.ok, .error, .expired, .missing]

    /// Failures told apart; those after them count with the last.
    static let mostFailures = 10_000

    /// What there is besides rows.
    struct Description: Codable, Sendable {
        var joined: Int
        var isFinal: Bool
        var builtAt: Int64
        var baseCurrency: String
        var total: Double?
        var valued: Int
        var products: [String]
        var books: [String]
        var counterparties: [String]
        var currencies: [String]
        var failures: [FailureGroup]
        var versions: [String]
    }
}
