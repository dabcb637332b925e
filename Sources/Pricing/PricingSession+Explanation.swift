import CQuantLib
public import Finance

extension PricingSession {
    /// Prices one trade for its NPV and shows what that is made of.
    ///
    /// - Parameter product: the terms.
    /// - Returns: the result, and as much of its parts as the snapshot gives; a trade without a
    ///   value may have parts all the same.
    public func explain(_ product: Product) -> PriceExplanation {
        var explanation = PriceExplanation(result: price(product, metrics: [.npv]))
        guard product.problems().isEmpty else { return explanation }
        do throws(Failure) {
            switch product {
            case .swap(let swap): try explain(swap, &explanation)
            case .forwardRateAgreement(let fra): try explain(fra, &explanation)
            case .equityOption(let option): try explain(option, &explanation)
            }
        } catch {
            if case .priced = explanation.result.outcome {
                explanation.notes.append(error.reason.message)
            }
        }
        if explanation.result.outcome == .expired {
            explanation.notes.append(
                "The trade has expired: nothing is paid after \(valuationDate)."
            )
        }
        return explanation
    }

    // MARK: Private

    private func explain(
        _ swap: Swap,
        _ explanation: inout PriceExplanation
    ) throws(Failure) {
        let market = try market(of: swap)
        addCurves(of: market, to: &explanation)
        var terms = cql_swap(swap, market, [.npv])
        var error = cql_error()
        var count: Int32 = 0
        // The checks of a trade allow 2,000 periods a leg, and stubs.
        var flows = [cql_cash_flow](repeating: cql_cash_flow(), count: 4_096)
        guard
            cql_explain_swap(
                handle,
                &terms,
                &flows,
                Int32(flows.count),
                &count,
                &error
            ) == CQL_OK.rawValue
        else { throw failure(error, market) }
        explanation.cashFlows = flows.prefix(Int(count)).map(PriceExplanation.CashFlow.init)
        addFixings(of: market, to: &explanation)
        if market.index == nil {
            explanation.notes.append(
                "The snapshot has no forward curve for \(market.name): the payments of the floating "
                    + "leg are not shown."
            )
        }
    }

    private func explain(
        _ fra: ForwardRateAgreement,
        _ explanation: inout PriceExplanation
    ) throws(Failure) {
        let market = try market(of: fra)
        addCurves(of: market, to: &explanation)
        var terms = try cql_fra(fra, market, [.npv])
        var flow = cql_cash_flow()
        var error = cql_error()
        guard cql_explain_fra(handle, &terms, &flow, &error) == CQL_OK.rawValue else {
            throw failure(error, market)
        }
        explanation.cashFlows = [PriceExplanation.CashFlow(flow)]
        addFixings(of: market, to: &explanation)
        explanation.notes.append(
            "Settled at the start of the period: notional x (index rate - agreed rate) x year "
                + "fraction / (1 + index rate x year fraction), turned for a short position."
        )
    }

    private func explain(
        _ option: EquityOption,
        _ explanation: inout PriceExplanation
    ) throws(Failure) {
        var terms = try terms(of: option, [.npv])
        if let equity = snapshot.equities.first(where: { $0.id.isExactly(option.underlying) }) {
            addCurve(equity.fundingCurve, as: "funding", to: &explanation)
            addCurve(equity.dividendCurve, as: "dividend", to: &explanation)
        }
        var found = cql_option_inputs()
        var error = cql_error()
        guard cql_find_option_inputs(handle, &terms, &found, &error) == CQL_OK.rawValue else {
            throw optionFailure(error, cql_option_result(), option)
        }
        guard found.is_expired == 0 else { return }
        let isClosedForm =
            option.style == .european && (option.method ?? .analyticEuropean) == .analyticEuropean
        explanation.inputs = PriceExplanation.OptionInputs(
            spot: found.spot,
            forward: found.forward,
            discountFactor: found.discount_factor,
            dividendFactor: found.dividend_factor,
            volatility: found.volatility,
            years: found.years,
            deviation: found.deviation,
            d1: isClosedForm ? found.d1 : nil,
            d2: isClosedForm ? found.d2 : nil
        )
        if !isClosedForm {
            explanation.notes.append("The option has no closed form: a numerical method prices it.")
        }
    }

    private func addCurves(of market: RatesMarket, to explanation: inout PriceExplanation) {
        let discount = tables.curves[Int(market.discountCurve)].id
        addCurve(discount, as: "discount", to: &explanation)
        if let index = market.index {
            let forward = tables.curves[Int(index.forwardCurve)].id
            addCurve(forward, as: "forward", to: &explanation)
        }
    }

    private func addCurve(
        _ id: String,
        as role: String,
        to explanation: inout PriceExplanation
    ) {
        guard let curve = snapshot.curves.first(where: { $0.id.isExactly(id) }) else { return }
        explanation.curves.append(PriceExplanation.CurveUse(role: role, curve: curve))
    }

    private func addFixings(of market: RatesMarket, to explanation: inout PriceExplanation) {
        let dates = explanation.cashFlows.filter { $0.isFixed && !$0.isPast }
            .compactMap(\.fixingDate)
        explanation.fixings = Set(dates).sorted().map { date in
            PriceExplanation.FixingUse(
                index: market.name,
                date: date,
                value: snapshot.fixings.first { $0.index == market.name && $0.date == date }?.value
            )
        }
    }
}

extension PriceExplanation.CashFlow {
    fileprivate init(_ flow: cql_cash_flow) {
        func known(_ number: Double) -> Double? { number.isFinite ? number : nil }
        leg = flow.leg == Int32(CQL_FIXED_LEG.rawValue) ? "Fixed" : "Floating"
        paymentDate = CalendarDate(serial: flow.payment)
        accrualStart = CalendarDate(serial: flow.accrual_start)
        accrualEnd = CalendarDate(serial: flow.accrual_end)
        fixingDate = flow.fixing == 0 ? nil : CalendarDate(serial: flow.fixing)
        days = Int(flow.days)
        yearFraction = flow.year_fraction
        rate = known(flow.rate)
        indexRate = known(flow.index_rate)
        amount = known(flow.amount)
        discountFactor = known(flow.discount_factor)
        presentValue = known(flow.present_value)
        isFixed = flow.is_fixed != 0
        isPast = flow.is_past != 0
    }
}
