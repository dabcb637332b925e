import Foundation
import GridTopics
import KafkaClient
import TestBed
import Testing

@testable import GridEngine
@testable import GridSubmission

/// What becomes of transactions that Kafka ends without telling a partition.
///
/// Kafka 4.3.0 to 4.4.0 take a partition without a leader for a deleted one (KAFKA-20734). Of
/// partitions on one broker each, one has no leader while its broker is dead.
@Suite(
    .serialized,
    .tags(.broker),
    .enabled(if: BrokerKind.available.contains(.kafka), "KAFKA_HOME is not set"),
    .timeLimit(.minutes(5))
) struct ForgottenEndTests {
    @Test func aConfirmationTellsAPartitionHowATransactionEnded() async throws {
        let bench = try await ForgetfulBench()
        for isCommitted in [true, false] {
            let producer = try await bench.makeProducer()
            let place = bench.place(of: "out")
            let other = bench.place(of: "told")
            let before = try await bench.values(in: place)
            let began = ContinuousClock.now
            try await producer.begin()
            try await producer.send(bench.records("a", in: ["out", "told"]))
            try await bench.awaitWritten(in: place)
            try await bench.awaitWritten(in: other)
            try await bench.withoutBroker {
                try await isCommitted ? producer.commit() : producer.abort()
            }
            let ending = TransactionOutcome(
                producer.trace,
                isCommitted: isCommitted,
                began: began,
                ended: .now
            )
            let offsets = producer.firstOffsets
            #expect(Set(offsets.keys) == [place, other])
            #expect(
                await bench.traces(offsets).look() == (isCommitted ? .committed : .aborted),
                "a partition was told"
            )
            if bench.isForgetful {
                #expect(await bench.traces(offsets.filter { $0.key == place }).look() == .undecided)
            }
            #expect(ending.isDoubtful(brokerMissedAt: producer.connectionLostAt))
            try await producer.reassertOutcome(ending)
            // Without the confirmation this one would end both.
            try await producer.begin()
            try await producer.send(bench.records("b", in: ["out"]))
            try await isCommitted ? producer.abort() : producer.commit()
            try await eventually("all has ended", within: .seconds(20)) {
                try await !bench.isOpen(place)
            }
            let added = try await bench.values(in: place).dropFirst(before.count)
            #expect(added == (isCommitted ? ["a"] : ["b"]))
            await producer.close()
        }
    }

    @Test func aSubmissionTellsABrokerThatStoodStill() async throws {
        let bench = try await ForgetfulBench()
        let place = bench.place(of: "out")
        let publication = try await bench.publication()
        try await publication.producer.begin()
        let began = ContinuousClock.now
        try await publication.producer.send(bench.records("a", in: ["out"]))
        try await bench.awaitWritten(in: place)
        try await bench.withoutBroker(thatIs: .standingStill) {
            try await publication.producer.commit()
        }
        if bench.isForgetful { #expect(try await bench.isOpen(place)) }
        let trace = publication.producer.trace
        #expect(trace.partitions == [place])
        try await publication.finish(
            TransactionOutcome(trace, isCommitted: true, began: began, ended: .now),
            []
        )
        try await eventually("all has ended", within: .seconds(20)) {
            try await !bench.isOpen(place)
        }
        #expect(try await bench.values(in: place) == ["a"])
        await publication.producer.close()
    }

    @Test func aSubmissionEndsWhatItsPredecessorCannot() async throws {
        let bench = try await ForgetfulBench()
        let (batches, jobs) = (bench.place(of: "out"), bench.place(of: "jobs"))
        let first = try await bench.makeProducer()
        try await first.begin()
        try await first.send(bench.records("a", in: ["out", "jobs"]))
        try await bench.awaitWritten(in: batches)
        try await bench.awaitWritten(in: jobs)
        try await bench.withoutBroker {
            try await first.commit()
        }
        await first.close()
        let second = try await bench.publication()
        if bench.isForgetful { #expect(try await bench.isOpen(batches)) }
        try await second.resolvePredecessor(batches: [batches])
        try await eventually("all has ended", within: .seconds(20)) {
            let isBusy = try await (bench.isOpen(batches), bench.isOpen(jobs))
            return !isBusy.0 && !isBusy.1
        }
        #expect(try await bench.values(in: batches) == ["a"])
        #expect(try await bench.values(in: jobs) == (bench.isForgetful ? [] : ["a"]))
        await second.producer.close()
    }
}

/// Three brokers, and partitions that one of them has alone, which dies and comes back.
///
/// It has one of `out` and one of `jobs`; that of `told` is another's.
private struct ForgetfulBench: Sendable {
    /// What a broker does that does not serve.
    enum Absence {
        case dead
        case standingStill
    }

    /// Its hash, 116, says which of the four partitions has its transactions: the first.
    private static let transactionalID = "t"

    private let brokers: TrialBrokers
    private let configuration: KafkaConfiguration
    private let places: [String: TopicPartition]
    /// The broker that dies.
    private let mortal: Int
    /// Whether this Kafka has the defect.
    let isForgetful: Bool

    init() async throws {
        brokers = try await TrialBrokers(["-n", "3", "--replicas", "1"])
        configuration = KafkaConfiguration(
            bootstrapServers: try #require(try brokers.environment()["BOOTSTRAP"]),
            clientID: "tests"
        )
        let home = try #require(ProcessInfo.processInfo.environment["KAFKA_HOME"])
        isForgetful = ["4.3.0", "4.3.1", "4.4.0"].contains { version in
            FileManager.default.fileExists(atPath: "\(home)/libs/kafka-clients-\(version).jar")
        }
        let admin = try KafkaAdmin(configuration: configuration)
        _ = try await admin.createMissing(
            ["out", "jobs", "told"].map { TopicSpecification(name: $0, partitions: 3) },
            within: .seconds(30)
        )
        // Makes Kafka create the topic of transactions.
        let producer = try TransactionalProducer(
            configuration: configuration,
            transactionalID: Self.transactionalID
        )
        try await producer.start()
        await producer.close()
        let coordinator = try #require(try await admin.leaders(of: "__transaction_state").first)
        let mortal = coordinator % 3 + 1
        var places: [String: TopicPartition] = [:]
        for (topic, broker) in [("out", mortal), ("jobs", mortal), ("told", coordinator)] {
            let partition = try await admin.leaders(of: topic).firstIndex(of: broker)
            places[topic] = TopicPartition(topic: topic, partition: Int32(try #require(partition)))
        }
        self.mortal = mortal
        self.places = places
        await admin.close()
    }

    func traces(_ offsets: [TopicPartition: Int64]) -> TransactionOutcomeProbe {
        TransactionOutcomeProbe(configuration, of: offsets)
    }

    func place(of topic: String) -> TopicPartition {
        places[topic] ?? TopicPartition(topic: topic, partition: -1)
    }

    func makeProducer() async throws -> TransactionalProducer {
        let producer = try TransactionalProducer(
            configuration: configuration,
            transactionalID: Self.transactionalID,
            transactionTimeout: .seconds(60)
        )
        try await producer.start()
        return producer
    }

    func publication() async throws -> ExactlyOncePublication {
        try await ExactlyOncePublication(
            configuration: configuration,
            transactionalID: Self.transactionalID,
            batches: "out",
            jobs: place(of: "jobs"),
            timeout: .seconds(60)
        )
    }

    func records(_ value: String, in topics: [String]) -> [ProducedRecord] {
        topics.map(place).map {
            ProducedRecord(topic: $0.topic, partition: $0.partition, value: Array(value.utf8))
        }
    }

    /// Returns once a partition has a record that is not committed.
    func awaitWritten(in place: TopicPartition) async throws {
        try await eventually("a record is written", within: .seconds(20)) {
            try await isOpen(place)
        }
    }

    /// Does something while partitions have no leader.
    func withoutBroker(
        thatIs absence: Absence = .dead,
        _ body: () async throws -> Void
    ) async throws {
        switch absence {
        case .dead: try await brokers.kill(mortal)
        case .standingStill: try brokers.signal(mortal, SIGSTOP)
        }
        let admin = try KafkaAdmin(configuration: configuration)
        try await eventually("partitions have no leader", within: .seconds(30)) {
            try await leaders(by: admin).allSatisfy { $0 < 0 }
        }
        let forgotten = try brokers.forgotten()
        try await body()
        if isForgetful {
            try await eventually("Kafka has forgotten it", within: .seconds(20)) {
                try brokers.forgotten() > forgotten
            }
        }
        switch absence {
        case .dead: try await brokers.start(mortal)
        case .standingStill: try brokers.signal(mortal, SIGCONT)
        }
        try await eventually("they have one again", within: .seconds(30)) {
            try await leaders(by: admin).allSatisfy { $0 == mortal }
        }
        await admin.close()
    }

    /// Who leads the partitions that one broker has alone.
    private func leaders(by admin: KafkaAdmin) async throws -> [Int] {
        var leaders: [Int] = []
        for place in [place(of: "out"), place(of: "jobs")] {
            leaders.append(try await admin.leaders(of: place.topic)[Int(place.partition)])
        }
        return leaders
    }

    /// Whether a partition has a transaction that has not ended there.
    func isOpen(_ place: TopicPartition) async throws -> Bool {
        try await end(of: place, .readCommitted) < end(of: place, .readUncommitted)
    }

    /// The values that are committed.
    func values(in place: TopicPartition) async throws -> [String] {
        let reader = try reader(of: place, .readCommitted)
        var values: [String] = []
        let deadline = ContinuousClock.now + .seconds(30)
        while !reader.isAtEnd, ContinuousClock.now < deadline {
            values += try await reader.nextBatch(maximum: 100, within: .milliseconds(200))
                .map { String(decoding: $0.value ?? [], as: UTF8.self) }
        }
        #expect(reader.isAtEnd)
        await reader.close()
        return values
    }

    private func end(of place: TopicPartition, _ isolation: IsolationLevel) async throws -> Int64 {
        let reader = try reader(of: place, isolation)
        let end = try await reader.endOffsets()[place]?.high
        await reader.close()
        return try #require(end)
    }

    private func reader(
        of place: TopicPartition,
        _ isolation: IsolationLevel
    ) throws -> KafkaReader {
        try KafkaReader(
            configuration: configuration,
            isolation: isolation,
            start: [place: .beginning]
        )
    }
}
