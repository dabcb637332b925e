internal import Foundation
internal import Glibc

/// What was measured, with targets.
struct Figures {
    private(set) var isMet = true

    /// Prints date, load and what is measured.
    init(_ what: String) {
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        let formatter = ISO8601DateFormatter()
        print(
            "\(formatter.string(from: Date())), load \(load.split(separator: " ").prefix(3).joined(separator: " ")): \(what)"
        )
    }

    /// Prints a figure.
    ///
    /// - Parameters:
    ///   - row: of the acceptance checks.
    ///   - what: the thing.
    ///   - value: measured.
    ///   - unit: of it.
    ///   - most: the target; nil for a figure without one.
    ///   - least: the same for what is better when it is more.
    mutating func add(
        _ row: String,
        _ what: String,
        _ value: Double,
        _ unit: String,
        atMost most: Double? = nil,
        atLeast least: Double? = nil
    ) {
        let shown = String(format: value < 10 ? "%.2f" : "%.0f", value)
        var line =
            "\(row.padding(toLength: 4, withPad: " ", startingAt: 0)) \(what): \(shown) \(unit)"
        if let most {
            let isIn = value <= most
            isMet = isMet && isIn
            line +=
                ", at most \(String(format: most < 10 ? "%g" : "%.0f", most)): \(isIn ? "met" : "MISSED")"
        }
        if let least {
            let isIn = value >= least
            isMet = isMet && isIn
            line += ", at least \(String(format: "%g", least)): \(isIn ? "met" : "MISSED")"
        }
        print(line)
    }

    /// Prints whether something is so.
    mutating func check(_ row: String, _ what: String, _ isSo: Bool, _ detail: String = "") {
        isMet = isMet && isSo
        print(
            "\(row.padding(toLength: 4, withPad: " ", startingAt: 0)) \(what): \(isSo ? "yes" : "NO")\(detail.isEmpty ? "" : " (\(detail))")"
        )
    }

    static func percentile(_ values: [Double], _ part: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        return sorted[min(sorted.count - 1, Int((Double(sorted.count) * part).rounded(.up)) - 1)]
    }
}
