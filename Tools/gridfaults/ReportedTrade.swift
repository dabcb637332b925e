internal import Foundation

/// What a report says of a trade, to be compared bit for bit: no times, no engine, no attempt.
struct ReportedTrade: Hashable, Sendable {
    /// The bits of a number, which tell more apart than `==` does.
    struct Bits: Hashable, Decodable {
        var pattern: UInt64

        init(from decoder: any Decoder) throws {
            pattern = try decoder.singleValueContainer().decode(Double.self).bitPattern
        }
    }

    struct Metric: Hashable, Decodable {
        var value: Bits
        var currency: String?
        var unit: String?
        var baseValue: Bits?
        var factors: [String: Bits]?
    }

    struct Failure: Hashable, Decodable {
        var code: String
        var field: String
        var message: String
    }

    let tradeId: String
    let status: String
    let metrics: [String: Metric]?
    let error: Failure?

    /// Reads a report's `results.jsonl`.
    static func read(_ path: String) throws -> [ReportedTrade] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A).map {
            try decoder.decode(ReportedTrade.self, from: $0)
        }
    }
}

extension ReportedTrade: Decodable {}
