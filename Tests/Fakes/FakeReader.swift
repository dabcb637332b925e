public import GridTopics
public import KafkaClient
internal import Synchronization

/// A reader whose records a test writes.
public final class FakeReader: PartitionReader {
    /// What a read returns.
    public enum Step: Sendable {
        /// Records, the last of which is the partition's end.
        case records([ConsumedRecord])
        /// Nothing in time.
        case nothing
        /// A failure.
        case failure(KafkaError)
    }

    private struct State {
        var steps: [Step]
        var asking: CheckedContinuation<Step, Never>?
        var isClosed = false
        var isAtEnd = false
        var brokersDown = false
        var positions: [TopicPartition: Int64] = [:]
    }

    private let state: Mutex<State>

    /// Makes a reader that returns these steps, and then waits for more.
    public init(_ steps: [Step] = []) {
        state = Mutex(State(steps: steps))
    }

    /// Adds a step.
    public func give(_ step: Step) {
        let asking = state.withLock { state -> CheckedContinuation<Step, Never>? in
            guard let asking = state.asking.take() else {
                state.steps.append(step)
                return nil
            }
            return asking
        }
        asking?.resume(returning: step)
    }

    /// Says whether a broker is connected.
    public func set(brokersDown: Bool) { state.withLock { $0.brokersDown = brokersDown } }

    /// Whether it was closed.
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Returns the records of the next step.
    public func nextBatch(
        maximum: Int,
        within duration: Duration
    ) async throws(KafkaError) -> [ConsumedRecord] {
        switch await nextStep() {
        case .failure(let error): throw error
        case .nothing:
            state.withLock { $0.isAtEnd = true }
            return []
        case .records(let records):
            state.withLock { state in
                state.isAtEnd = true
                for record in records { state.positions[record.topicPartition] = record.offset + 1 }
            }
            return records
        }
    }

    /// Whether a step was returned.
    public var isAtEnd: Bool { state.withLock { $0.isAtEnd } }
    /// The offset after the last record returned, by partition.
    public var positions: [TopicPartition: Int64] { state.withLock { $0.positions } }
    /// Whether a test says so.
    public var brokersDown: Bool { state.withLock { $0.brokersDown } }

    /// Notes that it is closed.
    public func close() async { state.withLock { $0.isClosed = true } }

    /// The next step; a failure when the task is cancelled.
    private func nextStep() async -> Step {
        let cancelled = Step.failure(KafkaError(code: .cancelled, reason: "the read was cancelled"))
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let step = state.withLock { state -> Step? in
                    if Task.isCancelled { return cancelled }
                    if !state.steps.isEmpty { return state.steps.removeFirst() }
                    state.asking = continuation
                    return nil
                }
                if let step { continuation.resume(returning: step) }
            }
        } onCancel: {
            state.withLock { $0.asking.take() }?.resume(returning: cancelled)
        }
    }
}
