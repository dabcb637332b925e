internal import Finance
internal import GridAPI

/// A sum that loses next to nothing to rounding (Neumaier).
///
/// Amounts are added in portfolio order: the same job gives the same bits.
struct CompensatedSum: Sendable {
    private var sum = 0.0
    private var compensation = 0.0

    mutating func add(_ value: Double) {
        let next = sum + value
        if abs(sum) >= abs(value) {
            compensation += (sum - next) + value
        } else {
            compensation += (value - next) + sum
        }
        sum = next
    }

    var value: Double { sum + compensation }
}

/// Totals by one property of trades.
struct GroupedTotals: Sendable {
    private struct Group: Sendable {
        var name: String
        var trades = 0
        var results = 0
        var errors = 0
        var missing = 0
        var values = 0
        var base = CompensatedSum()
        var local = CompensatedSum()
    }

    private var groups: [Group] = []
    private var slots: [ExactText: Int] = [:]

    /// Returns the place of a group, which is made when it is new.
    mutating func slot(of name: String) -> Int {
        if let slot = slots[ExactText(name)] { return slot }
        groups.append(Group(name: name))
        slots[ExactText(name)] = groups.count - 1
        return groups.count - 1
    }

    /// Counts a trade.
    mutating func add(_ status: TradeOutcome, base: Double?, local: Double?, to slot: Int) {
        groups[slot].trades += 1
        switch status {
        case .ok, .expired: groups[slot].results += 1
        case .error: groups[slot].errors += 1
        case .missing: groups[slot].missing += 1
        }
        if let base {
            groups[slot].values += 1
            groups[slot].base.add(base)
        }
        if let local { groups[slot].local.add(local) }
    }

    /// The totals, by name.
    ///
    /// `withLocal`: whether all trades of a group are in one currency, so that the sum of
    ///   their own amounts means something.
    func totals(withLocal: Bool) -> [ReportSummary.Total] {
        groups.sorted { ExactText($0.name) < ExactText($1.name) }.map { group in
            ReportSummary.Total(
                name: group.name,
                trades: group.trades,
                results: group.results,
                errors: group.errors,
                missing: group.missing,
                value: group.values > 0 ? group.base.value : nil,
                localValue: withLocal && group.values > 0 ? group.local.value : nil
            )
        }
    }
}

/// How a trade stands in a report; raw values are the `status` of results.jsonl.
enum TradeOutcome: String, Sendable {
    case ok
    case error
    case expired
    case missing
}
