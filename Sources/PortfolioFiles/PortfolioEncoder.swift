public import Finance

/// Writes trades one after the other in one of the forms of a portfolio file.
///
/// What it writes reads back equal, numbers to the same bits.
public struct PortfolioEncoder: Sendable {
    private let format: PortfolioFormat
    private let name: String
    private var count = 0

    /// Makes an encoder.
    ///
    /// - Parameters:
    ///   - format: the form to write.
    ///   - name: the portfolio's name; only ``PortfolioFormat/json`` has a place for it, and it is
    ///     left out when empty.
    public init(format: PortfolioFormat, name: String = "") {
        self.format = format
        self.name = name
    }

    /// Adds what comes before the first trade.
    public func begin(_ bytes: inout [UInt8]) {
        switch format {
        case .json:
            bytes.add("{\"schema\":\"portfolio/1\",")
            if !name.isEmpty {
                bytes.add("\"name\":")
                bytes.addJSON(name)
                bytes.add(",")
            }
            bytes.add("\"trades\":[")
        case .jsonLines: break
        case .csv: bytes.addRow(CSVPortfolioReader.columns.map(\.name))
        }
    }

    /// Adds a trade.
    ///
    /// - Parameters:
    ///   - trade: a trade without problems.
    ///   - bytes: what was written so far.
    /// - Throws: in CSV, for a swap that is on the terms of no ``SwapConvention``: nothing is added
    ///   then.
    public mutating func append(_ trade: Trade, to bytes: inout [UInt8]) throws(FileProblems) {
        switch format {
        case .json:
            bytes.add(count == 0 ? "\n" : ",\n")
            bytes.addTrade(trade)
        case .jsonLines:
            bytes.addTrade(trade)
            bytes.add("\n")
        case .csv:
            bytes.addRow(try csvCells(of: trade))
        }
        count += 1
    }

    /// Adds what comes after the last trade.
    public func end(_ bytes: inout [UInt8]) {
        if format == .json { bytes.add("\n]}\n") }
    }
}

/// Returns the bytes of a portfolio file.
///
/// - Parameters:
///   - portfolio: its trades are written in order.
///   - format: the form to write.
/// - Returns: the whole file.
/// - Throws: the trades that the form cannot hold, see ``PortfolioEncoder``.
public func encodedPortfolio(
    _ portfolio: Portfolio,
    format: PortfolioFormat
) throws(FileProblems) -> [UInt8] {
    var encoder = PortfolioEncoder(format: format, name: portfolio.name)
    var bytes: [UInt8] = []
    encoder.begin(&bytes)
    for trade in portfolio.trades { try encoder.append(trade, to: &bytes) }
    encoder.end(&bytes)
    return bytes
}

