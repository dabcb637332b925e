import Synchronization

/// Passes a result from one thread to another.
final class Results: Sendable {
    private let all = Mutex<[Result<Int32, any Error>]>([])

    func add(_ result: Result<Int32, any Error>) { all.withLock { $0.append(result) } }

    var first: Result<Int32, any Error>? { all.withLock { $0.first } }
}
