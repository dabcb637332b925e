import GridAPI
import KafkaClient
import KafkaEmbedded
import Operations
import Testing

@testable import Manager

@Suite(.timeLimit(.minutes(1))) struct AuditChainTests {
    private let topic = "audit"

    private func entry(_ object: String) -> AuditEntry {
        AuditEntry(
            at: "2026-01-15T18:00:00Z",
            who: "omar",
            role: "operator",
            how: "token",
            address: "127.0.0.1",
            request: "r",
            action: "jobs.cancel",
            object: object,
            phase: "intent"
        )
    }

    private func cluster() throws -> (EmbeddedCluster, KafkaConfiguration) {
        let cluster = try EmbeddedCluster()
        for name in [topic, "copy"] { try cluster.createTopic(name, partitions: 1) }
        let kafka = KafkaConfiguration(
            bootstrapServers: cluster.bootstrapServers,
            clientID: "test"
        )
        return (cluster, kafka)
    }

    /// Writes lines as one run of a compute-manager does.
    private func write(
        _ objects: [String],
        by writer: String,
        _ kafka: KafkaConfiguration
    ) async throws {
        try await onThread {
            let log = try AuditLog(
                configuration: kafka,
                topic: topic,
                writer: writer,
                logger: .silent
            )
            for object in objects { try log.append(entry(object)) }
        }
    }

    @Test func theChainGoesOnAfterARestartAndEachWriterHasItsOwn() async throws {
        let (cluster, kafka) = try cluster()
        try await write(["a", "b"], by: "one", kafka)
        try await write(["c"], by: "two", kafka)
        try await write(["d"], by: "one", kafka)
        let finding = try await AuditVerifier(configuration: kafka, topic: topic).verify()
        #expect(finding.records == 4)
        #expect(finding.writers == 2)
        #expect(finding.breaks == [])
        let entries = try await auditEntries(kafka, topic)
        #expect(entries.map { $0.hash.isEmpty } == [true, false, true, false])
        cluster.close()
    }

    /// What somebody does to the topic's records, and where it shows.
    @Test(arguments: [
        ("changed", "offset 2: it does not follow the record before it of writer one"),
        ("removed", "offset 1: it does not follow the record before it of writer one"),
        ("first removed", "offset 0: the records before it of writer one are missing"),
        ("put between", "offset 1: it does not follow the record before it of writer one"),
        ("no record", "offset 1: it is no record of the audit"),
    ])
    func whatIsDoneToRecordsIsFound(act: String, expected: String) async throws {
        let (cluster, kafka) = try cluster()
        try await write(["a", "b", "c"], by: "one", kafka)
        var records = try await auditRecords(kafka, topic)
        switch act {
        case "changed":
            var changed = try APIJSON.decoded(AuditEntry.self, from: records[1])
            changed.who = "vera"
            records[1] = Array(try APIJSON.line(changed).dropLast())
        case "removed": records.remove(at: 1)
        case "first removed": records.removeFirst()
        case "put between":
            var other = entry("x")
            other.writer = "one"
            records.insert(Array(try APIJSON.line(other).dropLast()), at: 1)
        default: records.insert(Array("{}".utf8), at: 1)
        }
        let producer = try KafkaProducer(configuration: kafka)
        for record in records {
            try await producer.send(ProducedRecord(topic: "copy", key: nil, value: record))
        }
        await producer.close()
        let finding = try await AuditVerifier(configuration: kafka, topic: "copy").verify()
        let first = try #require(finding.breaks.first)
        #expect(first.hasPrefix(expected), "\(finding.breaks)")
        #expect(
            try await AuditVerifier(configuration: kafka, topic: topic).verify().breakCount == 0
        )
        cluster.close()
    }

    @Test func whatIsGoneByAgeIsNoBreak() throws {
        var chain = AuditChain(isCut: true)
        var second = entry("b")
        second.writer = "one"
        second.hash = "of the record that is gone"
        let bytes = Array(try APIJSON.line(second).dropLast())
        #expect(chain.add(bytes) == nil)
        #expect(chain.add(bytes) != nil)
    }
}

/// The records of an audit as they are.
func auditRecords(_ kafka: KafkaConfiguration, _ topic: String) async throws -> [[UInt8]] {
    let partition = TopicPartition(topic: topic, partition: 0)
    let reader = try KafkaReader(
        configuration: kafka,
        isolation: .readUncommitted,
        start: [partition: .beginning]
    )
    let end = try await reader.endOffsets()[partition]?.high ?? 0
    var records: [[UInt8]] = []
    while records.count < Int(end) {
        let read = try await reader.nextBatch(maximum: 1_000, within: .seconds(5))
        guard !read.isEmpty else { break }
        records += read.map { $0.value ?? [] }
    }
    await reader.close()
    return records
}

/// The lines of an audit.
func auditEntries(_ kafka: KafkaConfiguration, _ topic: String) async throws -> [AuditEntry] {
    try await auditRecords(kafka, topic).map { try APIJSON.decoded(AuditEntry.self, from: $0) }
}
