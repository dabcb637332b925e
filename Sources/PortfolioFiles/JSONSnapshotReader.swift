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
        let fixings = readFixings(fields, tape)
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
            fixings: fixings.map(\.fixing)
        )
        let positions = fixings.map(\.position)
        for problem in snapshot.problems() {
            let place =
                group.places[problem.field]
                ?? fixingPlace(of: problem.field, positions) ?? problem.field
            tape.report(
                tape.find(place, from: 0),
                field: place,
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

    /// Reads fixings with their positions in the file's list, in which some may be said twice.
    private func readFixings(
        _ fields: JSONFields,
        _ tape: JSONTape
    ) -> [(fixing: Fixing, position: Int)] {
        var fixings: [(fixing: Fixing, position: Int)] = []
        var spellings = IndexSpellings<Double>()
        var position = 0
        forEach(.fixings, in: fields, tape) {
            let fields = object(tape, $0, $1, [.index, .date, .value], "a fixing")
            for fixing in MarketFieldReader.readFixing(
                fields,
                index: .index,
                line: tape.nodes[$0].line,
                &spellings
            ) {
                fixings.append((fixing, position))
            }
            position += 1
        }
        return fixings
    }

    /// Returns the path in the file of a problem of `fixings[N]`; nil for other paths.
    private func fixingPlace(of path: String, _ positions: [Int]) -> String? {
        let prefix = "fixings["
        guard path.hasPrefix(prefix), let end = path.firstIndex(of: "]"),
            let number = Int(path[path.index(path.startIndex, offsetBy: prefix.count)..<end]),
            positions.indices.contains(number)
        else { return nil }
        return "\(prefix)\(positions[number])\(path[end...])"
    }

    /// Which curve is for what, and the paths in the file of indices whose names are spelt another
    /// way there.
    private struct Group {
        var discount: [Currency: String] = [:]
        var forward: [InterestRateIndex: String] = [:]
        var places: [String: String] = [:]
    }

    private func readGroup(_ fields: JSONFields, _ tape: JSONTape) -> Group {
        var result = Group()
        var spellings = IndexSpellings<String>()
        let expected = "an object with discount and forward"
        guard
            let node = fields.container(.curveGroup, .object, isRequired: false, expected: expected)
        else { return result }
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
                result.discount[currency] = id
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
                switch spellings.take(
                    id,
                    of: .init(index: index),
                    spelling: name,
                    line: tape.nodes[key].line,
                    what: "curve",
                    show: { quoted($0) }
                ) {
                case .new:
                    result.forward[index] = id
                    if name != index.name {
                        result.places["curveGroup.forward.\(index)"] = "curveGroup.forward.\(name)"
                    }
                case .known: break
                case .contradicted(let problem, let expected):
                    tape.report(
                        key,
                        field: "curveGroup.forward.\(name)",
                        problem,
                        expected,
                        to: log
                    )
                }
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
        return result
    }

    private func readExchangeRate(_ tape: JSONTape, _ node: Int, _ prefix: String) -> [ExchangeRate]
    {
        MarketFieldReader.readExchangeRate(
            object(tape, node, prefix, [.pair, .value], "an exchange rate")
        )
    }
}
