import Finance
import Foundation
import GridAPI
import GridProtocol
import PortfolioFiles
import Testing
import TradeAnalysis

/// Questions answered by a pricer process.
@Suite(.timeLimit(.minutes(2))) struct TradeAnalystTests {
    private static let folder =
        #filePath.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast(3).joined(separator: "/") + "/examples"

    /// The program beside the tests.
    private static let pricer = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("pricer").path

    private func analyst(_ limit: Duration = .seconds(10)) -> TradeAnalyst {
        TradeAnalyst(pricer: Self.pricer, explanationLimit: limit)
    }

    private func examples() throws -> (trades: [Trade], snapshot: MarketSnapshot) {
        (
            try readPortfolio(at: Self.folder + "/portfolio.json").trades,
            try readSnapshot(at: Self.folder + "/market.json")
        )
    }

    private func record(_ trades: [Trade]) throws -> [UInt8] {
        let headers = TradeHeaders(trades)
        var batch = Batch()
        batch.names = headers.names
        batch.headers = headers.headers
        batch.payload = try PricingBatch(trades: trades, metrics: [.npv]).encoded()
        return batch.encoded()
    }

    @Test func theCashFlowsOfATradeOfABatchAddUpToItsNPV() async throws {
        let (trades, snapshot) = try examples()
        let market = MarketSnapshotRecord(snapshot).encoded()
        var rates = 0
        for trade in trades {
            let json = try await analyst().explanation(
                of: trade.id.rawValue,
                inBatch: record(trades),
                snapshot: market
            )
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
            )
            #expect(object["trade"] as? String == trade.id.rawValue)
            #expect((object["terms"] as? [String: Any])?["type"] as? String != nil)
            let npv = try #require(object["npv"] as? Double)
            let flows = try #require(object["cashFlows"] as? [[String: Any]])
            guard !flows.isEmpty else {
                #expect(object["option"] != nil)
                continue
            }
            rates += 1
            let values = try flows.map { try #require($0["presentValue"] as? Double) }
            let gross = values.reduce(0) { $0 + abs($1) }
            #expect(abs(values.reduce(0, +) - npv) <= 1e-9 * gross)
        }
        #expect(rates > 0)
    }

    @Test func whatIsMissingIsGroupedWithAnExample() async throws {
        var (trades, snapshot) = try examples()
        #expect(try await analyst().requirements(of: trades, in: snapshot).isEmpty)
        snapshot.equities = []
        let missing = try await analyst().requirements(of: trades, in: snapshot)
        #expect(missing.allSatisfy { $0.kind == "spot" })
        let options = trades.filter { $0.product.type == .equityOption }
        #expect(missing.reduce(0) { $0 + $1.trades } == options.count)
        for piece in missing {
            let example = try #require(options.first { $0.id.rawValue == piece.example })
            guard case .equityOption(let option) = example.product else { continue }
            #expect(option.underlying == piece.name)
        }
    }

    @Test func anUnknownTradeIsRefusedWithItsId() async throws {
        let (trades, snapshot) = try examples()
        let market = MarketSnapshotRecord(snapshot).encoded()
        await #expect {
            _ = try await analyst().explanation(
                of: "NOBODY",
                inBatch: record(trades),
                snapshot: market
            )
        } throws: { error in
            let error = error as? TradeAnalysisError
            return error?.code == .badInput && error?.reason.contains("NOBODY") == true
        }
    }

    @Test func aPricerThatTakesTooLongIsEnded() async throws {
        let (trades, snapshot) = try examples()
        let market = MarketSnapshotRecord(snapshot).encoded()
        let slow = analyst(.milliseconds(1))
        await #expect {
            _ = try await slow.explanation(
                of: trades[0].id.rawValue,
                inBatch: record(trades),
                snapshot: market
            )
        } throws: { ($0 as? TradeAnalysisError)?.code == .timedOut }
    }

    @Test func moreQuestionsThanAllowedAreRefused() async throws {
        let (trades, snapshot) = try examples()
        let none = TradeAnalyst(pricer: "/bin/true", mostAtOnce: 0)
        await #expect {
            _ = try await none.requirements(of: trades, in: snapshot)
        } throws: { ($0 as? TradeAnalysisError)?.code == .busy }
    }
}
