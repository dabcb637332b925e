import Operations
import Testing

@Suite struct MetricsRegistryTests {
    @Test func writesPrometheusText() {
        let registry = MetricsRegistry()
        registry.counter("grid_b_total", help: "B.\nTwo \\ lines.").increment(by: 2.5)
        registry.gauge("grid_c", help: "C.", labels: ["state": "a\"b\\\n"]).set(-3)
        registry.gauge("grid_c", help: "C.", labels: ["state": "a", "kind": "k"]).set(1e21)
        registry.gauge("grid_a", help: "A.") { 7 }
        let histogram = registry.histogram("grid_d_seconds", help: "D.", buckets: [1, 0.1, 10])
        for value in [0.1, 0.5, 1, 100, .nan] { histogram.observe(value) }
        #expect(
            registry.prometheusText() == """
                # HELP grid_a A.
                # TYPE grid_a gauge
                grid_a 7
                # HELP grid_b_total B.\\nTwo \\\\ lines.
                # TYPE grid_b_total counter
                grid_b_total 2.5
                # HELP grid_c C.
                # TYPE grid_c gauge
                grid_c{kind="k",state="a"} 1e+21
                grid_c{state="a\\"b\\\\\\n"} -3
                # HELP grid_d_seconds D.
                # TYPE grid_d_seconds histogram
                grid_d_seconds_bucket{le="0.1"} 1
                grid_d_seconds_bucket{le="1"} 3
                grid_d_seconds_bucket{le="10"} 3
                grid_d_seconds_bucket{le="+Inf"} 4
                grid_d_seconds_sum 101.6
                grid_d_seconds_count 4

                """
        )
    }

    @Test func askingAgainGivesTheSameMetric() {
        let registry = MetricsRegistry()
        registry.counter("x_total", help: "X.").increment()
        registry.counter("x_total", help: "X.").increment()
        registry.counter("x_total", help: "X.", labels: ["a": "b"]).increment()
        #expect(registry.counter("x_total", help: "X.").value == 2)
    }

    @Test func aCounterOnlyGrows() {
        let counter = MetricsRegistry().counter("x_total", help: "X.")
        for amount in [1, -5, .nan, .infinity, 2] { counter.increment(by: amount) }
        #expect(counter.value == 3)
    }

    @Test func countsFromManyThreads() async {
        let registry = MetricsRegistry()
        let counter = registry.counter("x_total", help: "X.")
        let histogram = registry.histogram("y", help: "Y.", labels: ["a": "b"], buckets: [1])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter.increment()
                        histogram.observe(1)
                    }
                }
            }
        }
        #expect(counter.value == 8000)
        #expect(registry.prometheusText().contains("y_bucket{a=\"b\",le=\"1\"} 8000\n"))
    }

    @Test func theProcessDescribesItself() throws {
        let registry = MetricsRegistry()
        registry.registerProcessMetrics(program: "test")
        var values: [Substring: Double] = [:]
        for line in registry.prometheusText().split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            values[parts[0]] = Double(parts[1])
        }
        #expect(try #require(values["process_cpu_seconds_total"]) > 0)
        #expect(try #require(values["process_resident_memory_bytes"]) > 1_000_000)
        #expect(try #require(values["process_open_fds"]) >= 3)
        #expect(try #require(values["process_max_fds"]) >= 64)
        let age = Double(Timestamp.now) / 1e6 - (values["process_start_time_seconds"] ?? 0)
        #expect((-2..<86_400).contains(age))
        let build = "valgrid_build_info{program=\"test\",version=\"\(BuildInformation.version)\"}"
        #expect(values[build[...]] == 1)
    }
}
