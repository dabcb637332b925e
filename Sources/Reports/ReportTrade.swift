internal import Finance
internal import GridProtocol

/// One trade of a report.
struct ReportTrade {
    let batch: ReportBatch
    let header: TradeHeader
    let priced: PricedTrade?
    let part: Int
    let outcome: TradeOutcome
    /// Why there is no value; nil for trades with one and for matured trades.
    let failure: FailureReason?

    init(_ batch: ReportBatch, _ header: TradeHeader, _ priced: PricedTrade?, part: Int) {
        self.batch = batch
        self.header = header
        self.priced = priced
        self.part = part
        switch priced?.status {
        case nil:
            outcome = .missing
            failure = batch.missing
        case .ok:
            outcome = .ok
            failure = nil
        case .expired:
            outcome = .expired
            failure = nil
        default:
            outcome = .error
            failure =
                priced?.failure.map {
                    FailureReason(
                        code: .init(rawValue: $0.code),
                        field: $0.field,
                        message: $0.message
                    )
                } ?? FailureReason(code: .undecodable, message: "the pricer gave no reason")
        }
    }

    var type: String { batch.names[Int(header.type)] }
    var book: String { batch.names[Int(header.book)] }
    var counterparty: String { batch.names[Int(header.counterparty)] }
    var nettingSet: String { batch.names[Int(header.nettingSet)] }
    var currency: String { batch.names[Int(header.currency)] }

    /// The pricing engine, `QuantLib AnalyticEuropean`; empty when none was reached.
    var engine: String {
        guard let priced, Int(priced.engine) < batch.parts[part].names.count else { return "" }
        return batch.parts[part].names[Int(priced.engine)]
    }

    /// The metric of a name; nil when the trade has none.
    func metric(_ name: String) -> PricedMetric? {
        guard outcome == .ok, let priced else { return nil }
        return priced.metrics.first { batch.metrics[part][Int($0.metric)]?.name == name }
    }

    // MARK: Lines

    /// Appends the trade's line of results.jsonl.
    func appendResult(to text: inout UTF8Builder) {
        text.append("{\"tradeId\":")
        text.append(json: header.tradeID)
        text.append(",\"type\":")
        text.append(batch.jsonNames[Int(header.type)])
        text.append(",\"book\":")
        text.append(batch.jsonNames[Int(header.book)])
        text.append(",\"counterparty\":")
        text.append(batch.jsonNames[Int(header.counterparty)])
        text.append(",\"status\":\"")
        text.append(text: outcome.rawValue)
        text.append("\",\"metrics\":{")
        if outcome == .ok, let priced {
            var isFirst = true
            for metric in priced.metrics {
                guard let name = batch.metrics[part][Int(metric.metric)] else { continue }
                if !isFirst { text.append(",") }
                isFirst = false
                append(metric, name, to: &text)
            }
        }
        text.append("}")
        if let failure {
            text.append(",\"error\":{\"code\":")
            text.append(json: failure.code.rawValue)
            text.append(",\"field\":")
            text.append(json: failure.field)
            text.append(",\"message\":")
            text.append(json: failure.message)
            text.append("}")
        }
        if let priced {
            text.append(",\"engine\":")
            text.append(json: engine)
            text.append(",\"cpuMicroseconds\":")
            text.append(json: priced.cpuMicroseconds)
        }
        text.append(batch.tail)
    }

    private func append(
        _ metric: PricedMetric,
        _ name: ReportBatch.MetricName,
        to text: inout UTF8Builder
    ) {
        text.append(name.json)
        text.append(":{\"value\":")
        text.append(json: metric.value)
        switch name.unit {
        case .currency:
            text.append(",\"currency\":")
            text.append(batch.jsonNames[Int(header.currency)])
        case let unit:
            text.append(",\"unit\":")
            text.append(json: unit?.rawValue ?? "")
        }
        if let baseValue = metric.baseValue {
            text.append(",\"baseValue\":")
            text.append(json: baseValue)
        }
        if !metric.factors.isEmpty {
            text.append(",\"factors\":{")
            for (position, factor) in metric.factors.enumerated() {
                if position > 0 { text.append(",") }
                if let json = batch.metrics[part][Int(factor)]?.json { text.append(json) }
                text.append(":")
                text.append(json: metric.factorValues[position])
            }
            text.append("}")
        }
        text.append("}")
    }

    /// The columns of npv.csv, as ORE names them.
    static let npvColumns: StaticString = """
        TradeId,TradeType,Maturity,MaturityTime,NPV,NpvCurrency,NPV(Base),BaseCurrency,Notional,\
        NotionalCurrency,Notional(Base),NettingSet,CounterParty

        """

    /// Appends the trade's line of npv.csv; what is not known is `#N/A`, as ORE writes it.
    func appendNPV(
        to text: inout UTF8Builder,
        maturities: inout MaturityColumns,
        baseCurrency: String,
        baseRate: Double?
    ) {
        func append(_ number: Double?) {
            guard let number, number.isFinite else { return text.append("#N/A,") }
            text.append(json: number)
            text.append(",")
        }
        func append(name: String) {
            text.append(csv: name)
            text.append(",")
        }
        let npv = metric(Metric.npv.rawValue)
        append(name: header.tradeID)
        append(name: type)
        maturities.append(header.maturityDay, to: &text)
        append(npv?.value)
        append(name: currency)
        append(npv?.baseValue)
        append(name: baseCurrency)
        append(header.notional)
        append(name: currency)
        append(baseRate.map { header.notional * $0 })
        append(name: nettingSet)
        text.append(csv: counterparty)
        text.append("\n")
    }

    /// The columns of errors.csv.
    static let errorColumns: StaticString = """
        TradeId,TradeType,Book,CounterParty,Status,Code,Field,Message,Batch,EngineId,Attempt

        """

    /// Appends the trade's line of errors.csv, if it has no value and is not matured.
    func appendError(to text: inout UTF8Builder) {
        guard let failure else { return }
        for field in [
            header.tradeID, type, book, counterparty, outcome.rawValue, failure.code.rawValue,
            failure.field, failure.message, String(batch.index), batch.result?.engineID ?? "",
        ] {
            text.append(csv: field)
            text.append(",")
        }
        if let result = batch.result { text.append(result.attempt) }
        text.append("\n")
    }
}
