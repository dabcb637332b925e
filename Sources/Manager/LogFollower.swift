internal import GridAPI
internal import KafkaClient
internal import Operations
internal import Synchronization

/// Reads the topic `logs` into the ring.
final class LogFollower: GracefulService {
    private let follower: TopicFollower
    private let ring: LogRing
    private let hub: EventHub
    private let stopped = ShutdownSignal()

    init(configuration: KafkaConfiguration, topic: String, ring: LogRing, hub: EventHub) {
        follower = TopicFollower(
            configuration: configuration,
            topic: topic,
            newest: Int64(LogRing.mostLines / 3)
        )
        self.ring = ring
        self.hub = hub
    }

    func run() async throws {
        let ring = ring
        try await follower.follow(until: stopped, skipped: { ring.forget() }) { records, isAtEnd in
            var new: [LogEntry] = []
            for record in records {
                guard let value = record.value,
                    let entry = try? APIJSON.decoded(LogEntry.self, from: value)
                else { continue }
                ring.add(entry)
                new.append(entry)
            }
            guard isAtEnd, !new.isEmpty else { return }
            // At most 200 lines a turn reach pages, and how many did not.
            let shown = Array(new.suffix(60))
            self.hub.publish(
                "lines",
                topic: "logs",
                LogLines(items: shown, skipped: new.count - shown.count)
            )
        }
    }

    func shutdown() async { stopped.trigger() }
}

/// Lines as pages get them live.
private struct LogLines: Encodable, Sendable {
    var items: [LogEntry]
    var skipped: Int
}
