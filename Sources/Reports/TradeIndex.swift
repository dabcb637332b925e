internal import Finance
public import GridAPI
public import Ledger

/// The trades of a job in a file, found by id and listed in several orders without reading all.
///
/// Ids are compared byte by byte.
public struct TradeIndex: Sendable {
    private let file: MappedFile
    let description: TradeIndexLayout.Description
    /// How many trades it has.
    public let count: Int
    private let idsOffset: Int
    private let lists: [Order.List: Int]

    /// The order of a list.
    public struct Order: Hashable, Sendable {
        enum List: Hashable { case position, id, size, value }

        var list: List
        var isReversed = false

        /// As in the portfolio.
        public static let position = Order(list: .position)
        /// By bytes of ids.
        public static let id = Order(list: .id)
        /// The largest value in the base currency, whatever its sign, first.
        public static let size = Order(list: .size)
        /// The lowest value in the base currency first.
        public static let value = Order(list: .value)
        /// The highest value in the base currency first.
        public static let highestValue = Order(list: .value, isReversed: true)
    }

    /// Opens an index.
    ///
    /// - Throws: ``AggregationError`` when the file is not there, or not an index.
    public init(path: String) throws(AggregationError) {
        file = try MappedFile(path: path)
        let bytes = file.bytes
        guard bytes.count >= TradeIndexLayout.headBytes else { throw Self.damaged(path) }
        let head = (0..<8).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
        guard head[0] == TradeIndexLayout.magic, head.allSatisfy({ $0 < 1 << 62 }) else {
            throw Self.damaged(path)
        }
        let numbers = head.map(Int.init)
        count = numbers[1]
        idsOffset = numbers[2]
        lists = [.id: numbers[3], .size: numbers[4], .value: numbers[5]]
        let end = numbers[6] + numbers[7]
        guard end == bytes.count, numbers[3...6].allSatisfy({ $0 <= bytes.count }),
            idsOffset == TradeIndexLayout.headBytes + count * TradeIndexLayout.rowBytes,
            numbers[3] >= idsOffset, numbers[5] + count * 4 == numbers[6],
            numbers[3] + count * 8 == numbers[5]
        else { throw Self.damaged(path) }
        do {
            description = try APIJSON.decoded(
                from: Array(bytes[numbers[6]..<end])
            )
        } catch {
            throw Self.damaged(path)
        }
    }

    /// How many batches had a result when it was built.
    public var batchesJoined: Int { description.joined }
    /// Whether the job had ended when it was built: nothing will change.
    public var isFinal: Bool { description.isFinal }
    /// When it was built, microseconds since 1970 UTC.
    public var builtAt: Int64 { description.builtAt }
    /// The sum of all values in the base currency, added in portfolio order; nil when there is none.
    public var total: Double? { description.total }
    /// The pricers' versions.
    public var versions: [String] { description.versions }
    /// Why trades have no value, in the order of their first trades.
    public var failures: [FailureGroup] { description.failures }

    /// Returns the row of a trade; nil when there is no such trade.
    public func position(of id: String) -> Int? {
        var id = id
        return id.withUTF8 { wanted in
            let wanted = UnsafeRawBufferPointer(wanted)
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                let row = self.row(at: middle, inList: .id)
                let order = compareBytes(idBytes(of: row), wanted)
                if order == 0 { return row }
                if order < 0 { low = middle + 1 } else { high = middle }
            }
            return nil
        }
    }

    /// The row of a trade, by its position in the portfolio.
    public func row(_ position: Int) -> TradeRow {
        let failure = number(position, Field.failure, UInt32.self)
        return TradeRow(
            id: String(decoding: idBytes(of: position), as: UTF8.self),
            position: position,
            batch: batch(of: position),
            product: description.products[number(position, Field.product, UInt16.self)],
            book: book(of: position),
            counterparty: description.counterparties[
                number(position, Field.counterparty, UInt32.self)
            ],
            currency: description.currencies[number(position, Field.currency, UInt16.self)],
            notional: field(position, Field.notional, Double.self),
            maturity: CalendarDate(
                daysSince1970: field(position, Field.maturity, Int32.self)
            ).description,
            status: status(of: position).rawValue,
            code: failure > 0 ? description.failures[failure - 1].code : nil,
            value: flags(position) & TradeIndexLayout.hasValue != 0
                ? field(position, Field.value, Double.self) : nil,
            baseValue: baseValue(of: position)
        )
    }

    // MARK: Internal

    typealias Field = TradeIndexLayout.Field

    /// The position in the portfolio of the element of a list.
    func row(at place: Int, inList list: Order.List) -> Int {
        guard let offset = lists[list] else { return place }
        return Int(file.bytes.loadUnaligned(fromByteOffset: offset + place * 4, as: UInt32.self))
    }

    /// The position in the portfolio of the element of an order; trades without a value are last
    /// in orders by value.
    func row(at place: Int, in order: Order) -> Int {
        guard order.isReversed, place < description.valued else {
            return row(at: place, inList: order.list)
        }
        return row(at: description.valued - 1 - place, inList: order.list)
    }

    func idBytes(of position: Int) -> UnsafeRawBufferPointer {
        let offset = idsOffset + Int(field(position, Field.idOffset, UInt64.self))
        let length = Int(field(position, Field.idLength, UInt16.self))
        return UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + length])
    }

    func batch(of position: Int) -> Int { number(position, Field.batch, UInt32.self) }

    /// Its position in its batch.
    func place(of position: Int) -> Int { number(position, Field.place, UInt32.self) }

    func book(of position: Int) -> String {
        description.books[number(position, Field.book, UInt32.self)]
    }

    func status(of position: Int) -> TradeOutcome {
        TradeIndexLayout.statuses[number(position, Field.status, UInt8.self)]
    }

    func baseValue(of position: Int) -> Double? {
        flags(position) & TradeIndexLayout.hasBaseValue != 0
            ? field(position, Field.baseValue, Double.self) : nil
    }

    func number<Number: FixedWidthInteger & BitwiseCopyable>(
        _ position: Int,
        _ field: Int,
        _ type: Number.Type
    ) -> Int {
        Int(self.field(position, field, type))
    }

    // MARK: Private

    private func flags(_ position: Int) -> UInt8 { field(position, Field.flags, UInt8.self) }

    private func field<Number: BitwiseCopyable>(
        _ position: Int,
        _ field: Int,
        _ type: Number.Type
    ) -> Number {
        file.bytes.loadUnaligned(
            fromByteOffset: TradeIndexLayout.headBytes + position * TradeIndexLayout.rowBytes
                + field,
            as: type
        )
    }

    private static func damaged(_ path: String) -> AggregationError {
        AggregationError(
            code: .reportNotWritten,
            reason: "\(path) is not a trade index; remove it, and it is built again"
        )
    }
}

/// Orders byte strings; negative when the first comes first.
func compareBytes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    let shared = min(a.count, b.count)
    var index = 0
    while index < shared {
        if a[index] != b[index] { return a[index] < b[index] ? -1 : 1 }
        index += 1
    }
    return a.count - b.count
}
