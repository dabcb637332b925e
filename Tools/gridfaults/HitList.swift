internal import Synchronization

/// What broke in a round, and when.
final class HitList: Sendable {
    private struct Hit {
        var seconds: Double
        var words: String
        var isHanging = false
    }

    private let hits = Mutex<[Hit]>([])

    /// Notes what has happened so many seconds after the round's start; without them, at its end.
    func note(_ what: String, at seconds: Double? = nil) {
        let words = seconds.map { "\(FaultTable.text($0)): \(what)" } ?? what
        hits.withLock { $0.append(Hit(seconds: seconds ?? .infinity, words: words)) }
    }

    /// Notes a transaction that Kafka had left open, and that was aborted.
    func noteHanging(_ line: String) {
        let words = "Kafka left a transaction open; \(line)"
        hits.withLock { $0.append(Hit(seconds: .infinity, words: words, isHanging: true)) }
    }

    /// How many transactions Kafka has left open.
    var hangingCount: Int { hits.withLock { $0.count { $0.isHanging } } }

    /// A line each, first things first.
    var inOrder: [String] {
        hits.withLock { $0 }.sorted { $0.seconds < $1.seconds }.map(\.words)
    }
}
