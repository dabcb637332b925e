/// A number that a job asks for.
///
/// Raw values are the spellings of command lines, files and results.
///
/// A metric that does not apply to a product is absent from the trade's result; a trade to which
/// none of the job's metrics applies gets the error `unsupported_metric`.
public enum Metric: String, Sendable, CaseIterable, Comparable {
    /// Net present value on the valuation date, in the trade's currency; all products. What is paid
    /// on the valuation date does not count; a trade of which nothing else is left has expired.
    case npv = "NPV"
    /// The fixed rate at which a swap is worth nothing, a decimal; swaps. Periods that are paid do
    /// not count.
    case parRate = "ParRate"
    /// The index's own rate for the period of a forward rate agreement, a decimal, as fixed where
    /// it is fixed. The factor `SpotValue` is QuantLib's spot value, in the trade's currency.
    case fwdRate = "FwdRate"
    /// NPV with the zero rates (continuous, Act/365F) of all nodes of all curves that the trade
    /// uses 1 bp higher, less NPV; trade's currency; rates products. Factors `CURVE/DATE` are the
    /// same with one node moved; nodes that change nothing are left out.
    case irDelta = "IRDelta"
    /// The average of eight QuantLib engines, the prototype's option price, in the trade's
    /// currency; European options. Factors are the engines' prices. Costs about 60 ms a trade.
    /// Monte Carlo stops at an error of 0.02, or 0.05 % of strike or spot where that is more. A
    /// trade for which an engine is off by more than 1 % of strike or spot is refused.
    case optionPV = "OptionPV"
    /// Change of NPV per unit of spot, in units of the underlying; options. American options:
    /// read off the grid where a grid prices, else the central difference of a spot 0.5 % up and
    /// down, or 2.5 % of the standard deviation to expiry where that is less.
    case delta = "Delta"
    /// Change of Delta per unit of spot; options. Found as Delta is.
    case gamma = "Gamma"
    /// Change of NPV per volatility point (0.01), in the trade's currency; options. American
    /// options: the slope between a volatility 0.01 up and down, or 10 % of it where that is less.
    case vega = "Vega"
    /// NPV on the next calendar day less NPV, in the trade's currency; options of every style and
    /// method.
    ///
    /// On that day the spot is the same, and curves and volatility have the same shape by days from
    /// the valuation date: the option has one day less to expiry and is otherwise priced as today.
    /// On the day before expiry the next day's NPV is what exercise gives at today's spot. On the
    /// expiry date the option is expired and has no Theta.
    case theta = "Theta"
    /// Change of NPV per basis point (0.0001) of the funding curve's zero rates (continuous, in
    /// the curve's day count), in the trade's currency; options. American options: half the
    /// difference of 1 bp up and down.
    case rho = "Rho"

    /// What a metric is measured in.
    public enum Unit: String, Sendable {
        /// An amount in the trade's currency.
        case currency
        /// A rate; `0.03` is 3 %.
        case decimal
        /// Units of the underlying.
        case underlying
        /// Units of the underlying per unit of spot.
        case underlyingPerSpot = "underlying/spot"
    }

    /// What the metric is measured in.
    public var unit: Unit {
        switch self {
        case .npv, .irDelta, .optionPV, .vega, .theta, .rho: .currency
        case .parRate, .fwdRate: .decimal
        case .delta: .underlying
        case .gamma: .underlyingPerSpot
        }
    }

    /// Whether the metric is defined for a product.
    public func applies(to product: Product) -> Bool {
        switch (self, product) {
        case (.npv, _): true
        case (.parRate, .swap), (.fwdRate, .forwardRateAgreement): true
        case (.irDelta, .swap), (.irDelta, .forwardRateAgreement): true
        case (.optionPV, .equityOption(let option)): option.style == .european
        case (.delta, .equityOption), (.gamma, .equityOption), (.vega, .equityOption): true
        case (.theta, .equityOption), (.rho, .equityOption): true
        default: false
        }
    }

    /// Orders as declared.
    public static func < (lhs: Metric, rhs: Metric) -> Bool {
        (allCases.firstIndex(of: lhs) ?? 0) < (allCases.firstIndex(of: rhs) ?? 0)
    }
}
