internal import Finance
internal import GridAPI
internal import GridProtocol
internal import Ledger

/// The totals of a report, added up in portfolio order.
struct ReportTotals {
    private let record: JobRecord
    private let failuresKept: Int
    private(set) var results = 0
    private(set) var errors = 0
    private(set) var expired = 0
    private(set) var named = 0
    private(set) var batches = 0
    private(set) var failures: [ReportSummary.FailedTrade] = []
    private(set) var rates: [String: Double] = [:]
    private var total = CompensatedSum()
    private var values = 0
    private var cpu = CompensatedSum()
    private var books = GroupedTotals()
    private var currencies = GroupedTotals()
    private var products = GroupedTotals()
    private var counterparties = GroupedTotals()
    private var engines: [String: Int] = [:]
    private var pricingEngines: [String: Int] = [:]
    private var valgridVersions: Set<String> = []
    private var quantlibVersions: Set<String> = []
    private let hash = SHA256()
    private let given: BaseRates
    /// The groups that the names of the current batch refer to, by position; -1 when not looked up.
    private var slots: [Slots] = []

    private struct Slots {
        var book = -1
        var currency = -1
        var product = -1
        var counterparty = -1
    }

    /// The metric that is totalled; empty when there is none.
    let totalMetric: String

    init(_ record: JobRecord, rates: BaseRates, failuresKept: Int) {
        self.record = record
        self.failuresKept = failuresKept
        given = rates
        let candidates = [Metric.npv.rawValue, Metric.optionPV.rawValue]
        totalMetric = candidates.first { record.metrics.contains($0) } ?? ""
    }

    /// Begins a batch.
    mutating func begin(_ batch: ReportBatch) {
        batches += 1
        slots = batch.names.map { _ in Slots() }
        guard let result = batch.result else { return }
        engines[result.engineID, default: 0] += batch.headers.count
        for part in batch.parts {
            valgridVersions.insert(ReportBatch.valgridVersion(result, part))
            quantlibVersions.insert(ReportBatch.quantlibVersion(part))
        }
    }

    /// Counts a trade.
    mutating func add(_ trade: ReportTrade) {
        named += 1
        hash.update(trade.header.tradeID)
        hash.update("\n")
        switch trade.outcome {
        case .ok: results += 1
        case .expired:
            results += 1
            expired += 1
        case .error: errors += 1
        case .missing: break
        }
        if let priced = trade.priced {
            cpu.add(priced.cpuMicroseconds)
            let engine = trade.engine
            if !engine.isEmpty { pricingEngines[engine, default: 0] += 1 }
        }
        let metric = totalMetric.isEmpty ? nil : trade.metric(totalMetric)
        if let base = metric?.baseValue {
            total.add(base)
            values += 1
        }
        let currency = trade.currency
        if let metric, let base = metric.baseValue, metric.value != 0, rates[currency] == nil {
            rates[currency] = base / metric.value
        }
        let outcome = trade.outcome
        let (base, local) = (metric?.baseValue, metric?.value)
        let header = trade.header
        books.add(
            outcome,
            base: base,
            local: nil,
            to: Self.slot(&slots[Int(header.book)].book, trade.book, &books)
        )
        currencies.add(
            outcome,
            base: base,
            local: local,
            to: Self.slot(&slots[Int(header.currency)].currency, currency, &currencies)
        )
        products.add(
            outcome,
            base: base,
            local: nil,
            to: Self.slot(&slots[Int(header.type)].product, trade.type, &products)
        )
        counterparties.add(
            outcome,
            base: base,
            local: nil,
            to: Self.slot(
                &slots[Int(header.counterparty)].counterparty,
                trade.counterparty,
                &counterparties
            )
        )
        if let failure = trade.failure {
            keep(failure, of: trade.header.tradeID, outcome, in: trade.batch.index)
        }
    }

    /// Counts a batch that was never published, or could not be read.
    mutating func addUnpublished(_ failure: FailureReason, batch: UInt32) {
        keep(failure, of: "", .missing, in: batch)
    }

    /// How many units of base currency one unit of a currency is worth: from the snapshot, else
    /// as the trades so far show it.
    func baseRate(of currency: String) -> Double? {
        if currency == record.baseCurrency { return 1 }
        return given[currency] ?? rates[currency]
    }

    /// Returns the summary of all that went by.
    func summary(_ progress: JobProgress) -> ReportSummary {
        let isWhole = batches == Int(record.batchCount)
        let trades = Int(record.tradeCount)
        let done = results + errors
        return ReportSummary(
            job: record.jobID,
            state: progress.phase.rawValue,
            portfolio: record.portfolioName,
            submitter: record.submitter,
            valuationDate: CalendarDate(daysSince1970: record.valuationDay).description,
            snapshot: .init(id: record.snapshotID, name: record.snapshotName),
            baseCurrency: record.baseCurrency,
            metrics: record.metrics,
            totalMetric: totalMetric,
            trades: trades,
            results: results,
            errors: errors,
            expired: expired,
            missing: trades - done,
            total: values > 0 ? total.value : nil,
            totals: .init(
                book: books.totals(withLocal: false),
                currency: currencies.totals(withLocal: true),
                product: products.totals(withLocal: false),
                counterparty: counterparties.totals(withLocal: false)
            ),
            seconds: progress.seconds,
            tradesPerSecond: progress.seconds > 0 ? Double(done) / progress.seconds : 0,
            cpuSeconds: cpu.value / 1_000_000,
            submittedAt: ReportTime.text(record.submittedAt),
            versions: .init(
                valgrid: valgridVersions.sorted().joined(separator: ", "),
                quantlib: quantlibVersions.sorted().joined(separator: ", ")
            ),
            engines: Self.shares(engines),
            pricingEngines: Self.shares(pricingEngines),
            failedTrades: failures,
            completeness: .init(
                expectedTrades: trades,
                actualTrades: named,
                expectedHash: record.tradeIdsHash.hexadecimal,
                actualHash: isWhole ? hash.digest().hexadecimal : "",
                matches: progress.reason == nil,
                reason: progress.reason ?? ""
            )
        )
    }

    // MARK: Private

    private mutating func keep(
        _ failure: FailureReason,
        of trade: String,
        _ outcome: TradeOutcome,
        in batch: UInt32
    ) {
        guard failures.count < failuresKept else { return }
        failures.append(
            ReportSummary.FailedTrade(
                tradeId: trade,
                status: outcome.rawValue,
                code: failure.code.rawValue,
                field: failure.field,
                message: failure.message,
                batch: batch
            )
        )
    }

    private static func slot(
        _ known: inout Int,
        _ name: String,
        _ totals: inout GroupedTotals
    ) -> Int {
        if known < 0 { known = totals.slot(of: name) }
        return known
    }

    private static func shares(_ counts: [String: Int]) -> [ReportSummary.Share] {
        counts.sorted { $0.key < $1.key }.map {
            ReportSummary.Share(name: $0.key, trades: $0.value)
        }
    }
}
