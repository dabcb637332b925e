import Foundation
import TestBed
import Testing

/// Files that scenarios use.
struct Samples {
    let grid: EmbeddedGrid
    let market: String
    /// While it exists, pricers whose script says `while HOLD` hang.
    let hold: String

    init(_ grid: EmbeddedGrid) throws {
        self.grid = grid
        market = try grid.scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        hold = grid.scratch.path("hold")
        try Data().write(to: URL(fileURLWithPath: hold))
    }

    /// A portfolio of so many options, OPT-0 and so on.
    func options(_ count: Int) throws -> String {
        try grid.scratch.write(TestMarket.options(count), to: "options-\(count).json")
    }

    /// Lets pricers go on.
    func release() throws {
        try FileManager.default.removeItem(atPath: hold)
    }

    /// What the pricer says of a portfolio without any grid: values by trade and metric.
    func byHand(_ portfolio: String, market: String? = nil, metrics: String) async throws
        -> [String: [String: Double]]
    {
        let process = try RunningProcess(
            "pricer",
            ["--batch", portfolio, "--market", market ?? self.market, "--metrics", metrics],
            in: grid.scratch.url
        )
        let code = try await process.end()
        try #require(code == 0, "\(process.standardError)")
        var values: [String: [String: Double]] = [:]
        for line in process.standardOutput.split(separator: "\n") {
            let trade = try JSONDecoder().decode(Report.Trade.self, from: Data(line.utf8))
            values[trade.tradeId] = trade.metrics?.mapValues(\.value)
        }
        return values
    }
}
