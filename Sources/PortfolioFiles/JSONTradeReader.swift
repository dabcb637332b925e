internal import Finance

/// Reads one trade from a JSON object.
struct JSONTradeReader {
    private static let leg: [Field] = [
        .payReceive, .legType, .currency, .notional, .dayCount, .paymentConvention, .schedule,
    ]
    private static let schedule: [Field] = [
        .startDate, .endDate, .frequency, .calendar, .convention, .rollConvention, .endOfMonth,
    ]
    private static let headerFields: [Field] = [.schema] + TradeFieldReader.header
    private static let fraFields: [Field] = headerFields + TradeFieldReader.forwardRateAgreement
    private static let optionFields: [Field] = headerFields + TradeFieldReader.equityOption
    private static let swapFields: [Field] = headerFields + [.legs]
    private static let fixedFields: [Field] = leg + [.rate]
    private static let floatingFields: [Field] =
        leg + [
            .index, .spread, .fixingDays, .forecast,
        ]

    let log: ProblemLog

    /// Reads the tape's value into the collection, or its problems into the log.
    func read(_ tape: JSONTape, into collection: inout TradeCollection) {
        let before = log.total
        guard tape.nodes[0].kind == .object else {
            tape.report(
                0,
                field: "",
                "\(tape.rawText(of: tape.nodes[0])) is not a trade",
                "an object with tradeId, type and the terms",
                to: log
            )
            return
        }
        guard let type = productType(tape) else {
            claimID(tape, &collection)
            return
        }
        let fields: JSONFields
        let product: Product?
        switch type {
        case .forwardRateAgreement:
            fields = header(tape, Self.fraFields, "an FRA")
            product = TradeFieldReader.readForwardRateAgreement(fields) { _ in fields.date(.endDate)
            }
        case .equityOption:
            fields = header(tape, Self.optionFields, "an EquityOption")
            product = TradeFieldReader.readEquityOption(fields)
        case .swap:
            fields = header(tape, Self.swapFields, "a Swap")
            product = readSwap(fields, tape)
        }
        if fields.contains(.schema), let schema = fields.text(.schema), schema != "trade/1" {
            fields.report(.schema, { "\(quoted(schema)) is not known" }, { "\"trade/1\"" })
        }
        guard let trade = TradeFieldReader.readHeader(fields, product: product) else { return }
        let line = tape.nodes[0].line
        if product != nil, log.total == before {
            for problem in trade.problems() { report(problem, of: trade, tape) }
        }
        let isSound = product != nil && log.total == before
        let first =
            isSound ? collection.add(trade, line: line) : collection.claim(trade.id, line: line)
        if let first {
            fields.report(.tradeId, { "\(quoted(trade.id.rawValue)) is taken" }) {
                "a unique id; the first is on line \(first)"
            }
        }
    }

    // MARK: Parts

    private func productType(_ tape: JSONTape) -> ProductType? {
        guard let index = JSONFields.peek(.type, in: 0, of: tape) else {
            tape.report(0, field: "type", "it is missing", ProductType.expectation, to: log)
            return nil
        }
        let node = tape.nodes[index]
        let text = node.kind == .string ? tape.text(of: node) : ""
        if let type = ProductType(spelling: text) { return type }
        tape.report(
            index,
            field: "type",
            "\(tape.rawText(of: node)) is not known",
            expectation(ProductType.expectation, for: text, among: ProductType.spellings),
            to: log
        )
        return nil
    }

    private func claimID(_ tape: JSONTape, _ collection: inout TradeCollection) {
        guard let index = JSONFields.peek(.tradeId, in: 0, of: tape),
            tape.nodes[index].kind == .string,
            let id = TradeID(rawValue: tape.text(of: tape.nodes[index]))
        else { return }
        _ = collection.claim(id, line: tape.nodes[0].line)
    }

    private func header(_ tape: JSONTape, _ allowed: [Field], _ kind: String) -> JSONFields {
        JSONFields(tape: tape, object: 0, allowed: allowed, kind: kind, log: log)
    }

    private func readSwap(_ fields: JSONFields, _ tape: JSONTape) -> Product? {
        let expected = "a list of two legs, one Fixed and one Floating"
        guard
            let legs = fields.container(.legs, .array, isRequired: true, expected: expected)
        else { return nil }
        let children = tape.children(of: legs)
        guard children.count == 2 else {
            tape.report(
                legs,
                field: "legs",
                "there are \(grouped(children.count))",
                expected,
                to: log
            )
            return nil
        }
        var fixed: SwapLeg?
        var floating: SwapLeg?
        var isSound = true
        for (position, child) in children.enumerated() {
            guard let leg = readLeg(tape, child, "legs[\(position)].") else {
                isSound = false
                continue
            }
            if case .fixed = leg.rate { fixed = leg } else { floating = leg }
        }
        guard isSound else { return nil }
        guard let fixed, let floating else {
            tape.report(legs, field: "legs", "the legs are of one kind", expected, to: log)
            return nil
        }
        return .swap(Swap(fixedLeg: fixed, floatingLeg: floating))
    }

