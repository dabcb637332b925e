internal import Finance
public import GridAPI
public import GridProtocol
public import Ledger

/// The totals of a job that goes on, kept up with what was joined since they were last looked at.
///
/// They are added in the order in which results come, so that they may differ from the final ones
/// in the last digits; those are the report's.
public struct RunningTotals: Sendable {
    /// What trades are grouped by.
    public enum Grouping: String, Sendable, CaseIterable {
        case book, currency, product, counterparty
    }

    private struct Sum: Sendable {
        var name: String
        var trades = 0
        var done = 0
        var failed = 0
        var values = 0
        var value = CompensatedSum()

        var group: JobTotals.Group {
            JobTotals.Group(
                name: name,
                trades: trades,
                done: done,
                failed: failed,
                value: values > 0 ? value.value : nil,
                isComplete: trades > 0 && done == trades
            )
        }
    }

    private struct Table: Sendable {
        var sums: [Sum] = []
        var slots: [ExactText: Int] = [:]

        mutating func slot(of name: String) -> Int {
            if let slot = slots[ExactText(name)] { return slot }
            slots[ExactText(name)] = sums.count
            sums.append(Sum(name: name))
            return sums.count - 1
        }
    }

    /// What of a batch has been counted.
    fileprivate enum Stage: UInt8 { case none, published, joined }

    /// How many batches are looked at at a time.
    private static let step = 10_000

    private let job: JobID
    private let totalMetric: String
    private var stages: [Stage]
    private var total = Sum(name: "")
    private var tables = [Table](repeating: Table(), count: Grouping.allCases.count)

    /// Begins with nothing counted.
    public init(of job: JobID, record: JobRecord) {
        self.job = job
        totalMetric = ReportTotals(record, rates: BaseRates(), failuresKept: 0).totalMetric
        stages = Array(repeating: .none, count: Int(record.batchCount))
    }

    /// Counts what has come since the last time.
    ///
    /// - Parameter path: the ledger's file.
    /// - Throws: ``AggregationError`` when it cannot be read; what was counted until then stays.
    public mutating func catchUp(from path: String) throws(AggregationError) {
        let reader = try LedgerReader(path: path)
        for first in stride(from: 0, to: stages.count, by: Self.step) {
            let end = min(stages.count, first + Self.step)
            guard stages[first..<end].contains(where: { $0 != .joined }) else { continue }
            for row in try reader.batches(of: job, in: first..<end) {
                let stage = Stage(row)
                guard stage.rawValue > stages[row.index].rawValue else { continue }
                let index = UInt32(row.index)
                let seen = stages[row.index]
                var counted = seen
                try reader.forEachBatch(of: job, in: index...index) {
                    (row) throws(AggregationError) in
                    counted = row.result == nil ? .published : .joined
                    try count(ReportBatch(row, absence: nil), isNew: seen == .none)
                }
                stages[row.index] = counted
            }
        }
    }

    /// The sum of all.
    public var all: JobTotals.Group { total.group }

    /// The groups by name, those of the most trades when there are more than 500; and how many
    /// there are.
    public func groups(by grouping: Grouping) -> (groups: [JobTotals.Group], count: Int) {
        let table = tables[Grouping.allCases.firstIndex(of: grouping) ?? 0]
        return JobTotals.Group.listed(table.sums.map(\.group))
    }

    // MARK: Private

    private mutating func count(_ batch: ReportBatch, isNew: Bool) throws(AggregationError) {
        try batch.forEachTrade { (header, priced, part) throws(AggregationError) in
            let trade = ReportTrade(batch, header, priced, part: part)
            let names = [trade.book, trade.currency, trade.type, trade.counterparty]
            let base =
                totalMetric.isEmpty ? nil : trade.metric(totalMetric)?.baseValue
            Self.add(trade.outcome, base, isNew, to: &total)
            for (number, name) in names.enumerated() {
                let slot = tables[number].slot(of: name)
                Self.add(trade.outcome, base, isNew, to: &tables[number].sums[slot])
            }
        }
    }

    private static func add(
        _ outcome: TradeOutcome,
        _ base: Double?,
        _ isNew: Bool,
        to sum: inout Sum
    ) {
        if isNew { sum.trades += 1 }
        if outcome != .missing { sum.done += 1 }
        if outcome == .error { sum.failed += 1 }
        guard let base else { return }
        sum.values += 1
        sum.value.add(base)
    }
}

extension RunningTotals.Stage {
    /// Batches whose own record has not come are counted when it has.
    fileprivate init(_ row: BatchRow) {
        self =
            row.queuedAt == nil && row.place == nil && row.trades == nil
            ? .none : row.result == nil ? .published : .joined
    }
}

extension JobTotals.Group {
    /// The groups by name, those of the most trades when there are more than 500.
    static func listed(
        _ groups: [JobTotals.Group]
    ) -> (groups: [JobTotals.Group], count: Int) {
        var kept = groups
        if kept.count > 500 { kept = Array(kept.sorted { $0.trades > $1.trades }.prefix(500)) }
        return (kept.sorted { ExactText($0.name) < ExactText($1.name) }, groups.count)
    }
}

extension ReportSummary {
    /// The totals of a job that has ended.
    ///
    /// - Parameters:
    ///   - grouping: what trades are grouped by.
    ///   - time: ISO 8601.
    /// - Returns: the report's numbers.
    public func jobTotals(by grouping: RunningTotals.Grouping, asOf time: String) -> JobTotals {
        let totals =
            switch grouping {
            case .book: self.totals.book
            case .currency: self.totals.currency
            case .product: self.totals.product
            case .counterparty: self.totals.counterparty
            }
        let (groups, count) = JobTotals.Group.listed(
            totals.map { total in
                JobTotals.Group(
                    name: total.name,
                    trades: total.trades,
                    done: total.results + total.errors,
                    failed: total.errors,
                    value: total.value,
                    isComplete: total.missing == 0
                )
            }
        )
        return JobTotals(
            isTotal: true,
            asOf: time,
            baseCurrency: baseCurrency,
            total: JobTotals.Group(
                name: "",
                trades: trades,
                done: results + errors,
                failed: errors,
                value: total,
                isComplete: missing == 0
            ),
            groups: groups,
            groupCount: count
        )
    }
}
