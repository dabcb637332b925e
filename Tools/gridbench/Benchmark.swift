internal import CProcess
internal import Finance
internal import Foundation
internal import Glibc
internal import Operations
internal import PortfolioFiles
internal import Pricing
internal import TestBed

extension ParsedCommand {
    /// Returns the ratio that an option names; nil when it is not given.
    ///
    /// - Throws: `TestBedError` when it does not lie in `range`.
    func ratio(_ option: String, _ range: ClosedRange<Double>) throws -> Double? {
        guard let text = optionalString(option) else { return nil }
        guard let ratio = Double(text), range.contains(ratio) else {
            throw TestBedError(
                "--\(option): `\(text)` is not a ratio from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return ratio
    }
}

/// Runs the grid and the plain loop in turn.
struct Benchmark {
    private let trades: Int
    private let rounds: Int
    private let marketPath: String
    private let brokers: String?
    /// The most that the grid may take, in the plain loop's CPU time.
    private let gate: Double?

    init(settings: ParsedCommand) throws {
        trades = settings.int("trades")
        rounds = settings.int("rounds")
        marketPath = settings.string("market")
        brokers = settings.optionalString("brokers")
        gate = try settings.ratio("gate", 1...1_000)
    }

    /// Runs all rounds and prints the medians.
    ///
    /// - Returns: whether the grid keeps within its gate.
    func run() async throws -> Bool {
        let market = try readSnapshot(at: marketPath)
        let portfolio = try Self.swaps(trades, on: market)
        let scratch = try Scratch()
        let file = scratch.path("portfolio.jsonl")
        try writePortfolio(portfolio.trades, to: file)

        print(
            "\(trades) five-year EUR swaps, NPV, batches of 100, \(rounds) rounds of each in turn"
        )
        print("load before: \(Self.load())  cores: \(sysconf(Int32(_SC_NPROCESSORS_ONLN)))")
        var loop: [Double] = []
        var grid: [GridCost] = []
        for round in 1...rounds {
            loop.append(try plainLoop(portfolio, on: market))
            grid.append(
                try await GridRun(
                    directory: scratch.url.path,
                    brokers: brokers,
                    portfolio: file,
                    market: marketPath,
                    trades: trades,
                    round: round
                ).measure()
            )
            print(
                "round \(round): loop \(text(loop[round - 1])) us, "
                    + "grid \(text(grid[round - 1].total)) us a trade; "
                    + "\(Int(Double(trades) / grid[round - 1].seconds)) trades/s"
            )
        }
        let base = Self.median(loop)
        let total = Self.median(grid.map(\.total))
        print("medians, CPU us a trade")
        print("  plain loop, one process   \(text(base))")
        print("  grid, broker apart        \(text(total))  = \(text(total / base)) x")
        for part in GridCost.parts {
            let value = Self.median(grid.map { part.value($0) })
            print("    \(part.name.padded(to: 22))  \(text(value))")
        }
        let seconds = Self.median(grid.map(\.seconds))
        print(
            "  submit to final report    \(text(seconds)) s, \(Int(Double(trades) / seconds)) trades/s"
        )
        print("load after: \(Self.load())")
        guard let gate else { return true }
        let isWithin = total <= gate * base
        print("gate \(text(gate)) x: \(isWithin ? "kept" : "EXCEEDED")")
        return isWithin
    }

    // MARK: Private

    private func plainLoop(_ portfolio: Portfolio, on market: MarketSnapshot) throws -> Double {
        let session = try PricingSession(snapshot: market)
        let start = Self.processCPU()
        var sum = 0.0
        for trade in portfolio.trades {
            let result = session.price(trade.product, metrics: [.npv])
            guard case .priced(let values) = result.outcome else {
                throw TestBedError("\(trade.id): \(result.outcome)")
            }
            sum += values[0].value
        }
        guard sum.isFinite else { throw TestBedError("the sum is not finite") }
        return (Self.processCPU() - start) * 1e6 / Double(portfolio.trades.count)
    }

    private static func swaps(_ count: Int, on market: MarketSnapshot) throws -> Portfolio {
        guard let index = InterestRateIndex(name: "EUR-EURIBOR-6M"),
            let tenor = Tenor(6, .months), let year = Tenor(1, .years)
        else { throw TestBedError("no index") }
        let trades = try (0..<count).map { position -> Trade in
            let start = market.valuationDate.adding(days: 2 + position % 300)
            let schedule = { (frequency: Tenor) in
                Schedule(
                    startDate: start,
                    endDate: start.adding(days: 1_826),
                    frequency: frequency,
                    calendar: .target
                )
            }
            guard let id = TradeID(rawValue: "SWAP-\(position)") else {
                throw TestBedError("no id")
            }
            let rate = 0.01 + Double(position % 97) * 0.0003
            return Trade(
                id: id,
                book: "B\(position % 5)",
                product: .swap(
                    Swap(
                        fixedLeg: SwapLeg(
                            payReceive: position % 2 == 0 ? .pay : .receive,
                            currency: .eur,
                            notional: 1e6,
                            rate: .fixed(rate),
                            dayCount: .thirty360,
                            schedule: schedule(year)
                        ),
                        floatingLeg: SwapLeg(
                            payReceive: position % 2 == 0 ? .receive : .pay,
                            currency: .eur,
                            notional: 1e6,
                            rate: .floating(index: index, spread: 0, fixingDays: nil),
                            dayCount: .actual360,
                            schedule: schedule(tenor)
                        )
                    )
                )
            )
        }
        return Portfolio(name: "five-year swaps", trades: trades)
    }

    private func text(_ value: Double) -> String {
        let scaled = (value * 100).rounded() / 100
        return String(scaled)
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    private static func processCPU() -> Double {
        cprocess_cpu_seconds()
    }

    private static func load() -> String {
        var averages = [0.0, 0.0, 0.0]
        getloadavg(&averages, 3)
        return averages.map { String(($0 * 100).rounded() / 100) }.joined(separator: " ")
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