    private func readLeg(_ tape: JSONTape, _ object: Int, _ prefix: String) -> SwapLeg? {
        guard tape.nodes[object].kind == .object else {
            tape.report(
                object,
                field: String(prefix.dropLast()),
                "\(tape.rawText(of: tape.nodes[object])) is not a leg",
                "an object",
                to: log
            )
            return nil
        }
        let typeText = JSONFields.peek(.legType, in: object, of: tape).map { index in
            tape.text(of: tape.nodes[index])
        }
        let legType = typeText.flatMap(LegType.init(spelling:))
        let fields = JSONFields(
            tape: tape,
            object: object,
            prefix: prefix,
            allowed: legType == nil
                ? Self.leg + [.rate, .index, .spread, .fixingDays, .forecast]
                : legType == .fixed ? Self.fixedFields : Self.floatingFields,
            kind: legType.map { "a \($0.rawValue) leg" } ?? "a leg",
            log: log
        )
        let _: LegType? = fields.choice(.legType)
        let payReceive: PayReceive? = fields.choice(.payReceive)
        let currency = fields.currency(.currency)
        let notional = fields.amount(.notional)
        let dayCount: DayCount? = fields.choice(.dayCount)
        let payment = fields.choice(
            .paymentConvention,
            default: BusinessDayConvention.modifiedFollowing
        )
        let rate = legType.flatMap { readRate(fields, $0) }
        let schedule = readSchedule(fields, tape, prefix)
        guard let payReceive, let currency, let notional, let dayCount, let rate, let schedule
        else { return nil }
        return SwapLeg(
            payReceive: payReceive,
            currency: currency,
            notional: notional,
            rate: rate,
            dayCount: dayCount,
            paymentConvention: payment,
            schedule: schedule
        )
    }

    private func readRate(_ fields: JSONFields, _ type: LegType) -> LegRate? {
        switch type {
        case .fixed:
            return fields.rate(.rate).map(LegRate.fixed)
        case .floating:
            let spread = fields.optionalRate(.spread) ?? 0
            var fixingDays: Int?
            let expected = "0...30 business days, a whole number"
            if let number = fields.number(.fixingDays, expected: expected) {
                fixingDays = Int(exactly: number)
                if fixingDays == nil {
                    fields.report(.fixingDays, { "\(shortest(number)) is not whole" }, { expected })
                }
            }
            let forecast = fields.choice(.forecast, default: LegRate.Forecast.index)
            return fields.index(.index).map {
                LegRate.floating(
                    index: $0,
                    spread: spread,
                    fixingDays: fixingDays,
                    forecast: forecast
                )
            }
        }
    }

    private func readSchedule(_ leg: JSONFields, _ tape: JSONTape, _ prefix: String) -> Schedule? {
        guard
            let object = leg.container(
                .schedule,
                .object,
                isRequired: true,
                expected: "an object with startDate, endDate, frequency and calendar"
            )
        else { return nil }
        let fields = JSONFields(
            tape: tape,
            object: object,
            prefix: "\(prefix)schedule.",
            allowed: Self.schedule,
            kind: "a schedule",
            log: log
        )
        let start = fields.date(.startDate)
        let end = fields.date(.endDate)
        let frequency = fields.requiredParsed(
            .frequency,
            expected: "a tenor such as 6M or 1Y",
            tenor(spelling:)
        )
        let calendar: BusinessCalendar? = fields.choice(.calendar)
        let convention = fields.choice(
            .convention,
            default: BusinessDayConvention.modifiedFollowing
        )
        let roll = fields.choice(.rollConvention, default: ScheduleRoll.forward)
        let endOfMonth = fields.flag(.endOfMonth, default: false)
        guard let start, let end, let frequency, let calendar else { return nil }
        return Schedule(
            startDate: start,
            endDate: end,
            frequency: frequency,
            calendar: calendar,
            convention: convention,
            roll: roll,
            endOfMonth: endOfMonth
        )
    }

    /// Reports a problem of the trade's terms at the place of the term in the file.
    private func report(_ problem: FieldProblem, of trade: Trade, _ tape: JSONTape) {
        var path = problem.field
        var found = problem.problem
        if case .swap = trade.product,
            let legs = JSONFields.peek(.legs, in: 0, of: tape),
            let first = tape.children(of: legs).first,
            let type = JSONFields.peek(.legType, in: first, of: tape)
        {
            let isFixedFirst = tape.text(of: tape.nodes[type]) == LegType.fixed.rawValue
            for (name, position) in [("legs.fixed", 0), ("legs.floating", 1)] {
                let place = "legs[\(isFixedFirst ? position : 1 - position)]"
                if path.hasPrefix("\(name).") { path = place + path.dropFirst(name.count) }
                found = found.replacing("\(name).", with: "\(place).")
            }
        }
        tape.report(
            tape.find(path, from: 0),
            field: path,
            found,
            problem.expected,
            to: log
        )
    }
}
