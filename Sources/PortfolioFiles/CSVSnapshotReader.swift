internal import Finance

/// Reads a market snapshot from a directory of CSV files, one purpose a file.
struct CSVSnapshotReader {
    /// The files of a directory and their columns, in the order in which they are written.
    static let columns: [String: [CSVTable.Column]] = [
        "snapshot.csv": [
            .init(.name, "Name", isRequired: true),
            .init(.valuationDate, "Valuation Date", isRequired: true),
            .init(.baseCurrency, "Base Currency", isRequired: true),
        ],
        "settings.csv": [
            .init(.curveName, "Curve Name", isRequired: true),
            .init(.currency, "Currency", isRequired: true),
            .init(.valueType, "Value Type", isRequired: true),
            .init(.dayCount, "Day Count", isRequired: true),
            .init(.interpolation, "Interpolator"),
            .init(.leftExtrapolator, "Left Extrapolator"),
            .init(.extrapolation, "Right Extrapolator"),
        ],
        "curves.csv": [
            .init(.valuationDate, "Valuation Date"),
            .init(.curveName, "Curve Name", isRequired: true),
            .init(.date, "Date", isRequired: true), .init(.value, "Value", isRequired: true),
            .init(.label, "Label"),
        ],
        "groups.csv": [
            .init(.groupName, "Group Name"), .init(.curveType, "Curve Type", isRequired: true),
            .init(.reference, "Reference", isRequired: true),
            .init(.curveName, "Curve Name", isRequired: true),
        ],
        "fx-rates.csv": [
            .init(.valuationDate, "Valuation Date"),
            .init(.pair, "Currency Pair", isRequired: true),
            .init(.value, "Value", isRequired: true),
        ],
        "equities.csv": [
            .init(.valuationDate, "Valuation Date"), .init(.id, "Equity", isRequired: true),
            .init(.currency, "Currency", isRequired: true), .init(.spot, "Spot", isRequired: true),
            .init(.dividendCurve, "Dividend Curve", isRequired: true),
            .init(.fundingCurve, "Funding Curve", isRequired: true),
            .init(.volatility, "Volatility", isRequired: true),
        ],
        "volatilities.csv": [
            .init(.valuationDate, "Valuation Date"), .init(.id, "Volatility", isRequired: true),
            .init(.type, "Type", isRequired: true), .init(.value, "Value", isRequired: true),
            .init(.referenceDate, "Reference Date"), .init(.dayCount, "Day Count"),
        ],
        "fixings.csv": [
            .init(.reference, "Reference", isRequired: true),
            .init(.date, "Date", isRequired: true),
            .init(.value, "Value", isRequired: true),
        ],
    ]

    private let sources: [String: SourceText]
    private let directory: String
    private let limits: FileLimits
    private let log: ProblemLog
    private var valuationDate: CalendarDate?
    /// The row of each thing that can have a problem, by its path in the snapshot.
    private var rows: [String: (row: CSVFields, columns: [Substring: Field])] = [:]

    init(
        sources: [String: SourceText],
        directory: String,
        limits: FileLimits,
        log: ProblemLog
    ) {
        self.sources = sources
        self.directory = directory
        self.limits = limits
        self.log = log
    }

    /// Reads the files; nil when they have problems, which are in the log then.
    mutating func read() -> MarketSnapshot? {
        for name in sources.keys.sorted() where Self.columns[name] == nil {
            log.add {
                FileProblem(
                    file: "\(directory)/\(name)",
                    problem: "it is not a file of a market directory",
                    expected: expectation(
                        Self.columns.keys.sorted().joined(separator: ", "),
                        for: name,
                        among: Self.columns.keys.sorted()
                    )
                )
            }
        }
        guard let head = readHead() else { return nil }
        valuationDate = head.valuationDate
        var snapshot = head
        snapshot.curves = readCurves()
        readGroups(&snapshot)
        forEachRow("fx-rates.csv") { reader, row in
            for rate in MarketFieldReader.readExchangeRate(row) {
                reader.rows["fxRates[\(snapshot.exchangeRates.count)]"] = (
                    row, ["pair": .pair, "value": .value]
                )
                snapshot.exchangeRates.append(rate)
            }
        }
        forEachRow("equities.csv") { reader, row in
            for equity in MarketFieldReader.readEquity(row, id: .id) {
                reader.rows["equities[\(snapshot.equities.count)]"] = (
                    row,
                    [
                        "spot": .spot, "dividendCurve": .dividendCurve,
                        "fundingCurve": .fundingCurve, "volatility": .volatility,
                    ]
                )
                snapshot.equities.append(equity)
            }
        }
        forEachRow("volatilities.csv") { reader, row in
            for volatility in MarketFieldReader.readVolatility(row, id: .id) {
                reader.rows["volatilities[\(snapshot.volatilities.count)]"] = (
                    row, ["value": .value, "referenceDate": .referenceDate]
                )
                snapshot.volatilities.append(volatility)
            }
        }
        var spellings = IndexSpellings<Double>()
        forEachRow("fixings.csv") { reader, row in
            for fixing in MarketFieldReader.readFixing(
                row,
                index: .reference,
                line: row.line,
                &spellings
            ) {
                reader.rows["fixings[\(snapshot.fixings.count)]"] = (row, ["value": .value])
                snapshot.fixings.append(fixing)
            }
        }
        guard log.total == 0 else { return nil }
        for problem in snapshot.problems() { report(problem) }
        return snapshot
    }

    // MARK: Files

