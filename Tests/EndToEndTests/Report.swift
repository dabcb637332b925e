import Foundation
import Testing

/// What a job left in its output directory.
struct Report {
    struct Metric: Decodable {
        var value: Double
        var currency: String?
        var unit: String?
        var baseValue: Double?
        var factors: [String: Double]?
    }

    struct Failure: Decodable {
        var code: String
        var field: String
        var message: String
    }

    struct Stages: Decodable {
        var queued: String
        var taken: String
        var priced: String
        var joined: String
    }

    struct Versions: Decodable {
        var valgrid: String
        var quantlib: String
    }

    struct Trade: Decodable {
        var tradeId: String
        var type: String
        var status: String
        var metrics: [String: Metric]?
        var error: Failure?
        var batch: Int?
        var engine: String?
        var attempt: Int?
        var cpuMicroseconds: Double?
        var snapshot: String?
        var stages: Stages?
        var versions: Versions?
    }

    struct Summary: Decodable {
        var job: String
        var state: String
        var valuationDate: String
        var baseCurrency: String
        var trades: Int
        var results: Int
        var errors: Int
        var missing: Int
    }

    let summary: Summary
    let trades: [Trade]
    let directory: URL

    init(_ directory: URL) throws {
        self.directory = directory
        let decoder = JSONDecoder()
        summary = try decoder.decode(
            Summary.self,
            from: Data(contentsOf: directory.appendingPathComponent("summary.json"))
        )
        let text = try String(
            contentsOf: directory.appendingPathComponent("results.jsonl"),
            encoding: .utf8
        )
        trades = try text.split(separator: "\n").map {
            try decoder.decode(Trade.self, from: Data($0.utf8))
        }
    }

    func text(_ file: String) throws -> String {
        try String(contentsOf: directory.appendingPathComponent(file), encoding: .utf8)
    }

    /// The values of a metric, by trade.
    func values(of metric: String) -> [String: Double] {
        var values: [String: Double] = [:]
        for trade in trades { values[trade.tradeId] = trade.metrics?[metric]?.value }
        return values
    }
}

/// Whether two numbers agree relatively.
func agree(_ left: Double?, _ right: Double, relative: Double) -> Bool {
    guard let left else { return false }
    return abs(left - right) <= relative * max(abs(left), abs(right))
}
