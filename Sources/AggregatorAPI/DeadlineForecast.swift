/// When a job will probably end, from how fast trades were done of late.
///
/// The rate is taken as constant on the whole; bins of ten seconds vary about it. The time for `n`
/// trades is then about `n / rate`, with a relative deviation of `deviation / sqrt(bins that it
/// takes)`, and that of the rate's own estimate, `deviation / sqrt(bins seen)`. Slow bins follow
/// slow ones: means of bins that depend on each other vary by sqrt((1 + r) / (1 - r)) more, where r
/// is the correlation of neighbours.
struct DeadlineForecast: Hashable, Sendable {
    /// Against the deadline.
    enum Verdict: String, Sendable { case holds, mayMiss, willMiss, unknown }

    var verdict: Verdict
    /// Seconds from now, ascending; nil when not known.
    var p10: Double?
    var p50: Double?
    var p90: Double?
    /// One sentence.
    var reason: String

    /// The seconds of a bin.
    static let binSeconds = 10.0
    /// Of the normal distribution, one in ten.
    private static let tenth = 1.2816
    /// Deviation that bins have even when those seen do not vary.
    private static let leastDeviation = 0.05
    /// Correlation of neighbours that is assumed even where those seen have less: an engine that
    /// comes or goes changes all bins after it.
    private static let leastCorrelation = 0.3
    private static let mostCorrelation = 0.9

    /// Forecasts the end.
    ///
    /// - Parameters:
    ///   - own: trades of the job that are not done.
    ///   - ahead: trades of other jobs that are priced before.
    ///   - rates: trades per second of all jobs in bins of ten seconds, the oldest first; the last
    ///     one is not over and is left out.
    ///   - secondsLeft: to the deadline; nil when there is none.
    init(own: Int, ahead: Int, rates: [Double], secondsLeft: Double?) {
        // Bins before the first trade are those of a grid that had nothing to do.
        let seen = rates.dropLast().drop { $0 <= 0 }
        let mean = seen.reduce(0, +) / Double(max(1, seen.count))
        verdict = .unknown
        reason =
            seen.isEmpty
            ? "no trade was done in the last five minutes"
            : "not known yet: trades have been done for less than 20 s"
        guard seen.count >= 2, mean > 0 else { return }
        let variance =
            seen.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, seen.count - 1))
        let deviation = max(Self.leastDeviation, variance.squareRoot() / mean)
        let seconds = Double(max(0, own) + max(0, ahead)) / mean
        let bins = max(1, seconds / Self.binSeconds)
        // The fewer bins are seen, the less is known of how they vary.
        let doubt = 1 + 1.5 / Double(seen.count)
        let spread =
            deviation * Self.dependence(of: Array(seen), mean: mean) * doubt * Self.tenth
            * (1 / bins + 1 / Double(seen.count)).squareRoot()
        p50 = seconds
        // A rate above and below its mean: not symmetric in time, and never below nothing.
        p10 = seconds / (1 + spread)
        p90 = seconds * (1 + spread)
        judge(against: secondsLeft, rate: mean)
    }

    // MARK: Private

    /// How much more a mean varies than one of bins that do not depend on each other.
    private static func dependence(of rates: [Double], mean: Double) -> Double {
        var correlation = 0.5
        if rates.count >= 4 {
            let squares = rates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let products = zip(rates, rates.dropFirst()).reduce(0) {
                $0 + ($1.0 - mean) * ($1.1 - mean)
            }
            let seen = squares > 0 ? products / squares : 0
            // Of few bins the estimate is too low.
            correlation = seen + (1 + 3 * seen) / Double(rates.count)
        }
        correlation = min(mostCorrelation, max(leastCorrelation, correlation))
        return ((1 + correlation) / (1 - correlation)).squareRoot()
    }

    private mutating func judge(against secondsLeft: Double?, rate: Double) {
        let pace = "at \(rate >= 10 ? rate.rounded() : (rate * 10).rounded() / 10) trades/s"
        guard let secondsLeft, let p10, let p90 else {
            verdict = .holds
            reason = "\(pace); the job has no deadline"
            return
        }
        if p90 <= secondsLeft {
            verdict = .holds
            reason = "\(pace) the job ends before its deadline in nine of ten cases"
        } else if p10 > secondsLeft {
            verdict = .willMiss
            reason = "\(pace) the job ends after its deadline in nine of ten cases"
        } else {
            verdict = .mayMiss
            reason = "\(pace) the job may end after its deadline"
        }
    }
}
