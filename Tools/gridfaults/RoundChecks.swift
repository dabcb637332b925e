/// Compares what a round left with what it must be.
enum RoundChecks {
    /// Notes which trades are lost, doubled or wrong.
    ///
    /// - Parameters:
    ///   - found: the trades of a report.
    ///   - expected: those of the undisturbed run.
    ///   - outcome: what is added to.
    static func compare(
        _ found: [ReportedTrade],
        with expected: [ReportedTrade],
        _ outcome: inout RoundOutcome
    ) {
        let byID = Dictionary(grouping: found, by: \.tradeId)
        for trade in expected {
            let same = byID[trade.tradeId] ?? []
            outcome.doubled += max(0, same.count - 1)
            guard let first = same.first, first.status != "missing" else {
                outcome.lost += 1
                continue
            }
            if first != trade { outcome.wrong += 1 }
        }
        let known = Set(expected.map(\.tradeId))
        let foreignRecords = byID.keys.count { !known.contains($0) }
        if foreignRecords > 0 {
            outcome.problems.append(
                "\(foreignRecords) trades in the report are not in the portfolio"
            )
        } else if found.map(\.tradeId) != expected.map(\.tradeId), outcome.lost == 0,
            outcome.doubled == 0
        {
            outcome.problems.append("the report's trades are in another order")
        }
    }

    /// Notes which batches have no result, or more than one.
    ///
    /// - Parameters:
    ///   - counts: how often each batch of the job is in the results topic.
    ///   - batches: how many batches the job has.
    ///   - outcome: what is added to.
    static func count(
        _ counts: [UInt32: Int],
        batches: Int,
        _ outcome: inout RoundOutcome
    ) {
        for index in 0..<UInt32(batches) {
            let count = counts[index] ?? 0
            if count == 0 { outcome.lost += 1 }
            if count > 1 { outcome.doubled += 1 }
        }
        let foreignRecords = counts.keys.count { $0 >= UInt32(batches) }
        if foreignRecords > 0 {
            outcome.problems.append("\(foreignRecords) results are of batches that the job has not")
        }
    }

    /// Notes what is not as it must be in what the aggregator says of a job.
    static func check(
        _ state: JobState,
        of job: String,
        trades: Int,
        _ outcome: inout RoundOutcome
    ) {
        var problems: [String] = []
        if state.trades != trades { problems.append("has \(state.trades) of \(trades) trades") }
        if state.results + state.failed != state.trades {
            problems.append("\(state.results) results and \(state.failed) errors")
        }
        if state.missing > 0 { problems.append("misses \(state.missing) trades") }
        if state.duplicates > 0 { problems.append("met \(state.duplicates) batches twice") }
        if state.conflicts > 0 { problems.append("met \(state.conflicts) batches that differ") }
        outcome.problems += problems.map { "\(job): \($0)" }
    }
}
