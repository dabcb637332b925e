/// The outcomes of all rounds as a table for people.
struct FaultTable: Sendable {
    private static let columns = [
        "fault", "brokers", "rounds", "failed", "extra s median", "worst", "lost", "doubled",
        "wrong", "doubtful commits", "carried out", "half ended by Kafka", "aborted by hand",
    ]

    private var outcomes: [RoundOutcome] = []

    mutating func add(_ outcome: RoundOutcome) {
        outcomes.append(outcome)
    }

    /// A line for each fault, in the order in which they were tried, and one for all.
    var text: String {
        var names: [String] = []
        for outcome in outcomes where !names.contains(outcome.fault) { names.append(outcome.fault) }
        var rows = names.map { name in row(name, outcomes.filter { $0.fault == name }) }
        rows.append(row("all", outcomes))
        let widths = Self.columns.indices.map { column in
            (rows.map { $0[column].count } + [Self.columns[column].count]).max() ?? 0
        }
        return ([Self.columns] + rows).map { cells in
            cells.enumerated().map { column, cell in
                let blanks = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + blanks : blanks + cell
            }.joined(separator: "  ") + "\n"
        }.joined()
    }

    private func row(_ name: String, _ outcomes: [RoundOutcome]) -> [String] {
        let extra = outcomes.map(\.extraSeconds).sorted()
        let brokers = Set(outcomes.map(\.brokers)).sorted().map(String.init)
        return [
            name, brokers.joined(separator: ","), String(outcomes.count),
            String(outcomes.count { !$0.isGood }), Self.text(Self.median(extra)),
            Self.text(extra.last ?? 0), String(outcomes.reduce(0) { $0 + $1.lost }),
            String(outcomes.reduce(0) { $0 + $1.doubled }),
            String(outcomes.reduce(0) { $0 + $1.wrong }),
            String(outcomes.reduce(0) { $0 + $1.commitsInDoubt }),
            String(outcomes.reduce(0) { $0 + $1.commitsFoundDone }),
            String(outcomes.reduce(0) { $0 + $1.halfEndedTransactions }),
            String(outcomes.reduce(0) { $0 + $1.hangingTransactions }),
        ]
    }

    private static func median(_ sorted: [Double]) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// One digit after the point.
    static func text(_ seconds: Double) -> String {
        "\((seconds * 10).rounded() / 10)"
    }
}
