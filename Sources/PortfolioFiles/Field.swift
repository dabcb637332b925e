/// Every name that portfolio and snapshot files use, spelt as in JSON.
enum Field: Int, CaseIterable {
    // Trades
    case schema, tradeId, type, book, counterparty, nettingSet, tradeDate
    case longShort, notional, rate, index, startDate, endDate
    case legs, payReceive, legType, currency, spread, fixingDays, forecast, dayCount
    case paymentConvention
    case schedule, frequency, calendar, convention, rollConvention, endOfMonth
    case underlying, optionType, style, strike, expiryDate, quantity, engine
    case tenor
    // Portfolios
    case name, trades
    // Snapshots
    case snapshotId, valuationDate, baseCurrency, curves, curveGroup, fxRates, equities
    case volatilities, fixings, discount, forward
    case id, valueType, interpolation, extrapolation, nodes, date, value, label
    case pair, spot, dividendCurve, fundingCurve, volatility, referenceDate
    // Columns of the CSV twin that JSON does not need
    case groupName, curveType, reference, curveName, leftExtrapolator

    /// The spelling in JSON, which is also the case's name.
    var name: String { Self.names[rawValue] }

    /// Returns the field that the bytes spell.
    static func named(_ bytes: some Collection<UInt8>) -> Field? {
        guard bytes.count < byLength.count else { return nil }
        return byLength[bytes.count].first { $0.spelling.elementsEqual(bytes) }?.field
    }

    private static let names = allCases.map { String(describing: $0) }

    private static let byLength: [[(field: Field, spelling: [UInt8])]] = {
        var table: [[(field: Field, spelling: [UInt8])]] = []
        for field in allCases {
            let spelling = Array(field.name.utf8)
            while table.count <= spelling.count { table.append([]) }
            table[spelling.count].append((field, spelling))
        }
        return table
    }()
}
