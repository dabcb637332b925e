import GridProtocol
import Testing

@Suite struct TopicsTests {
    @Test func allTopicsHaveThePrefix() {
        let topics = Topics()
        #expect(
            topics.all.map(\.name) == [
                "valgrid.jobs", "valgrid.market", "valgrid.batches", "valgrid.batches.intraday",
                "valgrid.batches.parked", "valgrid.results", "valgrid.deadletter",
                "valgrid.engines", "valgrid.logs", "valgrid.audit",
            ]
        )
        #expect(Topics(prefix: "uat-").batches == "uat-batches")
        #expect(topics.batches(of: .eod) == "valgrid.batches")
        #expect(topics.batches(of: .unspecified) == "valgrid.batches")
        #expect(topics.batches(of: .intraday) == "valgrid.batches.intraday")
        #expect(topics.all.map(\.partitions) == [1, 1, 24, 24, 24, 8, 1, 1, 3, 1])
    }

    @Test func partitionCountsCanBeSet() {
        var topics = Topics()
        topics.batchPartitions = 3
        topics.resultPartitions = 2
        #expect(topics.all.map(\.partitions) == [1, 1, 3, 3, 3, 2, 1, 1, 3, 1])
    }

    @Test func stateIsCompactedAndWorkIsDeleted() {
        let policies = Topics().all.map { $0.configuration["cleanup.policy"] }
        #expect(
            policies == ["compact", "compact"] + Array(repeating: "delete", count: 5)
                + ["compact,delete", "delete", "delete"]
        )
        for plan in Topics().all
        where plan.name.hasSuffix("market") || plan.name.contains("batches") {
            #expect(plan.configuration["max.message.bytes"] == "8388608")
        }
    }

    @Test(arguments: ["", "valgrid.", "a_b-c.D9"])
    func soundPrefixesHaveNoProblem(prefix: String) {
        #expect(Topics.problem(ofPrefix: prefix) == nil)
    }

    @Test(arguments: ["^valgrid", "a b", "é", "a/", String(repeating: "a", count: 201)])
    func prefixesThatKafkaRefusesHaveOne(prefix: String) {
        #expect(Topics.problem(ofPrefix: prefix) != nil)
    }

    @Test func headersComeBack() {
        let headers = RecordHeaders(schema: Batch.self, jobID: "eod-1", batchIndex: 12)
        #expect(headers.schema == "valgrid.v1.Batch")
        #expect(RecordHeaders(headers.list) == headers)
        #expect(headers.permits(Batch.self))
        #expect(!headers.permits(BatchResult.self))
        let none = RecordHeaders([("other", [1]), (RecordHeaders.batchIndexName, [255])])
        #expect(none.list.isEmpty)
        #expect(none.permits(BatchResult.self))
    }

    @Test func keysNameJobBatchAndSnapshot() throws {
        let id = try #require(JobID(rawValue: "eod-1"))
        #expect(RecordKey.batch(id, index: 4) == Array("eod-1/4".utf8))
        #expect(RecordKey.job(id) == Array("eod-1".utf8))
        let snapshot = SnapshotID(canonicalBytes: [])
        #expect(RecordKey.snapshot(snapshot) == Array(snapshot.rawValue.utf8))
    }
}
