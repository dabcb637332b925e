import Foundation

/// An American option on a binomial tree of the price, with each step's own forward rates.
///
/// It shares nothing with the pricer. The average of an even and an odd number of steps, with the
/// European price as control, is within 1e-4 of the spot at 1,000 steps where forward rates move
/// the price by less than five deviations.
struct BinomialTree {
    var spot: Double
    var strike: Double
    var isCall: Bool
    /// Years, Act/365F.
    var years: Double
    /// Lognormal, per square root of a year.
    var volatility: Double
    /// Integrals of the funding rate and of the dividend yield up to a time in years.
    var funding: (Double) -> Double
    var dividend: (Double) -> Double

    /// The American price.
    func price(steps: Int) -> Double {
        func premium(_ steps: Int) -> Double {
            value(steps, isAmerican: true) - value(steps, isAmerican: false)
        }
        return european + (premium(steps) + premium(steps + 1)) / 2
    }

    /// Black's formula with the factors to expiry.
    var european: Double {
        let sign: Double = isCall ? 1 : -1
        let share = spot * exp(-dividend(years))
        let cash = strike * exp(-funding(years))
        let deviation = volatility * years.squareRoot()
        let d1 = log(share / cash) / deviation + deviation / 2
        func normal(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
        return sign * (share * normal(sign * d1) - cash * normal(sign * (d1 - deviation)))
    }

    // MARK: Private

    private func value(_ steps: Int, isAmerican: Bool) -> Double {
        let time = years / Double(steps)
        let up = exp(volatility * time.squareRoot())
        let probability = (1 - 1 / up) / (up - 1 / up)
        // Prices in parts of the forward: up to the powers -steps...steps.
        let ladder = (0...2 * steps).map { pow(up, Double($0 - steps)) }
        func gain(_ price: Double) -> Double { isCall ? price - strike : strike - price }
        func forward(_ time: Double) -> Double { spot * exp(funding(time) - dividend(time)) }
        var values = (0...steps).map { max(0, gain(forward(years) * ladder[2 * $0])) }
        for step in stride(from: steps - 1, through: 0, by: -1) {
            let start = Double(step) * time
            let factor = exp(funding(start) - funding(start + time))
            let (rise, fall) = (probability * factor, (1 - probability) * factor)
            let forward = forward(start)
            values.withUnsafeMutableBufferPointer { values in
                for node in 0...step {
                    let later = rise * values[node + 1] + fall * values[node]
                    let price = forward * ladder[steps - step + 2 * node]
                    let exercise = isCall ? price - strike : strike - price
                    values[node] = isAmerican ? max(later, exercise) : later
                }
            }
        }
        return values[0]
    }
}
