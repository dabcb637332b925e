import Glibc
import KafkaClient
import KafkaEmbedded
import Synchronization
import Testing

extension Tag {
    /// Needs an Apache Kafka broker.
    @Tag static var broker: Self
}

/// A cluster with topics, and the settings to use it with.
func makeCluster(_ topics: [String: Int] = ["t": 1]) throws -> EmbeddedCluster {
    let cluster = try EmbeddedCluster()
    for (name, partitions) in topics {
        try cluster.createTopic(name, partitions: partitions)
    }
    return cluster
}

extension EmbeddedCluster {
    var configuration: KafkaConfiguration {
        var configuration = KafkaConfiguration(
            bootstrapServers: bootstrapServers,
            clientID: "tests"
        )
        configuration.fetchWaitMaxMillis = 10
        configuration.sessionTimeoutMillis = 4_000
        configuration.commitIntervalMillis = 50
        return configuration
    }
}

/// Waits until something is so, at most 30 seconds; a failure is recorded where it was called.
func eventually(
    _ what: Comment,
    within limit: Duration = .seconds(30),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ isSo: @Sendable () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !isSo() {
        guard ContinuousClock.now < deadline else {
            Issue.record(what, sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Sends numbered records, many at once.
func send(_ numbers: Range<Int>, to topic: String, by producer: KafkaProducer) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for number in numbers {
            group.addTask {
                try await producer.send(
                    ProducedRecord(
                        topic: topic,
                        key: Array("\(number)".utf8),
                        value: number.bytes
                    )
                )
            }
        }
        try await group.waitForAll()
    }
}

extension Int {
    /// The number as text.
    var bytes: [UInt8] { Array(String(self).utf8) }
}

extension ConsumedRecord {
    /// The number that the value is the text of.
    var number: Int? { value.flatMap { Int(String(decoding: $0, as: UTF8.self)) } }
}

/// Counts what was seen, from several tasks.
final class Seen: Sendable {
    private let numbers = Mutex<[Int: Int]>([:])

    func note(_ number: Int?) {
        guard let number else { return }
        numbers.withLock { $0[number, default: 0] += 1 }
    }

    var all: Set<Int> { numbers.withLock { Set($0.keys) } }
    var doubled: Int { numbers.withLock { $0.values.count { $0 > 1 } } }
}

/// Returns the error that the operation throws.
func failure<Value: Sendable>(
    _ body: () async throws(KafkaError) -> Value
) async -> KafkaError? {
    do throws(KafkaError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

/// The value of an environment variable, if it is set and not empty.
func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}
