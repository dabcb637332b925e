internal import Finance

/// Reads a portfolio from CSV: a row a trade, cells that a product does not have left empty.
struct CSVPortfolioReader {
    /// The columns of a portfolio file, in the order in which they are written.
    static let columns: [CSVTable.Column] = [
        .init(.tradeId, isRequired: true), .init(.type, isRequired: true), .init(.book),
        .init(.counterparty), .init(.nettingSet), .init(.tradeDate), .init(.convention),
        .init(.payReceive), .init(.longShort), .init(.notional), .init(.rate), .init(.spread),
        .init(.forecast), .init(.index), .init(.startDate), .init(.endDate), .init(.tenor),
        .init(.underlying),
        .init(.currency), .init(.optionType), .init(.style), .init(.strike), .init(.expiryDate),
        .init(.quantity), .init(.engine),
    ]

    private static let swap: [Field] = [
        .convention, .payReceive, .notional, .rate, .spread, .forecast, .startDate, .endDate,
        .tenor,
    ]
    private static let foreign: [ProductType: [Field]] = {
        func others(_ own: [Field]) -> [Field] {
            columns.map(\.field).filter {
                !TradeFieldReader.header.contains($0) && !own.contains($0)
            }
        }
        return [
            .swap: others(swap),
            .forwardRateAgreement: others(TradeFieldReader.forwardRateAgreement + [.tenor]),
            .equityOption: others(TradeFieldReader.equityOption),
        ]
    }()

    private let source: SourceText
    private let limits: FileLimits
    private let log: ProblemLog
    private(set) var collection: TradeCollection
    private var progress = ReadingProgress()

    init(
        source: SourceText,
        limits: FileLimits,
        log: ProblemLog,
        collection: TradeCollection
    ) {
        self.collection = collection
        self.source = source
        self.limits = limits
        self.log = log
    }

    /// Reads all rows.
    mutating func read() {
        guard
            var table = CSVTable(source: source, columns: Self.columns, limits: limits, log: log)
        else { return }
        while let row = table.next() {
            read(row)
            progress.reached(table.position, in: source.bytes)
        }
    }

    // MARK: Private

    private mutating func read(_ row: CSVFields) {
        let before = log.total
        let type: ProductType? = row.choice(.type)
        for field in type.flatMap({ Self.foreign[$0] }) ?? [] where row.contains(field) {
            row.report(field, { "\(quoted(row.text(field) ?? "")) is out of place" }) {
                "an empty cell: it is not a field of \(type == .swap ? "a" : "an") "
                    + (type?.rawValue ?? "")
            }
        }
        let product: Product? =
            switch type {
            case .swap: readSwap(row)
            case .forwardRateAgreement:
                TradeFieldReader.readForwardRateAgreement(row) { readEnd(row, start: $0) }
            case .equityOption: TradeFieldReader.readEquityOption(row)
            case nil: nil
            }
        guard let trade = TradeFieldReader.readHeader(row, product: product) else { return }
        if product != nil, log.total == before { report(trade.problems(), row) }
        let isSound = product != nil && log.total == before
        let first =
            isSound
            ? collection.add(trade, line: row.line) : collection.claim(trade.id, line: row.line)
        if let first {
            row.report(.tradeId, { "\(quoted(trade.id.rawValue)) is taken" }) {
                "a unique id; the first is on line \(first)"
            }
        }
    }

    private func readSwap(_ row: CSVFields) -> Product? {
        let convention = row.requiredParsed(
            .convention,
            expected: SwapConvention.expectation,
            { SwapConvention(name: $0) }
        )
        let payReceive: PayReceive? = row.choice(.payReceive)
        let notional = row.amount(.notional)
        let rate = row.rate(.rate)
        let spread = row.optionalRate(.spread) ?? 0
        let forecast = row.choice(.forecast, default: LegRate.Forecast.index)
        let start = row.date(.startDate)
        let end = readEnd(row, start: start)
        guard let convention, let payReceive, let notional, let rate, let start, let end else {
            return nil
        }
        return .swap(
            convention.makeSwap(
                payReceive: payReceive,
                notional: notional,
                rate: rate,
                spread: spread,
                forecast: forecast,
                startDate: start,
                endDate: end
            )
        )
    }

    private func readEnd(_ row: CSVFields, start: CalendarDate?) -> CalendarDate? {
        guard row.contains(.tenor) else {
            if row.contains(.endDate) { return row.optionalDate(.endDate) }
            row.reportMissing(.endDate, "a day as YYYY-MM-DD, or a tenor such as 5Y")
            return nil
        }
        if row.contains(.endDate) {
            row.report(.tenor, { "both endDate and tenor are given" }, { "one of them" })
            return nil
        }
        guard let tenor = row.optionalTenor(.tenor), let start else { return nil }
        if let end = start.adding(tenor) { return end }
        row.report(.tenor, { "\(tenor) after \(start) is past 2199" }, { "a shorter tenor" })
        return nil
    }

    /// Reports problems of a trade's terms by their columns; both legs of a swap share some.
    private func report(_ problems: [FieldProblem], _ row: CSVFields) {
        var reported = Set<Field>()
        for problem in problems {
            let name = problem.field.split(separator: ".").last.map(String.init) ?? ""
            var field = Field.named(Array(name.utf8)[...]) ?? .tradeId
            if field == .endDate, row.contains(.tenor) { field = .tenor }
            if field == .frequency { field = .convention }
            guard reported.insert(field).inserted else { continue }
            row.report(field) {
                problem.problem.replacing("legs.fixed.schedule.", with: "")
                    .replacing("legs.floating.schedule.", with: "")
            } _: {
                problem.expected
            }
        }
    }
}
