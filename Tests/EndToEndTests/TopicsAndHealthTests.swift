import GridProtocol
import GridTopics
import TestBed
import Testing

/// What a deployment's one-shot jobs and health checks run.
@Suite(.timeLimit(.minutes(2))) struct TopicsAndHealthTests {
    private static let plans = [
        TopicPlan(name: "g.jobs", partitions: 1, configuration: ["cleanup.policy": "compact"]),
        TopicPlan(
            name: "g.results",
            partitions: 8,
            configuration: ["cleanup.policy": "delete", "retention.ms": "604800000"]
        ),
    ]

    @Test func aSurveySaysWhatIsThereCreatedMissingOrOfAnotherSize() {
        let whole = TopicSurvey(
            plans: Self.plans,
            found: ["g.jobs": 1, "g.results": 8],
            created: ["g.results"]
        )
        #expect(whole.isAsPlanned)
        #expect(whole.rows.map(\.state) == ["there", "created"])
        #expect(whole.rows.map(\.retention) == ["newest per key", "7 d"])
        #expect(whole.table[2] == "g.results           8  7 d             created")

        let partly = TopicSurvey(plans: Self.plans, found: ["g.results": 4])
        #expect(!partly.isAsPlanned)
        #expect(partly.rows.map(\.state) == ["missing", "exists, but 8 partitions are planned"])
    }

    @Test(.tags(.broker), .enabled(if: BrokerKind.available.contains(.kafka)))
    func topicsAreCheckedCreatedAndLeftAlone() async throws {
        let grid = try Grid(.kafka)
        let count = Topics(prefix: grid.prefix).all.count
        let before = try await grid.eodservice(["topics", "--check"] + grid.kafkaOptions)
        #expect(before.code == 1, "\(before.errors)")
        #expect(before.output.occurrences(of: "missing") == count)

        let made = try await grid.eodservice(["topics"] + grid.kafkaOptions)
        #expect(made.code == 0, "\(made.errors)")
        #expect(made.output.occurrences(of: "created") == count)

        let again = try await grid.eodservice(["topics", "--check"] + grid.kafkaOptions)
        #expect(again.code == 0, "\(again.errors)")
        #expect(again.output.occurrences(of: "there") == count)

        let other = try await grid.eodservice(
            ["topics", "--check", "--brokers", grid.brokers, "--topic-prefix", grid.prefix]
        )
        #expect(other.code == 1)
        #expect(other.output.contains("exists, but 24 partitions are planned"))
    }

    @Test func healthIsThatOfTheProgramAtThePort() async throws {
        let grid = try Grid(.embedded)
        try await grid.startAggregator()
        let url = try #require(grid.aggregatorOptions.last)
        let ready = try await grid.eodservice(["health", "\(url)/readyz"])
        #expect(ready.code == 0, "\(ready.errors)")
        let port = try #require(url.split(separator: ":").last)
        let here = try await grid.eodservice(
            ["health", "--http-host", "0.0.0.0", "--http-port", String(port)]
        )
        #expect(here.code == 0, "\(here.errors)")

        let other = try await grid.eodservice(["health", "\(url)/nothing-here"])
        #expect(other.code == 1)
        #expect(other.errors.contains("404"))
        let nobody = try await grid.eodservice(["health", "http://127.0.0.1:1/readyz"])
        #expect(nobody.code == 1)
        #expect(nobody.errors.contains("127.0.0.1:1"))
        let rubbish = try await grid.eodservice(["health", "here"])
        #expect(rubbish.code == 2)
    }
}

extension String {
    /// How many times a text is in this one.
    fileprivate func occurrences(of text: String) -> Int {
        ranges(of: text).count
    }
}
