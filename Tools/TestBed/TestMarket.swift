internal import Foundation

/// A flat market and portfolios on it, as files.
package enum TestMarket {
    /// A snapshot with EUR curves, one share and its volatility.
    package static func json(date: String, rate: Double = 0.03, spot: Double = 36) -> String {
        """
        {"schema":"market-snapshot/1","snapshotId":"TEST-\(date)","valuationDate":"\(date)",
         "baseCurrency":"EUR",
         "curves":[
          {"id":"EUR","currency":"EUR","valueType":"ZeroRate","dayCount":"Act/365F",
           "nodes":[{"date":"\(date)","value":\(rate)}]},
          {"id":"DIV","currency":"EUR","valueType":"ZeroRate","dayCount":"Act/365F",
           "nodes":[{"date":"\(date)","value":0.0}]}],
         "curveGroup":{"discount":{"EUR":"EUR"},"forward":{"EUR-EURIBOR-6M":"EUR"}},
         "equities":[{"id":"SHARE","currency":"EUR","spot":\(spot),"dividendCurve":"DIV",
                      "fundingCurve":"EUR","volatility":"VOL"}],
         "volatilities":[{"id":"VOL","type":"BlackFlat","value":0.2}]}
        """
    }

    /// European options with ascending strikes; with OptionPV each costs about 60 ms.
    package static func options(_ count: Int, expiry: String = "2027-06-15") -> String {
        let trades = (0..<count).map { position in
            """
            {"tradeId":"OPT-\(position)","type":"EquityOption","book":"EQ-\(position % 3)",
             "counterparty":"C\(position % 2)","underlying":"SHARE","currency":"EUR",
             "longShort":"Long","optionType":"Put","style":"European",
             "strike":\(30 + Double(position % 40) * 0.5),"expiryDate":"\(expiry)","quantity":1}
            """
        }
        return "[\(trades.joined(separator: ",\n"))]"
    }

    /// The closed-form value of one of ``options(_:expiry:)`` as the market gives it.
    package static func blackPut(spot: Double, strike: Double, rate: Double, years: Double)
        -> Double
    {
        let deviation = 0.2 * years.squareRoot()
        let d1 = (log(spot / strike) + (rate + 0.02) * years) / deviation
        func normal(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
        return strike * exp(-rate * years) * normal(deviation - d1) - spot * normal(-d1)
    }
}
