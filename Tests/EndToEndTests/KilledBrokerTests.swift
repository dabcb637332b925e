import Foundation
import KafkaClient
import TestBed
import Testing

/// What becomes of transactions when brokers are killed among them: each ends whole.
@Suite(.serialized, .tags(.broker), .timeLimit(.minutes(8))) struct KilledBrokerTests {
    private static let count = 4_000
    private static let kills = 4

    @Test(.enabled(if: BrokerKind.available.contains(.kafka), "KAFKA_HOME is not set"))
    func everyTransactionEndsWithTheOnlyBrokerKilled() async throws {
        // Where there is another Kafka for what kills brokers: 4.3.0 to 4.4.0 have a defect there.
        let home = ProcessInfo.processInfo.environment["BROKER_FAULTS_KAFKA_HOME"]
        try await disturb(try await TrialBrokers([], home: home), [1], by: TrialBrokers.restart)
    }

    @Test(.enabled(if: BrokerKind.available.contains(.kafka), "KAFKA_HOME is not set"))
    func everyTransactionEndsWithPartitionsWithoutALeader() async throws {
        let brokers = try await TrialBrokers(["-n", "3", "--replicas", "1"])
        try await disturb(brokers, [1, 2, 3], by: TrialBrokers.restart)
    }

    @Test(.enabled(if: BrokerKind.available.contains(.kafka), "KAFKA_HOME is not set"))
    func everyTransactionEndsWithBrokersThatStandStill() async throws {
        let brokers = try await TrialBrokers(["-n", "3", "--replicas", "1"])
        try await disturb(brokers, [1, 2, 3], by: TrialBrokers.holdUp)
    }

    /// Breaks brokers in turn while records are copied; each is to be copied once.
    private func disturb(
        _ brokers: TrialBrokers,
        _ numbers: [Int],
        by disturbance: (TrialBrokers) -> (Int) async throws -> Void
    ) async throws {
        let bench = CopyingBench(
            configuration: KafkaConfiguration(
                bootstrapServers: try #require(try brokers.environment()["BOOTSTRAP"]),
                clientID: "copiers"
            )
        )
        try await bench.fill(Self.count)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<8 {
                let copier = try Copier(bench, number)
                tasks.addTask { try await copier.run() }
            }
            for kill in 1...Self.kills {
                let some = Self.count * kill / (Self.kills + 1)
                try await eventually("\(some) are copied", within: .seconds(120)) {
                    bench.copied >= some
                }
                try await disturbance(brokers)(numbers[kill % numbers.count])
            }
            try await eventually("all are copied", within: .seconds(120)) {
                bench.copied >= Self.count
            }
            // Nobody writes any more: what is open now would stay so.
            try await eventually("every transaction has ended", within: .seconds(60)) {
                try await bench.ends(.readCommitted) == bench.ends(.readUncommitted)
            }
            tasks.cancelAll()
            while (try? await tasks.next()) != nil {}
        }
        let copies = Dictionary(grouping: try await bench.committed()) { $0.number }
        let lost = (0..<Self.count).filter { copies[$0] == nil }
        let doubled = copies.values.filter { $0.count > 1 }.flatMap { $0 }
        print("Kafka forgot to end \(try brokers.forgotten()) transactions in a partition")
        #expect(lost.isEmpty, "lost")
        #expect(doubled.isEmpty, "doubled")
    }
}
