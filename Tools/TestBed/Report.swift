package import Foundation

/// What a job left in its output directory.
package struct Report {
    package struct Metric: Decodable {
        package var value: Double
        package var currency: String?
        package var unit: String?
        package var baseValue: Double?
        package var factors: [String: Double]?
    }

    package struct Failure: Decodable {
        package var code: String
        package var field: String
        package var message: String
    }

    package struct Stages: Decodable {
        package var queued: String
        package var taken: String
        package var priced: String
        package var joined: String
    }

    package struct Versions: Decodable {
        package var valgrid: String
        package var quantlib: String
    }

    package struct Trade: Decodable {
        package var tradeId: String
        package var type: String
        package var status: String
        package var metrics: [String: Metric]?
        package var error: Failure?
        package var batch: Int?
        package var engine: String?
        package var attempt: Int?
        package var cpuMicroseconds: Double?
        package var snapshot: String?
        package var stages: Stages?
        package var versions: Versions?
    }

    package struct Summary: Decodable {
        package var job: String
        package var state: String
        package var valuationDate: String
        package var baseCurrency: String
        package var trades: Int
        package var results: Int
        package var errors: Int
        package var missing: Int
    }

    package let summary: Summary
    package let trades: [Trade]
    package let directory: URL

    package init(_ directory: URL) throws {
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

    package func text(_ file: String) throws -> String {
        try String(contentsOf: directory.appendingPathComponent(file), encoding: .utf8)
    }

    /// The values of a metric, by trade.
    package func values(of metric: String) -> [String: Double] {
        var values: [String: Double] = [:]
        for trade in trades { values[trade.tradeId] = trade.metrics?[metric]?.value }
        return values
    }
}

/// Whether two numbers agree relatively.
package func agree(_ left: Double?, _ right: Double, relative: Double) -> Bool {
    guard let left else { return false }
    return abs(left - right) <= relative * max(abs(left), abs(right))
}
