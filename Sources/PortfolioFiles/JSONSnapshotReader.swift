internal import Finance

/// Reads a market snapshot from a JSON object.
struct JSONSnapshotReader {
    private static let snapshotFields: [Field] = [
        .schema, .snapshotId, .valuationDate, .baseCurrency, .curves, .curveGroup, .fxRates,
        .equities, .volatilities, .fixings,
    ]
    private static let curveFields: [Field] = [
        .id, .currency, .valueType, .dayCount, .interpolation, .extrapolation, .nodes,
    ]

    private let source: SourceText
    private let limits: FileLimits
    private let log: ProblemLog

    init(source: SourceText, limits: FileLimits, log: ProblemLog) {
        self.source = source
        self.limits = limits
        self.log = log
    }

    /// Reads the text; nil when it has problems, which are in the log then.
    func read() -> MarketSnapshot? {
        let expected = "JSON, or the directory of the market's CSV files"
        if let problem = source.problemAsJSON(asLines: false, expected: expected) {
            log.add { problem }
            return nil
        }
        var parser = JSONParser(
            source: source,
            nesting: limits.nesting,
            maximumNodes: limits.valuesPerSnapshot,
            log: log
        )
        do throws(JSONSyntaxError) {
            try parser.parse()
            guard parser.peek() == nil else { throw parser.unexpected("the end of the file") }
        } catch {
            log.add {
                FileProblem(
                    file: source.name,
                    line: error.line,
                    column: source.column(of: error.offset),
                    problem: error.problem,
                    expected: error.expected
                )
            }
            return nil
        }
        let tape = parser.tape
        guard tape.nodes[0].kind == .object else {
            tape.report(
                0,
                field: "",
                "\(tape.rawText(of: tape.nodes[0])) is not a snapshot",
                "an object with snapshotId, valuationDate, baseCurrency and curves",
                to: log
            )
            return nil
        }
        return read(tape)
    }

    // MARK: Private

    private func read(_ tape: JSONTape) -> MarketSnapshot? {
        let fields = object(tape, 0, "", Self.snapshotFields, "a market snapshot")
        if let schema = fields.text(.schema), schema != "market-snapshot/1" {
            fields.report(.schema, { "\(quoted(schema)) is not known" }) { "\"market-snapshot/1\"" }
        }
        let name = fields.requiredLabel(.snapshotId, expected: "a name such as EOD-2026-01-15")
        let valuationDate = fields.date(.valuationDate)
        let baseCurrency = fields.currency(.baseCurrency)
        var curves: [Curve] = []
        forEach(.curves, in: fields, tape) { curves.append(contentsOf: readCurve(tape, $0, $1)) }
        let group = readGroup(fields, tape)
        var rates: [ExchangeRate] = []
        forEach(.fxRates, in: fields, tape) {
            rates.append(contentsOf: readExchangeRate(tape, $0, $1))
        }
        var equities: [Equity] = []
        forEach(.equities, in: fields, tape) {
            let fields = object(tape, $0, $1, MarketFieldReader.equity, "an equity")
            equities.append(contentsOf: MarketFieldReader.readEquity(fields, id: .id))
        }
        var volatilities: [FlatVolatility] = []
        forEach(.volatilities, in: fields, tape) {
            let fields = object(tape, $0, $1, MarketFieldReader.volatility, "a volatility")
            volatilities.append(contentsOf: MarketFieldReader.readVolatility(fields, id: .id))
        }
        var fixings: [Fixing] = []
        forEach(.fixings, in: fields, tape) {
            let fields = object(tape, $0, $1, [.index, .date, .value], "a fixing")
            fixings.append(contentsOf: MarketFieldReader.readFixing(fields, index: .index))
        }
        guard log.total == 0, let name, let valuationDate, let baseCurrency else { return nil }
        let snapshot = MarketSnapshot(
            name: name,
            valuationDate: valuationDate,
            baseCurrency: baseCurrency,
            curves: curves,
            discountCurves: group.discount,
            forwardCurves: group.forward,
            exchangeRates: rates,
            equities: equities,
            volatilities: volatilities,
            fixings: fixings
        )
        for problem in snapshot.problems() {
            tape.report(
                tape.find(problem.field, from: 0),
                field: problem.field,
                problem.problem,
                problem.expected,
                to: log
            )
        }
        return snapshot
    }