    private mutating func readHead() -> MarketSnapshot? {
        guard sources["snapshot.csv"] != nil else {
            if log.total == 0 {
                log.add {
                    FileProblem(
                        file: directory,
                        problem: "there is no snapshot.csv and no snapshot.json",
                        expected: "a market directory, or the path of a JSON file"
                    )
                }
            }
            return nil
        }
        var found: MarketSnapshot?
        forEachRow("snapshot.csv") { reader, row in
            let name = row.requiredLabel(.name, expected: "a name such as EOD-2026-01-15")
            let date = row.date(.valuationDate)
            let currency = row.currency(.baseCurrency)
            if found != nil {
                row.report(.name, { "there is a second row" }, { "one snapshot" })
            }
            guard let name, let date, let currency else { return }
            found = MarketSnapshot(name: name, valuationDate: date, baseCurrency: currency)
        }
        if found == nil, log.total == 0 {
            log.add {
                FileProblem(
                    file: "\(directory)/snapshot.csv",
                    problem: "there is no row",
                    expected: "one with the snapshot's name, valuation date and base currency"
                )
            }
        }
        return found
    }

    private mutating func readCurves() -> [Curve] {
        var curves: [Curve] = []
        var positions: [ExactText: Int] = [:]
        forEachRow("settings.csv") { reader, row in
            let id = row.requiredLabel(.curveName, expected: "a unique name")
            let currency = row.currency(.currency)
            let settings = MarketFieldReader.readCurveSettings(row)
            if let left = row.text(.leftExtrapolator), left != "None" {
                row.report(.leftExtrapolator, { "\(quoted(left)) is not known" }) {
                    "None: a curve begins at its first node"
                }
            }
            guard let id, let currency, let settings else { return }
            if positions[ExactText(id)] != nil {
                row.report(.curveName, { "\(quoted(id)) occurs twice" }, { "a unique name" })
            }
            reader.rows["curves[\(curves.count)]"] = (row, ["nodes": .curveName])
            positions[ExactText(id)] = curves.count
            curves.append(settings.makeCurve(id: id, currency: currency, nodes: []))
        }
        forEachRow("curves.csv") { reader, row in
            let id = row.requiredLabel(.curveName, expected: "a curve of settings.csv")
            let node = MarketFieldReader.readNode(row)
            guard let id else { return }
            guard let position = positions[ExactText(id)] else {
                row.report(.curveName, { "there is no curve \(quoted(id)) in settings.csv" }) {
                    expectation(
                        "one that is there",
                        for: id,
                        among: positions.keys.sorted().map(\.text)
                    )
                }
                return
            }
            let path = "curves[\(position)].nodes[\(curves[position].nodes.count)]"
            reader.rows[path] = (row, ["date": .date, "value": .value])
            curves[position].nodes.append(contentsOf: node)
        }
        return curves
    }

    private mutating func readGroups(_ snapshot: inout MarketSnapshot) {
        var groupName: String?
        var seen: [String: Int] = [:]
        var spellings = IndexSpellings<String>()
        forEachRow("groups.csv") { reader, row in
            let group = row.label(.groupName)
            if !group.isExactly(groupName ?? group) {
                row.report(.groupName, { "\(quoted(group)) is a second group" }, { "one group" })
            }
            groupName = group
            let use: CurveUse? = row.choice(.curveType)
            let id = row.requiredLabel(.curveName, expected: "a curve of settings.csv")
            let key: String
            switch use {
            case .discount:
                guard let currency = row.currency(.reference), let id else { return }
                snapshot.discountCurves[currency] = id
                key = "curveGroup.discount.\(currency)"
            case .forward:
                guard let index = row.index(.reference), let id else { return }
                switch spellings.take(
                    id,
                    of: .init(index: index),
                    spelling: row.text(.reference) ?? index.name,
                    line: row.line,
                    what: "curve",
                    show: { quoted($0) }
                ) {
                case .new: snapshot.forwardCurves[index] = id
                case .known: return
                case .contradicted(let problem, let expected):
                    row.report(.reference, { problem }, { expected })
                    return
                }
                key = "curveGroup.forward.\(index)"
            case nil: return
            }
            if let first = seen[key] {
                row.report(.reference, { "it has a curve already" }) {
                    "one curve for each; the first is on line \(first)"
                }
            }
            seen[key] = row.line
            reader.rows[key] = (row, [:])
        }
    }

    // MARK: Rows

    private mutating func forEachRow(
        _ name: String,
        _ body: (inout CSVSnapshotReader, CSVFields) -> Void
    ) {
        guard let source = sources[name], let columns = Self.columns[name],
            var table = CSVTable(source: source, columns: columns, limits: limits, log: log)
        else { return }
        while let row = table.next() {
            if let valuationDate, row.contains(.valuationDate),
                let date = row.optionalDate(.valuationDate), date != valuationDate
            {
                row.report(.valuationDate, { "\(date) is another day" }) {
                    "\(valuationDate), as in snapshot.csv"
                }
            }
            body(&self, row)
        }
    }

    /// Reports a problem of the snapshot at the row and column it comes from.
    private func report(_ problem: FieldProblem) {
        let path = problem.field
        if let (row, _) = rows[path] {
            let field: Field =
                path.hasPrefix("curveGroup")
                ? .curveName
                : path.hasPrefix("fixings") ? .date : path.hasPrefix("fxRates") ? .pair : .id
            row.report(field, { problem.problem }, { problem.expected })
            return
        }
        if let dot = path.lastIndex(of: "."), let (row, columns) = rows[String(path[..<dot])] {
            let field = columns[path[path.index(after: dot)...]] ?? .id
            row.report(field, { problem.problem }, { problem.expected })
            return
        }
        log.add {
            FileProblem(
                file: directory,
                field: path,
                problem: problem.problem,
                expected: problem.expected
            )
        }
    }
}
