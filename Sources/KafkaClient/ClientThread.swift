import CRDKafka
import Glibc

/// The work of a client on its own thread.
protocol ClientLoop: AnyObject, Sendable {
    /// Wakes the thread.
    var wake: Wake { get }

    /// Serves all pending work, without blocking; called on the client's thread only.
    func serve() -> ClientTurn
}

/// What a client's thread does after it has served the pending work.
enum ClientTurn {
    /// Waits for the next signal, or for the deadline if there is one.
    case wait(until: ContinuousClock.Instant?)
    /// Ends: the client was closed.
    case finished
}

/// Starts the one thread of a client; it makes all of the client's calls that can block.
enum ClientThread {
    /// Wakes without a signal after this time: a guard against a lost signal, not a polling
    /// interval.
    private static let longestWait = Duration.seconds(1)

    static func start(_ loop: any ClientLoop, name: String) throws(KafkaError) {
        let start = Unmanaged.passRetained(Start(loop: loop, name: name))
        var thread = pthread_t()
        let status = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                ClientThread.run(Unmanaged<Start>.fromOpaque(argument).takeRetainedValue())
                return nil
            },
            start.toOpaque()
        )
        guard status == 0 else {
            start.release()
            throw KafkaError(code: .other, reason: "no thread can be started: error \(status)")
        }
        pthread_detach(thread)
    }

    private static func run(_ start: Start) {
        crdkafka_name_thread(start.name)
        while case .wait(let deadline) = start.loop.serve() {
            let longest = ContinuousClock.now + longestWait
            start.loop.wake.wait(until: min(deadline ?? longest, longest))
        }
    }

    private final class Start: Sendable {
        let loop: any ClientLoop
        let name: String

        init(loop: any ClientLoop, name: String) {
            self.loop = loop
            self.name = String(name.prefix(15))
        }
    }
}
