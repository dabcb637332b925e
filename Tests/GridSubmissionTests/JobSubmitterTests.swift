import Foundation
import GridProtocol
import GridTopics
import KafkaClient
import KafkaEmbedded
import Operations
import Synchronization
import Testing

@testable import GridSubmission

extension Tag {
    /// Needs an Apache Kafka broker.
    @Tag static var broker: Self
}

/// Topics of a test's own on a broker.
final class Ground: Sendable {
    let configuration: KafkaConfiguration
    let topics: Topics
    private let cluster: EmbeddedCluster?

    /// Topics on an Apache Kafka.
    init(apacheKafka: Void) async throws {
        cluster = nil
        configuration = KafkaConfiguration(
            bootstrapServers: try #require(
                ProcessInfo.processInfo.environment["VALGRID_TEST_BOOTSTRAP"],
                "KAFKA_HOME is set, but no broker is up"
            ),
            clientID: "tests"
        )
        var topics = Topics(prefix: "submit-\(UInt64.random(in: 0 ..< .max)).")
        topics.batchPartitions = 3
        self.topics = topics
        _ = try await topics.createMissing(with: configuration)
    }

    /// Topics on an embedded broker.
    init() throws {
        let topics = Topics(prefix: "t.")
        let cluster = try EmbeddedCluster()
        for plan in topics.all { try cluster.createTopic(plan.name, partitions: 2) }
        self.cluster = cluster
        self.topics = topics
        configuration = KafkaConfiguration(
            bootstrapServers: cluster.bootstrapServers,
            clientID: "tests"
        )
    }

    func submit(
        _ job: PlannedJob,
        delivery: DeliveryMode? = nil,
        admit: @escaping @Sendable (Int) async throws -> Void = { _ in }
    ) async throws -> JobSubmitter.Outcome {
        let producer = try KafkaProducer(configuration: configuration)
        let submitter = JobSubmitter(
            configuration: configuration,
            topics: topics,
            producer: producer,
            delivery: delivery,
            logger: .silent
        )
        do {
            let outcome = try await submitter.submit(job, admit: admit)
            await producer.close()
            return outcome
        } catch {
            await producer.close()
            throw error
        }
    }

    /// How often readers of committed records meet each batch.
    func batchCounts() async throws -> [UInt32: Int] {
        var counts: [UInt32: Int] = [:]
        try await TopicScan(configuration: configuration).records(of: topics.batches) { record in
            guard let value = record.value, let batch = try? Batch.decode(value) else { return }
            counts[batch.index, default: 0] += 1
        }
        return counts
    }
}

private struct Killed: Error {}

private final class Flag: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { state.withLock { $0 } }

    func raise() { state.withLock { $0 = true } }
}

/// Waits until something is so, at most a minute.
func eventually(_ isSo: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !isSo() {
        try #require(ContinuousClock.now < deadline, "not within a minute")
        try await Task.sleep(for: .milliseconds(5))
    }
}

@Suite(.timeLimit(.minutes(2))) struct JobSubmitterTests {
    private static let hasBroker =
        ProcessInfo.processInfo.environment["VALGRID_TEST_BOOTSTRAP"] != nil
        || ProcessInfo.processInfo.environment["KAFKA_HOME"] != nil

    /// 100 batches of two trades.
    private func job() throws -> PlannedJob {
        try PlannedJob(try makeRequest(200, limits: BatchLimits(trades: 2)))
    }

    @Test func theEmbeddedBrokerGetsBatchesWithoutTransactions() async throws {
        let ground = try Ground()
        let job = try job()
        #expect(try await ground.submit(job) == .submitted)
        #expect(try await ground.submit(job) == .alreadySubmitted)
        #expect(try await ground.batchCounts().values.sorted() == Array(repeating: 1, count: 100))
        await #expect(throws: SubmissionError.self) {
            _ = try await ground.submit(
                try PlannedJob(try makeRequest(1, job: "another")),
                delivery: .exactlyOnce
            )
        }
    }

    @Test(.tags(.broker), .enabled(if: hasBroker, "needs an Apache Kafka broker"))
    func aSubmissionThatDiedIsContinuedWithEachBatchOnce() async throws {
        let ground = try await Ground(apacheKafka: ())
        let job = try job()
        // The first sixteen batches are committed by the time that the 40th is made.
        await #expect(throws: Killed.self) {
            _ = try await ground.submit(job) { if $0 == 40 { throw Killed() } }
        }
        // Readers see a transaction a moment after its commit was acknowledged.
        try await eventually { try await ground.batchCounts().count == 16 }
        #expect(try await ground.submit(job) == .resumed(alreadyThere: 16))
        #expect(try await ground.submit(job) == .alreadySubmitted)
        #expect(try await ground.batchCounts().values.sorted() == Array(repeating: 1, count: 100))
    }

    @Test(.tags(.broker), .enabled(if: hasBroker, "needs an Apache Kafka broker"))
    func whatADeadSubmissionHadOnItsWayNeverShows() async throws {
        let ground = try await Ground(apacheKafka: ())
        let job = try job()
        let dead = try await ExactlyOncePublication(
            configuration: ground.configuration,
            transactionalID: "\(ground.topics.prefix)submit.\(job.jobID)",
            batches: ground.topics.batches,
            jobs: TopicPartition(topic: ground.topics.jobs, partition: 0)
        )
        let records = BatchRecords(
            topic: ground.topics.batches,
            partitions: 3,
            job: job,
            submittedAt: 1
        )
        try await dead.producer.begin()
        try await dead.producer.send(try (0..<10).map { try records.record($0) })
        #expect(try await ground.submit(job) == .submitted)
        var fenced: TransactionError?
        do throws(TransactionError) {
            try await dead.producer.commit()
        } catch {
            fenced = error
        }
        #expect(fenced?.cause.code == .fenced)
        await dead.producer.close()
        #expect(try await ground.batchCounts().values.sorted() == Array(repeating: 1, count: 100))
    }

    @Test(.tags(.broker), .enabled(if: hasBroker, "needs an Apache Kafka broker"))
    func twoSubmissionsAtTheSameTimeAreOneJob() async throws {
        let ground = try await Ground(apacheKafka: ())
        let job = try job()
        // The first waits in its second transaction until the other has taken over and finished.
        let isOvertaken = Flag()
        async let first = ground.submit(job) { position in
            guard position == 40 else { return }
            try await eventually { isOvertaken.isRaised }
        }
        try await eventually { try await !ground.batchCounts().isEmpty }
        #expect(try await ground.submit(job) == .resumed(alreadyThere: 16))
        isOvertaken.raise()
        #expect(try await first == .alreadySubmitted)
        #expect(try await ground.batchCounts().values.sorted() == Array(repeating: 1, count: 100))
    }
}
