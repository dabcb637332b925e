public import Finance

extension PricingSession {
    /// Prices an option on an equity of the snapshot as if QuantLib gave `number` for each metric:
    /// for tests that such numbers never reach results.
    public func priceDisturbed(by number: Double, metrics: [Metric]) -> TradeResult {
        guard let equity = snapshot.equities.first else {
            let reason = FailureReason(
                code: .missingMarketData,
                field: "equities",
                message: "The snapshot has no equity."
            )
            return TradeResult(outcome: .failed(reason))
        }
        disturbance = number
        defer { disturbance = nil }
        let option = EquityOption(
            underlying: equity.id,
            currency: equity.currency,
            optionType: .call,
            style: .european,
            strike: equity.spot,
            expiryDate: CalendarDate(daysSince1970: valuationDate.daysSince1970 + 365)
        )
        return price(.equityOption(option), metrics: metrics)
    }
}
