internal import Synchronization

/// The metrics of a process, in Prometheus' text format.
///
/// Names are base units with `_total` on counters; labels are of closed sets, never a job or a
/// trade. Requesting a name with the same labels again gives the same metric. A name has one type:
/// requesting it with another type is a programming error and ends the process.
public final class MetricsRegistry: Sendable {
    private let families = Mutex<[String: MetricFamily]>([:])

    /// A registry without metrics.
    public init() {}

    /// A counter.
    ///
    /// - Parameters:
    ///   - name: as `grid_batches_priced_total`.
    ///   - help: one sentence for people.
    ///   - labels: names and values, of closed sets.
    /// - Returns: the counter of this name and these labels.
    public func counter(
        _ name: String,
        help: String,
        labels: [String: String] = [:]
    ) -> Counter {
        let series = register(name, .counter, help, labels) { .counter(Counter()) }
        guard case .counter(let counter) = series else { Self.reject(name) }
        return counter
    }

    /// A counter whose sum is read when it is scraped.
    ///
    /// - Parameters:
    ///   - name: as `process_cpu_seconds_total`.
    ///   - help: one sentence for people.
    ///   - labels: names and values, of closed sets.
    ///   - value: called at each scrape, from any thread.
    public func counter(
        _ name: String,
        help: String,
        labels: [String: String] = [:],
        value: @escaping @Sendable () -> Double
    ) {
        replace(name, .counter, help, labels, with: .computed(value))
    }

    /// A gauge.
    ///
    /// - Parameters:
    ///   - name: as `grid_pricers_running`.
    ///   - help: one sentence for people.
    ///   - labels: names and values, of closed sets.
    /// - Returns: the gauge of this name and these labels.
    public func gauge(_ name: String, help: String, labels: [String: String] = [:]) -> Gauge {
        let series = register(name, .gauge, help, labels) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = series else { Self.reject(name) }
        return gauge
    }

    /// A gauge whose number is read when it is scraped.
    ///
    /// - Parameters:
    ///   - name: as `grid_batches_in_flight`.
    ///   - help: one sentence for people.
    ///   - labels: names and values, of closed sets.
    ///   - value: called at each scrape, from any thread.
    public func gauge(
        _ name: String,
        help: String,
        labels: [String: String] = [:],
        value: @escaping @Sendable () -> Double
    ) {
        replace(name, .gauge, help, labels, with: .computed(value))
    }

    /// A histogram.
    ///
    /// - Parameters:
    ///   - name: as `grid_batch_duration_seconds`.
    ///   - help: one sentence for people.
    ///   - labels: names and values, of closed sets.
    ///   - buckets: upper bounds, inclusive; a bucket for all above is added.
    /// - Returns: the histogram of this name and these labels.
    public func histogram(
        _ name: String,
        help: String,
        labels: [String: String] = [:],
        buckets: [Double]
    ) -> Histogram {
        let series = register(name, .histogram, help, labels) {
            .histogram(Histogram(buckets: buckets))
        }
        guard case .histogram(let histogram) = series else { Self.reject(name) }
        return histogram
    }

    /// All metrics in Prometheus' text format 0.0.4, by name, then by labels.
    public func prometheusText() -> String {
        let all = families.withLock { $0 }
        return all.keys.sorted().reduce(into: "") { text, name in
            all[name]?.append(to: &text, as: name)
        }
    }

    // MARK: Families

    private func register(
        _ name: String,
        _ type: MetricFamily.Kind,
        _ help: String,
        _ labels: [String: String],
        make: () -> MetricFamily.Series
    ) -> MetricFamily.Series {
        families.withLock {
            var family = $0[name] ?? MetricFamily(kind: type, help: help)
            guard family.kind == type else { Self.reject(name) }
            if let series = family.series[labels] { return series }
            let series = make()
            family.series[labels] = series
            $0[name] = family
            return series
        }
    }

    private func replace(
        _ name: String,
        _ type: MetricFamily.Kind,
        _ help: String,
        _ labels: [String: String],
        with series: MetricFamily.Series
    ) {
        families.withLock {
            var family = $0[name] ?? MetricFamily(kind: type, help: help)
            guard family.kind == type else { Self.reject(name) }
            family.series[labels] = series
            $0[name] = family
        }
    }

    private static func reject(_ name: String) -> Never {
        preconditionFailure("the metric \(name) is registered with another type")
    }
}
