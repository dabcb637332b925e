internal import Synchronization

/// How often something may be done: a bucket a key that fills at a rate.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: ContinuousClock.Instant
        /// Refusals in a row; each doubles the wait.
        var refusals = 0
    }

    private static let mostKeys = 10_000

    private let rate: Double
    private let burst: Double
    private let isDoubling: Bool
    private let buckets = Mutex<[String: Bucket]>([:])

    /// Allows `rate` a second and `burst` at once; with `isDoubling`, one who does not stop waits
    /// twice as long each time, up to an hour.
    init(rate: Double, burst: Double, isDoubling: Bool = false) {
        self.rate = rate
        self.burst = burst
        self.isDoubling = isDoubling
    }

    /// Takes one for a key; returns nil, or how many seconds to wait.
    func take(_ key: String, at time: ContinuousClock.Instant = .now) -> Int? {
        buckets.withLock { buckets in
            if buckets.count >= Self.mostKeys {
                buckets = buckets.filter { filled($0.value, at: time) < burst }
                // Under an attack from everywhere the oldest are forgotten.
                if buckets.count >= Self.mostKeys { buckets = [:] }
            }
            var bucket = buckets[key] ?? Bucket(tokens: burst, at: time)
            bucket.tokens = filled(bucket, at: time)
            bucket.at = time
            defer { buckets[key] = bucket }
            guard bucket.tokens < 1 else {
                bucket.tokens -= 1
                bucket.refusals = 0
                return nil
            }
            let wait = (1 - bucket.tokens) / rate
            guard isDoubling else { return Int(wait.rounded(.up)) }
            bucket.refusals = min(bucket.refusals + 1, 12)
            let doubled = min(3_600, wait * Double(1 << (bucket.refusals - 1)))
            // What is asked for before then only makes it longer.
            bucket.tokens = 1 - doubled * rate
            return Int(doubled.rounded(.up))
        }
    }

    private func filled(_ bucket: Bucket, at time: ContinuousClock.Instant) -> Double {
        min(burst, bucket.tokens + bucket.at.duration(to: time) / .seconds(1) * rate)
    }
}
