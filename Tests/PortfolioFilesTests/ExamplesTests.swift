import Finance
import Foundation
import PortfolioFiles
import Testing

@Suite struct ExamplesTests {
    @Test("has one market in two forms")
    func market() throws {
        let directory = try readSnapshot(at: "\(examples)/market")
        #expect(try readSnapshot(at: "\(examples)/market.json") == directory)
        #expect(directory.valuationDate == CalendarDate(iso: "2026-01-15"))
        #expect(directory.baseCurrency == .eur)
        #expect(directory.equities.count >= 3)
    }

    @Test("has the portfolio that the generator makes")
    func generated() throws {
        let market = try readSnapshot(at: "\(examples)/market")
        let trades = Array(
            try SyntheticPortfolio(seed: 7, count: 1_000, market: market, unpriceable: 6)
        )
        let read = try readPortfolio(at: "\(examples)/portfolio.csv")
        #expect(read.trades == trades)
        let bytes = try encodedPortfolio(read, format: .csv)
        #expect(Data(bytes) == FileManager.default.contents(atPath: "\(examples)/portfolio.csv"))
        #expect(Set(read.trades.map(\.book)).count == 5)
        let warnings = problems(of: read, against: market)
        #expect(Set(warnings.map(\.line)).count == 6)
        #expect(warnings.allSatisfy { $0.problem.hasPrefix("BAD-") })
    }

    @Test("documents formats with examples that can be read")
    func documentation() throws {
        let path = examples.replacing("/examples", with: "/docs/formats.md")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var count = 0
        for block in text.split(separator: "\n```").map({ $0.drop { $0 == "\n" } }) {
            let content = Array(block.drop { $0 != "\n" }.utf8)
            if block.hasPrefix("csv") {
                #expect(try readPortfolio(bytes: content, name: "d.csv").trades.count == 3)
                count += 1
            } else if block.hasPrefix("json"), block.contains("market-snapshot/1") {
                #expect(try readSnapshot(bytes: content, name: "d.json").curves.count == 2)
                count += 1
            } else if block.hasPrefix("json") {
                #expect(try readPortfolio(bytes: content, name: "d.json").trades.count == 1)
                count += 1
            }
        }
        #expect(count == 5)
    }

    @Test("has every product to read")
    func readable() throws {
        let market = try readSnapshot(at: "\(examples)/market")
        let read = try readPortfolio(at: "\(examples)/portfolio.json")
        #expect(read.trades.count == 12)
        #expect(read.name == "every product")
        #expect(Set(read.trades.map(\.product.type)) == Set(ProductType.allCases))
        #expect(problems(of: read, against: market).isEmpty)
    }

    @Test("has the prototype's trades and markets", arguments: ["swap", "fra", "option"])
    func prototype(name: String) throws {
        let market = try readSnapshot(at: "\(examples)/prototype/\(name)-market.json")
        let read = try readPortfolio(at: "\(examples)/prototype/\(name).json")
        #expect(read.trades.count == 1)
        #expect(problems(of: read, against: market).isEmpty)
    }

    @Test(
        "has files that are refused, each problem in its line",
        arguments: [
            ("empty.csv", [0]), ("wrong-fields.json", [2, 2, 4, 4, 4, 5, 6]),
            ("wrong-dates.csv", [2, 3, 4, 5]), ("not-a-number.json", [1, 2, 3, 4]),
            ("duplicate-ids.csv", [4]), ("unknown-currency.csv", [2, 3, 4]), ("not-utf8.csv", [3]),
            ("broken.json", [3]),
        ]
    )
    func bad(name: String, lines: [Int]) {
        do throws(FileProblems) {
            _ = try readPortfolio(at: "\(examples)/bad/\(name)")
            Issue.record("\(name) is read")
        } catch {
            #expect(error.problems.map(\.line) == lines)
        }
    }
}
