public import GridAPI
internal import GridProtocol
public import Ledger
internal import Reports

extension JobRow {
    /// Adds when a job that goes on will probably end.
    ///
    /// - Parameters:
    ///   - progress: of the job.
    ///   - view: what the aggregator knows.
    ///   - time: microseconds since 1970 UTC.
    public mutating func addForecast(_ progress: JobProgress, _ view: LedgerView, at time: Int64) {
        guard !progress.isFinal, progress.phase != .paused else { return }
        let ahead = view.ledger.ahead(of: progress.job)
        let perBatch = progress.batches > 0 ? progress.trades / progress.batches : 0
        // The grid's rate is that of all jobs together: this one may not have begun.
        var rates: [Double] = []
        for job in view.ledger.activeJobs(most: 100) {
            let own = view.ledger.rates(of: job, at: time)
            if rates.isEmpty {
                rates = own
            } else if own.count == rates.count {
                for bin in own.indices { rates[bin] += own[bin] }
            }
        }
        let forecast = DeadlineForecast(
            own: progress.missing,
            ahead: ahead.batches * perBatch,
            rates: rates,
            secondsLeft: progress.deadline > 0 ? Double(progress.deadline - time) / 1e6 : nil
        )
        func text(_ seconds: Double?) -> String? {
            // Some hundred years are no forecast.
            guard let seconds, seconds < 1e10 else { return nil }
            return ReportTime.text(time + Int64(seconds * 1e6))
        }
        self.forecast = Forecast(
            verdict: forecast.verdict.rawValue,
            p10: text(forecast.p10),
            p50: text(forecast.p50),
            p90: text(forecast.p90),
            reason: forecast.reason
        )
    }
}
