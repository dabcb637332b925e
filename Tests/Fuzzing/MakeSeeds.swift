import Finance
import Foundation
import GridProtocol
import PortfolioFiles

/// Writes the seeds: `make-seeds EXAMPLES SEEDS`.
@main struct MakeSeeds {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else { throw FileProblems(problems: [], total: 0) }
        let seeds = MakeSeeds(examples: arguments[1], directory: arguments[2])
        try seeds.writeRecords()
        try seeds.writePortfolios()
        try seeds.writeSnapshots()
    }

    private let examples: String
    /// A text whose comparison costs the square of its length.
    private let slowText = "EUR" + String(repeating: "\u{301}\u{323}", count: 1_500)
    private let directory: String

    private init(examples: String, directory: String) {
        self.examples = examples
        self.directory = directory
    }

    private func write(_ target: String, _ name: String, _ bytes: [UInt8]) throws {
        let folder = "\(directory)/\(target)"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    private func contents(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(examples)/\(path)")))
    }

    // MARK: Records and frames

    private func writeRecords() throws {
        let trades = try readPortfolio(at: "\(examples)/portfolio.json").trades
        let market = try readSnapshot(at: "\(examples)/prototype/swap-market.json")
        let metrics = Array(Metric.allCases)
        let pricing = try PricingBatch(trades: trades, metrics: metrics)
        var poisoned = PricingBatchBuilder(metrics: metrics)
        poisoned.addTest(behaviour: "crash")
        let headers = TradeHeaders(trades)
        let batch = Batch(
            jobID: "job",
            index: 1,
            tradeCount: UInt32(trades.count),
            snapshotID: SnapshotID(of: market).rawValue,
            queuedAt: 1_768_500_000_000_000,
            deadline: -1,
            payload: pricing.encoded(),
            names: headers.names,
            headers: headers.headers
        )
        let priced = PricedBatch(
            results: makeResults(metrics),
            pricerVersion: "1",
            libraryVersion: "QuantLib"
        )
        let result = BatchResult(
            jobID: "job",
            tradeCount: 3,
            engineID: "engine",
            attempt: 1,
            parts: [priced.encoded(), priced.encoded()]
        )
        let work = PricerRequest(
            request: .work(PricerWork(snapshotID: "s", payload: pricing.encoded(), count: 2))
        )
        let record = MarketSnapshotRecord(market)
        let upload = PricerRequest(
            request: .snapshot(PricerSnapshot(snapshotID: "s", snapshot: record.encoded()))
        )
        let failure = Failure(code: "invalid_trade", field: "rate", message: "no")
        let replies = [
            PricerReply(reply: .hello(PricerHello(pricerVersion: "1", libraryVersion: "2"))),
            PricerReply(reply: .priced(priced.encoded())), PricerReply(reply: .refused(failure)),
        ]
        let messages: [any WireMessage] =
            [
                batch, pricing, poisoned.build(), priced, result, record, work, upload, failure,
                JobRecord(jobID: "job", tradeCount: 3), DeadLetter(), Heartbeat(),
            ] + pricing.trades.prefix(4).map { $0 as any WireMessage } + replies
        for (number, message) in messages.enumerated() {
            try write("wire", number, message)
        }
        try write("wire", messages.count, PricingBatch(names: [slowText], metrics: [slowText]))
        try write("wire", messages.count + 1, MarketSnapshotRecord(baseCurrency: slowText))
        try write("frames", "requests", [3] + upload.encodedFrame() + work.encodedFrame())
        try write("frames", "replies", [8] + replies.flatMap { $0.encodedFrame() })
        try write("frames", "empty", [1, 0, 0, 0, 0, 0, 0, 0, 0])
        try write("frames", "overlong", [2, 0, 1, 0, 1, 8])
        try write("frames", "cut", Array(([5] + work.encodedFrame()).dropLast(7)))
        try write("frames", "text", [4] + Array("Hello, world".utf8))
    }

    private func write(_ target: String, _ number: Int, _ message: any WireMessage) throws {
        let type = type(of: message)
        guard let position = WireChecks.messages.firstIndex(where: { $0 == type }) else { return }
        try write(target, "\(number)-\(type)", [UInt8(position)] + message.encoded())
    }

    private func makeResults(_ metrics: [Metric]) -> [TradeResult] {
        let factor = Factor(name: "EUR-ESTR/1Y", value: -1.5)
        let values = metrics.map {
            MetricValue(metric: $0, value: 12.5, baseValue: nil, factors: [factor])
        }
        let reason = FailureReason(code: .invalidTrade, field: "rate", message: "no")
        return [
            TradeResult(outcome: .priced(values), engine: "quantlib", cpuMicroseconds: 12),
            TradeResult(outcome: .expired),
            TradeResult(outcome: .failed(reason)),
        ]
    }

    // MARK: Files

    private func writePortfolios() throws {
        let trades = try readPortfolio(at: "\(examples)/portfolio.json").trades
        for (letter, format) in zip(["J", "L", "C"], [PortfolioFormat.json, .jsonLines, .csv]) {
            let sample = try readPortfolio(at: "\(examples)/portfolio.csv").trades.prefix(6)
            let bytes = try encodedPortfolio(
                Portfolio(name: "p", trades: Array(sample)),
                format: format
            )
            try write("portfolio", "\(format)", Array(letter.utf8) + bytes)
            try write("portfolio", "limited-\(format)", Array(letter.lowercased().utf8) + bytes)
        }
        for (number, trade) in trades.prefix(4).enumerated() {
            let portfolio = Portfolio(name: "p", trades: [trade])
            let bytes = try encodedPortfolio(portfolio, format: .json)
            try write("portfolio", "trade-\(number)", Array("J".utf8) + bytes)
        }
        try write("portfolio", "slow-csv", Array("C\(slowText),type\na,b\n".utf8))
        try write("portfolio", "slow-json", Array("A{\"type\":\"\(slowText)\"}".utf8))
        for name in ["swap", "fra", "option"] {
            try write("portfolio", name, Array("A".utf8) + contents("prototype/\(name).json"))
        }
        try writeLegs()
        for name in try FileManager.default.contentsOfDirectory(atPath: "\(examples)/bad").sorted()
        where !name.hasSuffix(".md") && name != "market.json" && name != "empty.csv" {
            try write("portfolio", "bad-\(name)", Array("A".utf8) + contents("bad/\(name)"))
        }
    }

    /// Swaps with each day count, joint calendars, indices of several spellings, both forecasts and
    /// the end of the month.
    private func writeLegs() throws {
        let calendars = ["GBLO+USNY", "EUTA|JPTO", "USGS+USOPM|CHZU", "TARGET|WEEKENDS", "NONE"]
        let tenors = ["12M", "1Y", "4W", "28D", "52W", "6M"]
        for (number, dayCount) in DayCount.allCases.enumerated() {
            let forecast: LegRate.Forecast = number.isMultiple(of: 2) ? .index : .period
            let changes = [
                ("Act/360", dayCount.rawValue),
                ("EUTA", calendars[number % calendars.count]),
                ("EURIBOR-6M", "EURIBOR-\(tenors[number % tenors.count])"),
                ("\"forecast\":\"period\"", "\"forecast\":\"\(forecast.rawValue)\""),
                ("\"endOfMonth\":false", "\"endOfMonth\":\(!number.isMultiple(of: 3))"),
                // Act/Act ICMA asks for it.
                ("\"convention\":\"ModifiedFollowing\"", "\"convention\":\"NoAdjust\""),
            ]
            let bytes = try changed(contents("prototype/swap.json"), changes)
            _ = try readPortfolio(bytes: bytes, name: "leg-\(number)")
            try write("portfolio", "leg-\(number)", Array("J".utf8) + bytes)
        }
    }

    private func changed(_ bytes: [UInt8], _ changes: [(String, String)]) -> [UInt8] {
        let text = changes.reduce(String(decoding: bytes, as: UTF8.self)) {
            $0.replacingOccurrences(of: $1.0, with: $1.1)
        }
        return Array(text.utf8)
    }

    private func writeSnapshots() throws {
        for name in ["swap-market", "fra-market", "option-market"] {
            let bytes = try contents("prototype/\(name).json")
            try write("snapshot", name, Array("J".utf8) + bytes)
            try write("snapshot", "limited-\(name)", Array("j".utf8) + bytes)
            let market = try readSnapshot(bytes: bytes, name: name)
            try write("snapshot", "\(name)-files", makeFiles(encodedSnapshotFiles(market)))
        }
        let spelt = try changed(
            contents("prototype/fra-market.json"),
            [
                ("\"forward\":{\"EUR-EURIBOR-3M\"", "\"forward\":{\"EUR-EURIBOR-12M\""),
                ("\"index\":\"EUR-EURIBOR-3M\"", "\"index\":\"EUR-EURIBOR-1Y\""),
                ("Act/360", DayCount.thirtyU360.rawValue),
            ]
        )
        _ = try readSnapshot(bytes: spelt, name: "spelt")
        try write("snapshot", "spelt", Array("J".utf8) + spelt)
        try write("snapshot", "bad", Array("J".utf8) + contents("bad/market.json"))
        var files: [String: [UInt8]] = [:]
        for name in SnapshotFiles.names {
            let lines = try contents("market/\(name)").split(separator: 0x0A).prefix(12)
            files[name] = Array(lines.joined(separator: [0x0A]))
        }
        try write("snapshot", "market-cut", makeFiles(files))
    }

    private func makeFiles(_ files: [String: [UInt8]]) -> [UInt8] {
        Array("C".utf8) + SnapshotFiles.names.flatMap { files[$0, default: []] + [0x1C] }
    }
}
