public import GridAPI

/// Which trades of an index are listed; all that is given must hold.
public struct TradeFilter: Hashable, Sendable {
    /// `ok`, `error`, `expired` or `missing`.
    public var status: String?
    /// As `Swap`.
    public var product: String?
    /// The book.
    public var book: String?
    /// The counterparty.
    public var counterparty: String?
    /// The code of a failure.
    public var code: String?
    /// What id, book or counterparty contain, upper and lower case of ASCII being one.
    public var text: String?

    /// Lists all.
    public init() {}

    var isEmpty: Bool { self == TradeFilter() }
}

extension TradeIndex {
    /// A part of a list.
    public struct Page: Hashable, Sendable {
        /// Its trades, in order.
        public var rows: [TradeRow]
        /// Where the next page begins; nil when there is none.
        public var next: Int?
        /// Trades of the whole list.
        public var total: Int
    }

    /// Returns a page of the trades.
    ///
    /// - Parameters:
    ///   - filter: which ones.
    ///   - order: in which order.
    ///   - place: 0, or where the page before said that the next begins.
    ///   - limit: the most trades, at least 1.
    /// - Returns: the page; without trades for a place past the end.
    public func page(
        of filter: TradeFilter = TradeFilter(),
        by order: Order = .position,
        from place: Int = 0,
        limit: Int
    ) -> Page {
        guard !filter.isEmpty else {
            let end = min(count, place + limit)
            let rows = (min(place, end)..<end).map { row(row(at: $0, in: order)) }
            return Page(rows: rows, next: end < count ? end : nil, total: count)
        }
        // One pass in the order of the file marks the trades; the list is then walked for a page.
        let matcher = TradeMatcher(filter, self)
        var marks = [UInt64](repeating: 0, count: count / 64 + 1)
        var total = 0
        for position in 0..<count where matcher.matches(position, of: self) {
            marks[position >> 6] |= 1 << UInt64(position & 63)
            total += 1
        }
        var rows: [TradeRow] = []
        for here in min(place, count)..<count {
            let position = row(at: here, in: order)
            guard marks[position >> 6] & 1 << UInt64(position & 63) != 0 else { continue }
            guard rows.count < limit else { return Page(rows: rows, next: here, total: total) }
            rows.append(row(position))
        }
        return Page(rows: rows, next: nil, total: total)
    }
}

/// A filter with its names looked up.
private struct TradeMatcher {
    private var status: Int?
    /// By name's number; nil for any.
    private var products: [Bool]?
    private var books: [Bool]?
    private var counterparties: [Bool]?
    /// By failure's number, from 1.
    private var failures: [Bool]?
    private var text: [UInt8] = []
    private var booksWithText: [Bool] = []
    private var counterpartiesWithText: [Bool] = []

    init(_ filter: TradeFilter, _ index: TradeIndex) {
        func marks(_ names: [String], _ wanted: String?) -> [Bool]? {
            wanted.map { wanted in names.map { $0.utf8.elementsEqual(wanted.utf8) } }
        }
        let description = index.description
        status = filter.status.map { wanted in
            TradeIndexLayout.statuses.firstIndex { $0.rawValue == wanted } ?? -1
        }
        products = marks(description.products, filter.product)
        books = marks(description.books, filter.book)
        counterparties = marks(description.counterparties, filter.counterparty)
        failures = filter.code.map { code in [false] + description.failures.map { $0.code == code }
        }
        text = (filter.text ?? "").utf8.map(Self.lower)
        guard !text.isEmpty else { return }
        booksWithText = description.books.map(contains)
        counterpartiesWithText = description.counterparties.map(contains)
    }

    func matches(_ position: Int, of index: TradeIndex) -> Bool {
        typealias Field = TradeIndexLayout.Field
        if let status, index.number(position, Field.status, UInt8.self) != status { return false }
        if let products, !products[index.number(position, Field.product, UInt16.self)] {
            return false
        }
        if let failures, !failures[index.number(position, Field.failure, UInt32.self)] {
            return false
        }
        let book = index.number(position, Field.book, UInt32.self)
        if let books, !books[book] { return false }
        let counterparty = index.number(position, Field.counterparty, UInt32.self)
        if let counterparties, !counterparties[counterparty] { return false }
        guard !text.isEmpty else { return true }
        return booksWithText[book] || counterpartiesWithText[counterparty]
            || contains(index.idBytes(of: position))
    }

    private func contains(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { contains(UnsafeRawBufferPointer($0)) }
    }

    private func contains(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= text.count else { return false }
        for start in 0...(bytes.count - text.count) {
            var length = 0
            while length < text.count, Self.lower(bytes[start + length]) == text[length] {
                length += 1
            }
            if length == text.count { return true }
        }
        return false
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
