internal import Finance
public import GridAPI

/// Two jobs' trades side by side, matched by the bytes of their ids.
public struct TradeComparison: Sendable {
    private struct Entry: Sendable {
        /// Positions in the indices; -1 where the trade is not in it.
        var a: Int32
        var b: Int32
        var change: Double
    }

    private let a: TradeIndex
    private let b: TradeIndex
    /// What moved, the largest change first; of equal ones by id.
    private var entries: [Entry] = []
    /// By name.
    public private(set) var books: [BookMove] = []
    /// Trades by what became of them.
    public private(set) var counts = JobComparison.Counts()

    /// Compares two indices in one pass over both.
    ///
    /// A trade is in the list of moves when it is in one job only, has another status, or another
    /// value in the base currency.
    public init(_ a: TradeIndex, _ b: TradeIndex) {
        self.a = a
        self.b = b
        var sums = BookSums()
        var (i, j) = (0, 0)
        while i < a.count || j < b.count {
            let rowA = i < a.count ? a.row(at: i, inList: .id) : -1
            let rowB = j < b.count ? b.row(at: j, inList: .id) : -1
            let order =
                rowA < 0
                ? 1 : rowB < 0 ? -1 : compareBytes(a.idBytes(of: rowA), b.idBytes(of: rowB))
            if order <= 0 { i += 1 }
            if order >= 0 { j += 1 }
            add(order <= 0 ? rowA : -1, order >= 0 ? rowB : -1, &sums)
        }
        // Sorting is stable: equal changes stay in the order of ids.
        entries.sort { abs($0.change) > abs($1.change) }
        books = sums.moves
    }

    /// How many trades moved, came, went or changed their status.
    public var moveCount: Int { entries.count }

    /// Returns a part of the list of moves, the largest change first.
    ///
    /// - Parameters:
    ///   - place: 0, or the end of the part before.
    ///   - limit: the most moves.
    /// - Returns: the moves; none past the end.
    public func moves(from place: Int, limit: Int) -> [TradeMove] {
        let end = min(entries.count, place + limit)
        guard place < end else { return [] }
        return entries[place..<end].map { entry in
            let rowA = entry.a >= 0 ? a.row(Int(entry.a)) : nil
            let rowB = entry.b >= 0 ? b.row(Int(entry.b)) : nil
            let state =
                rowA == nil
                ? "onlyB"
                : rowB == nil
                    ? "onlyA" : rowA?.status == rowB?.status ? "both" : "changedState"
            return TradeMove(
                id: rowB?.id ?? rowA?.id ?? "",
                book: rowB?.book ?? rowA?.book ?? "",
                product: rowB?.product ?? rowA?.product ?? "",
                a: rowA?.baseValue,
                b: rowB?.baseValue,
                change: entry.change,
                state: state,
                statusA: rowA?.status,
                statusB: rowB?.status
            )
        }
    }

    // MARK: Private

    private mutating func add(_ rowA: Int, _ rowB: Int, _ sums: inout BookSums) {
        let valueA = rowA >= 0 ? a.baseValue(of: rowA) : nil
        let valueB = rowB >= 0 ? b.baseValue(of: rowB) : nil
        sums.add(rowB >= 0 ? b.book(of: rowB) : a.book(of: rowA), valueA, valueB)
        let change = (valueB ?? 0) - (valueA ?? 0)
        if rowB < 0 {
            counts.onlyA += 1
        } else if rowA < 0 {
            counts.onlyB += 1
        } else {
            counts.both += 1
            if a.status(of: rowA) != b.status(of: rowB) {
                counts.changedState += 1
            } else if valueA == valueB {
                return
            } else {
                counts.moved += 1
            }
        }
        entries.append(Entry(a: Int32(rowA), b: Int32(rowB), change: change))
    }
}

/// Sums by book.
private struct BookSums {
    private struct Sum {
        var name: String
        var a = CompensatedSum()
        var b = CompensatedSum()
        var valuesA = 0
        var valuesB = 0
        var trades = 0
    }

    private var sums: [Sum] = []
    private var slots: [ExactText: Int] = [:]

    mutating func add(_ name: String, _ a: Double?, _ b: Double?) {
        let slot = slots[ExactText(name)] ?? sums.count
        if slot == sums.count {
            slots[ExactText(name)] = slot
            sums.append(Sum(name: name))
        }
        sums[slot].trades += 1
        if let a {
            sums[slot].a.add(a)
            sums[slot].valuesA += 1
        }
        if let b {
            sums[slot].b.add(b)
            sums[slot].valuesB += 1
        }
    }

    var moves: [BookMove] {
        sums.sorted { ExactText($0.name) < ExactText($1.name) }.map { sum in
            BookMove(
                name: sum.name,
                a: sum.valuesA > 0 ? sum.a.value : nil,
                b: sum.valuesB > 0 ? sum.b.value : nil,
                change: sum.b.value - sum.a.value,
                trades: sum.trades
            )
        }
    }
}
