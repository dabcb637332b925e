import Testing

@testable import AggregatorAPI

@Suite struct DeadlineForecastTests {
    private func steady(_ rate: Double, bins: Int = 30) -> [Double] {
        Array(repeating: 0, count: 30 - bins) + Array(repeating: rate, count: bins)
    }

    @Test(arguments: [
        (1_000, "holds"), (110, "holds"), (100, "mayMiss"), (90, "willMiss"), (1, "willMiss"),
    ])
    func aSteadyGridIsJudgedByItsRate(secondsLeft: Int, verdict: String) throws {
        let forecast = DeadlineForecast(
            own: 1_000,
            ahead: 0,
            rates: steady(10),
            secondsLeft: Double(secondsLeft)
        )
        #expect(forecast.verdict.rawValue == verdict)
        #expect(forecast.p50 == 100)
        let p10 = try #require(forecast.p10)
        let p90 = try #require(forecast.p90)
        #expect(p10 < 100 && p90 > 100)
    }

    @Test func workAheadIsDoneFirst() {
        let alone = DeadlineForecast(own: 100, ahead: 0, rates: steady(10), secondsLeft: nil)
        let behind = DeadlineForecast(own: 100, ahead: 900, rates: steady(10), secondsLeft: nil)
        #expect(alone.p50 == 10)
        #expect(behind.p50 == 100)
        #expect(behind.verdict == .holds)
    }

    @Test(arguments: [[], [0, 0, 0], [0, 0, 40], [0, 50, 40]])
    func lessThanTwentySecondsAreNotEnough(rates: [Double]) {
        let forecast = DeadlineForecast(own: 10, ahead: 0, rates: rates, secondsLeft: 5)
        #expect(forecast.verdict == .unknown)
        #expect(forecast.p50 == nil)
    }

    @Test func anUnsteadyGridHasAWiderBand() throws {
        let even = DeadlineForecast(own: 5_000, ahead: 0, rates: steady(10), secondsLeft: nil)
        let uneven = DeadlineForecast(
            own: 5_000,
            ahead: 0,
            rates: (0..<30).map { $0 % 2 == 0 ? 2 : 18 },
            secondsLeft: nil
        )
        func width(_ forecast: DeadlineForecast) throws -> Double {
            try #require(forecast.p90) - #require(forecast.p10)
        }
        #expect(try width(uneven) > 2 * width(even))
    }

    /// Runs made up of independent bins: the real end lies within the band in most of them, and a
    /// miss that is certain is said.
    @Test func theBandHoldsTheEndOfFourInFiveMadeUpRuns() {
        var random = Numbers(state: 7)
        var within = 0
        var foretold = 0
        let runs = 400
        for _ in 0..<runs {
            let mean = 20 + 80 * random.unit()
            let spread = 0.1 + 0.5 * random.unit()
            func bin() -> Double { max(0, mean * (1 + spread * random.normal())) }
            let seen = (0..<31).map { _ in bin() }
            let own = Int(mean * 10 * (10 + 50 * random.unit()))
            var left = Double(own)
            var seconds = 0.0
            while left > 0 {
                let done = bin() * 10
                seconds += done > left ? 10 * left / done : 10
                left -= done
            }
            let forecast = DeadlineForecast(
                own: own,
                ahead: 0,
                rates: seen,
                secondsLeft: seconds / 2
            )
            if let p10 = forecast.p10, let p90 = forecast.p90, p10 <= seconds, seconds <= p90 {
                within += 1
            }
            if forecast.verdict == .willMiss { foretold += 1 }
        }
        #expect(within >= runs * 80 / 100, "\(within)")
        #expect(foretold >= runs * 95 / 100, "\(foretold)")
    }

    /// Most forecasts of runs as grids have them hold.
    ///
    /// Several engines, whose rates drift; one in ten runs
    /// loses one. Forecasts are made at 25, 50 and 75 % of each, against deadlines from 0.7 to 1.4
    /// times the real end.
    @Test func forecastsOfRunsAsGridsHaveThemAreRight() {
        var random = Numbers(state: 11)
        var (forecasts, within, missesSaid, missesRight) = (0, 0, 0, 0)
        for _ in 0..<200 {
            let run = Run(&random)
            let deadline = run.end * (0.7 + 0.7 * random.unit())
            for part in [0.25, 0.5, 0.75] {
                guard let (bins, left) = run.state(at: part) else { continue }
                let now = Double(bins) * DeadlineForecast.binSeconds
                let seen = run.rates[max(0, bins - 30)..<bins]
                let forecast = DeadlineForecast(
                    own: Int(left),
                    ahead: 0,
                    rates: seen + [0],
                    secondsLeft: deadline - now
                )
                guard let p10 = forecast.p10, let p90 = forecast.p90 else { continue }
                forecasts += 1
                if p10 <= run.end - now, run.end - now <= p90 { within += 1 }
                guard forecast.verdict == .willMiss else { continue }
                missesSaid += 1
                if run.end > deadline { missesRight += 1 }
            }
        }
        let figures =
            "\(forecasts) forecasts, end within the band in \(within); "
            + "\(missesSaid) times it will miss, right \(missesRight) times"
        print(figures)
        #expect(forecasts > 500, "\(figures)")
        #expect(within * 100 >= forecasts * 80, "\(figures)")
        #expect(missesSaid > 100, "\(figures)")
        #expect(missesRight * 100 >= missesSaid * 95, "\(figures)")
    }

    /// A run made up of bins of ten seconds.
    private struct Run {
        var own = 0.0
        /// Trades per second.
        var rates: [Double] = []
        /// Seconds.
        var end = 0.0

        init(_ random: inout Numbers) {
            var engines = [Double](repeating: 0, count: 2 + Int(random.next() % 7))
            let perEngine = 10 + 50 * random.unit()
            let deviation = 0.05 + 0.35 * random.unit()
            let length = 20 + 100 * random.unit()
            own = (Double(engines.count) * perEngine * 10 * length).rounded()
            let loss = random.unit() < 0.1 ? Int(length * random.unit()) : .max
            var done = 0.0
            while done < own {
                if rates.count == loss { engines.removeLast() }
                var rate = 0.0
                for index in engines.indices {
                    engines[index] = 0.3 * engines[index] + 0.954 * random.normal()
                    rate += perEngine * max(0.05, 1 + deviation * engines[index])
                }
                rates.append(rate)
                done += rate * 10
            }
            end = Double(rates.count) * 10 - (done - own) / (rates.last ?? 1)
        }

        /// How many bins are over when a part is done, and the trades that are left then.
        func state(at part: Double) -> (bins: Int, left: Double)? {
            var done = 0.0
            for (bin, rate) in rates.enumerated() {
                done += rate * 10
                if done >= own * part { return done < own ? (bin + 1, own - done) : nil }
            }
            return nil
        }
    }
}

/// Random numbers that are the same on every machine.
struct Numbers {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Within 0..<1.
    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    /// Nearly normal: mean 0, deviation 1.
    mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + unit() } }
}
