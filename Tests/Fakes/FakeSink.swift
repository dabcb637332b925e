public import GridTopics
public import KafkaClient
internal import Synchronization

/// A sink that takes records or refuses them as a test wants.
public final class FakeSink: RecordSink {
    private struct State {
        var written: [ProducedRecord] = []
        var failures: [KafkaError] = []
        var isClosed = false
    }

    private let refuse: @Sendable (ProducedRecord) -> KafkaError?
    private let state = Mutex(State())

    /// Makes a sink.
    ///
    /// - Parameters:
    ///   - failures: what the first sends end with, one each, whatever they send.
    ///   - refuse: why a record is not taken, after those.
    public init(
        failures: [KafkaError] = [],
        refuse: @escaping @Sendable (ProducedRecord) -> KafkaError? = { _ in nil }
    ) {
        self.refuse = refuse
        state.withLock { $0.failures = failures }
    }

    /// The records taken, in that order.
    public var written: [ProducedRecord] { state.withLock { $0.written } }
    /// Whether it was closed.
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Takes a record, or says why not.
    @discardableResult
    public func send(_ record: ProducedRecord) async throws(KafkaError) -> Delivery {
        let failure = state.withLock { state -> KafkaError? in
            guard state.failures.isEmpty else { return state.failures.removeFirst() }
            if let error = refuse(record) { return error }
            state.written.append(record)
            return nil
        }
        if let failure { throw failure }
        return Delivery(partition: record.partition ?? 0, offset: -1)
    }

    /// Notes that it is closed.
    public func close(within duration: Duration) async {
        state.withLock { $0.isClosed = true }
    }
}