    private func object(
        _ tape: JSONTape,
        _ node: Int,
        _ prefix: String,
        _ allowed: [Field],
        _ kind: String
    ) -> JSONFields {
        JSONFields(tape: tape, object: node, prefix: prefix, allowed: allowed, kind: kind, log: log)
    }

    /// Calls `body` with the node and the prefix of each object in a list.
    private func forEach(
        _ field: Field,
        in fields: JSONFields,
        path: String = "",
        _ tape: JSONTape,
        _ body: (Int, String) -> Void
    ) {
        guard
            let list = fields.container(
                field,
                .array,
                isRequired: false,
                expected: "a list of objects"
            )
        else { return }
        for (position, child) in tape.children(of: list).enumerated() {
            let name = "\(path)\(field.name)[\(position)]"
            guard tape.nodes[child].kind == .object else {
                tape.report(
                    child,
                    field: name,
                    "\(tape.rawText(of: tape.nodes[child])) is out of place",
                    "an object",
                    to: log
                )
                continue
            }
            body(child, "\(name).")
        }
    }

    private func readCurve(_ tape: JSONTape, _ node: Int, _ prefix: String) -> [Curve] {
        let fields = object(tape, node, prefix, Self.curveFields, "a curve")
        let id = fields.requiredLabel(.id, expected: "a unique name")
        let currency = fields.currency(.currency)
        let settings = MarketFieldReader.readCurveSettings(fields)
        var nodes: [CurveNode] = []
        if !fields.contains(.nodes) { fields.reportMissing(.nodes, "a list of nodes") }
        forEach(.nodes, in: fields, path: prefix, tape) {
            let fields = object(tape, $0, $1, [.date, .value, .label], "a node")
            nodes.append(contentsOf: MarketFieldReader.readNode(fields))
        }
        guard let id, let currency, let settings else { return [] }
        return [settings.makeCurve(id: id, currency: currency, nodes: nodes)]
    }

    private func readGroup(
        _ fields: JSONFields,
        _ tape: JSONTape
    ) -> (discount: [Currency: String], forward: [InterestRateIndex: String]) {
        var discount: [Currency: String] = [:]
        var forward: [InterestRateIndex: String] = [:]
        let expected = "an object with discount and forward"
        guard
            let node = fields.container(.curveGroup, .object, isRequired: false, expected: expected)
        else { return (discount, forward) }
        let group = object(tape, node, "curveGroup.", [.discount, .forward], "a curve group")
        func assignments(_ field: Field, _ body: (_ key: Int, _ name: String, _ id: String) -> Void)
        {
            let expected = "an object of curve ids"
            guard
                let node = group.container(field, .object, isRequired: false, expected: expected)
            else { return }
            for key in tape.children(of: node) {
                let value = tape.nodes[key + 1]
                let name = tape.text(of: tape.nodes[key])
                guard value.kind == .string else {
                    tape.report(
                        key + 1,
                        field: "curveGroup.\(field.name).\(name.prefix(64))",
                        "\(tape.rawText(of: value)) is not text",
                        "the id of a curve",
                        to: log
                    )
                    continue
                }
                body(key, name, tape.text(of: value))
            }
        }
        assignments(.discount) { key, name, id in
            if let currency = Currency(rawValue: name) {
                discount[currency] = id
            } else {
                tape.report(
                    key,
                    field: "curveGroup.discount",
                    "\(quoted(name)) is not a currency",
                    "an ISO 4217 code such as EUR",
                    to: log
                )
            }
        }
        assignments(.forward) { key, name, id in
            if let index = InterestRateIndex(name: name) {
                forward[index] = id
            } else {
                tape.report(
                    key,
                    field: "curveGroup.forward",
                    "\(quoted(name)) is not an index",
                    InterestRateIndex.expectation,
                    to: log
                )
            }
        }
        return (discount, forward)
    }

    private func readExchangeRate(_ tape: JSONTape, _ node: Int, _ prefix: String) -> [ExchangeRate]
    {
        MarketFieldReader.readExchangeRate(
            object(tape, node, prefix, [.pair, .value], "an exchange rate")
        )
    }
}