/// Writes trades to a file as they come, in pieces of a mebibyte; the file takes its place when it
/// is complete.
///
/// - Parameters:
///   - trades: any number.
///   - path: the file, replaced when it is there.
///   - format: the form; nil to go by the extension, JSON lines when that says nothing.
/// - Throws: when the file cannot be written or the form cannot hold a trade; the file is then as
///   it was.
public func writePortfolio(
    _ trades: some Sequence<Trade>,
    to path: String,
    format: PortfolioFormat? = nil
) throws(FileProblems) {
    var encoder = PortfolioEncoder(format: format ?? PortfolioFormat(path: path) ?? .jsonLines)
    let file = try FileReplacement(path: path)
    do throws(FileProblems) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1_100_000)
        encoder.begin(&bytes)
        for trade in trades {
            try encoder.append(trade, to: &bytes)
            if bytes.count > 1_000_000 {
                try file.write(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        encoder.end(&bytes)
        try file.write(bytes)
    } catch {
        file.discard()
        throw error
    }
    try file.commit()
}

// MARK: CSV

private func csvCells(of trade: Trade) throws(FileProblems) -> [String] {
    var cells: [Field: String] = [
        .tradeId: trade.id.rawValue, .type: trade.product.type.rawValue, .book: trade.book,
        .counterparty: trade.counterparty, .nettingSet: trade.nettingSet,
        .tradeDate: trade.tradeDate?.description ?? "",
    ]
    switch trade.product {
    case .swap(let swap):
        guard let convention = SwapConvention(of: swap), case .fixed(let rate) = swap.fixedLeg.rate,
            case .floating(_, let spread, _, let forecast) = swap.floatingLeg.rate
        else {
            throw FileProblems(
                FileProblem(
                    file: trade.id.rawValue,
                    field: "convention",
                    problem: "the swap's terms are those of no convention",
                    expected: "JSON for such a swap"
                )
            )
        }
        cells[.convention] = convention.name
        cells[.payReceive] = swap.fixedLeg.payReceive.rawValue
        cells[.notional] = shortest(swap.notional)
        cells[.rate] = shortest(rate)
        cells[.spread] = spread == 0 && spread.sign == .plus ? "" : shortest(spread)
        cells[.forecast] = forecast == .index ? "" : forecast.rawValue
        cells[.startDate] = swap.startDate.description
        cells[.endDate] = swap.endDate.description
    case .forwardRateAgreement(let fra):
        cells[.longShort] = fra.longShort.rawValue
        cells[.notional] = shortest(fra.notional)
        cells[.rate] = shortest(fra.rate)
        cells[.index] = fra.index.name
        cells[.startDate] = fra.startDate.description
        cells[.endDate] = fra.endDate.description
    case .equityOption(let option):
        cells[.underlying] = option.underlying
        cells[.currency] = option.currency.rawValue
        cells[.longShort] = option.longShort.rawValue
        cells[.optionType] = option.optionType.rawValue
        cells[.style] = option.style.rawValue
        cells[.strike] = shortest(option.strike)
        cells[.expiryDate] = option.expiryDate.description
        cells[.quantity] = shortest(option.quantity)
        cells[.engine] = option.method?.rawValue ?? ""
    }
    return CSVPortfolioReader.columns.map { cells[$0.field] ?? "" }
}

// MARK: JSON

extension [UInt8] {
    /// Adds a trade as one line of JSON.
    fileprivate mutating func addTrade(_ trade: Trade) {
        add("{")
        addMember("tradeId", trade.id.rawValue)
        addMember("type", trade.product.type.rawValue)
        if !trade.book.isEmpty { addMember("book", trade.book) }
        if !trade.counterparty.isEmpty { addMember("counterparty", trade.counterparty) }
        if !trade.nettingSet.isEmpty { addMember("nettingSet", trade.nettingSet) }
        if let date = trade.tradeDate { addMember("tradeDate", date.description) }
        switch trade.product {
        case .forwardRateAgreement(let fra):
            addMember("longShort", fra.longShort.rawValue)
            addMember("notional", fra.notional)
            addMember("rate", fra.rate)
            addMember("index", fra.index.name)
            addMember("startDate", fra.startDate.description)
            addMember("endDate", fra.endDate.description)
        case .swap(let swap):
            addName("legs")
            add("[")
            addLeg(swap.fixedLeg)
            add(",")
            addLeg(swap.floatingLeg)
            add("]")
        case .equityOption(let option):
            addMember("underlying", option.underlying)
            addMember("currency", option.currency.rawValue)
            addMember("longShort", option.longShort.rawValue)
            addMember("optionType", option.optionType.rawValue)
            addMember("style", option.style.rawValue)
            addMember("strike", option.strike)
            addMember("expiryDate", option.expiryDate.description)
            addMember("quantity", option.quantity)
            if let engine = option.method { addMember("engine", engine.rawValue) }
        }
        add("}")
    }

    private mutating func addLeg(_ leg: SwapLeg) {
        add("{")
        addMember("payReceive", leg.payReceive.rawValue)
        switch leg.rate {
        case .fixed: addMember("legType", LegType.fixed.rawValue)
        case .floating: addMember("legType", LegType.floating.rawValue)
        }
        addMember("currency", leg.currency.rawValue)
        addMember("notional", leg.notional)
        switch leg.rate {
        case .fixed(let rate): addMember("rate", rate)
        case .floating(let index, let spread, let fixingDays, let forecast):
            addMember("index", index.name)
            addMember("spread", spread)
            if let fixingDays { addMember("fixingDays", Double(fixingDays)) }
            if forecast != .index { addMember("forecast", forecast.rawValue) }
        }
        addMember("dayCount", leg.dayCount.rawValue)
        addMember("paymentConvention", leg.paymentConvention.rawValue)
        addName("schedule")
        add("{")
        addMember("startDate", leg.schedule.startDate.description)
        addMember("endDate", leg.schedule.endDate.description)
        addMember("frequency", leg.schedule.frequency.description)
        addMember("calendar", leg.schedule.calendar.rawValue)
        addMember("convention", leg.schedule.convention.rawValue)
        addMember("rollConvention", leg.schedule.roll.rawValue)
        addName("endOfMonth")
        add(leg.schedule.endOfMonth ? "true" : "false")
        add("}}")
    }
}
