import CQuantLib
public import Finance

/// Prices trades on one market snapshot.
///
/// Curves, indices and engines are built once, when the session is made. Several sessions may be
/// alive: QuantLib keeps evaluation date, fixings and settings once for the process, and each
/// ``price(_:metrics:)`` makes them its own session's when another was used before. Threads may
/// each have a session, but they price one after the other; parallelism is processes.
///
/// - SeeAlso: `cquantlib.h`.
public final class PricingSession {
    /// The day for which trades are valued.
    public let valuationDate: CalendarDate
    /// The currency of base values.
    public let baseCurrency: Currency

    let handle: OpaquePointer
    var tables: SnapshotTables
    /// Sensitivities by node, of the discount curve and of the forward curve.
    var discountBuckets: [Double]
    var forwardBuckets: [Double]
    let snapshot: MarketSnapshot
    /// What takes the place of every number that QuantLib gives, in tests.
    var disturbance: Double?
    private var baseRates: [Currency: Double?] = [:]

    /// Makes a session.
    ///
    /// A fixing on a day on which its index does not fix is left out, as no trade can need it.
    ///
    /// - Throws: ``PricingError`` with the code `invalid_snapshot` naming the first field that
    ///   cannot be used.
    public convenience init(snapshot: MarketSnapshot) throws(PricingError) {
        if let problem = snapshot.problems().first {
            throw PricingError(
                code: .invalidSnapshot,
                field: problem.field,
                message: "\(problem.problem); expected \(problem.expected)."
            )
        }
        try self.init(unchecked: snapshot)
    }

    /// Makes a session of a snapshot whose numbers may be out of range.
    init(unchecked snapshot: MarketSnapshot) throws(PricingError) {
        var error = cql_error()
        guard let handle = cql_session_create(snapshot.valuationDate.serialNumber, &error) else {
            throw PricingError(
                code: .invalidSnapshot,
                field: "valuationDate",
                message: "QuantLib refuses \(snapshot.valuationDate): \(error.text)"
            )
        }
        do throws(PricingError) {
            tables = try SnapshotTables(loading: snapshot, into: handle)
        } catch {
            cql_session_destroy(handle)
            throw error
        }
        self.handle = handle
        self.snapshot = snapshot
        valuationDate = snapshot.valuationDate
        baseCurrency = snapshot.baseCurrency
        let longest = snapshot.curves.lazy.map(\.nodes.count).max() ?? 0
        discountBuckets = Array(repeating: 0, count: longest)
        forwardBuckets = discountBuckets
    }

    deinit {
        cql_session_destroy(handle)
    }

    /// Makes QuantLib's process-wide state this session's, ahead of the first trade; pricing does
    /// it by itself.
    public func activate() throws(PricingError) {
        var error = cql_error()
        guard cql_session_activate(handle, &error) != CQL_OK.rawValue else { return }
        throw PricingError(
            code: .pricingFailed,
            message: "QuantLib refuses the snapshot: \(error.text)"
        )
    }

    /// Prices one trade.
    ///
    /// - Parameters:
    ///   - product: the terms; they are checked first.
    ///   - metrics: those that do not apply to the product are passed over.
    /// - Returns: the metrics in the order given; or that the trade has expired; or why it has no
    ///   value. All of a trade's metrics or none.
    public func price(_ product: Product, metrics: [Metric]) -> TradeResult {
        let start = cql_thread_cpu_nanoseconds()
        var result = outcome(of: product, metrics: metrics)
        result.cpuMicroseconds = Double(cql_thread_cpu_nanoseconds() - start) / 1_000
        return result
    }

    // MARK: Internal

    /// Returns an amount in the base currency.
    func baseValue(of amount: Double, in currency: Currency) throws(Failure) -> Double {
        let rate: Double?
        if let known = baseRates[currency] {
            rate = known
        } else {
            rate = snapshot.baseRate(of: currency)
            baseRates[currency] = .some(rate)
        }
        guard let rate else {
            throw Failure(MissingData(exchangeRateFrom: currency, to: baseCurrency))
        }
        return amount * rate
    }

    /// Returns a metric's value with its base value, when it is a number.
    func value(
        _ metric: Metric,
        _ value: Double,
        in currency: Currency,
        factors: [Factor] = []
    ) throws(Failure) -> MetricValue {
        let value = disturbance ?? value
        let isAmount = metric.unit == .currency
        let base = isAmount && value.isFinite ? try baseValue(of: value, in: currency) : nil
        guard value.isFinite, base?.isFinite != false, factors.allSatisfy(\.value.isFinite) else {
            throw Failure(
                .notFinite,
                metric.rawValue,
                "\(metric.rawValue) is not a finite number (\(value)): check the trade's amounts and "
                    + "the market data that it uses."
            )
        }
        return MetricValue(metric: metric, value: value, baseValue: base, factors: factors)
    }

    // MARK: Private

    private func outcome(of product: Product, metrics: [Metric]) -> TradeResult {
        let applicable = metrics.filter { $0.applies(to: product) }
        do throws(Failure) {
            guard !applicable.isEmpty else {
                throw Failure(
                    .unsupportedMetric,
                    "metrics",
                    "No metric of the job is defined for \(product.type.rawValue): "
                        + "\(metrics.map(\.rawValue).joined(separator: ", "))."
                )
            }
            if let problem = product.problems().first {
                throw Failure(
                    .invalidTrade,
                    problem.field,
                    "\(problem.field): \(problem.problem); expected \(problem.expected)."
                )
            }
            switch product {
            case .forwardRateAgreement(let fra): return try price(fra, applicable)
            case .swap(let swap): return try price(swap, applicable)
            case .equityOption(let option): return try price(option, applicable)
            }
        } catch {
            return TradeResult(outcome: .failed(error.reason), engine: error.engine)
        }
    }
}

/// Ends the pricing of one trade; becomes a value before it leaves the module.
struct Failure: Error {
    var reason: FailureReason
    var engine = ""

    /// That the snapshot lacks something.
    init(_ missing: MissingData) {
        let code: FailureReason.Code =
            missing.kind == .fixing ? .missingFixing : .missingMarketData
        self.init(code, missing.field, missing.message)
    }

    init(_ code: FailureReason.Code, _ field: String, _ message: String) {
        reason = FailureReason(code: code, field: field, message: message)
    }
}
