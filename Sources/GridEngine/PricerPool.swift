internal import Glibc
internal import Synchronization

/// Lends pricers to batches, one at a time each.
final class PricerPool: Sendable {
    private struct State {
        var free: [Pricer]
        var waiting: [CheckedContinuation<Pricer, Never>] = []
    }

    let pricers: [Pricer]
    private let state: Mutex<State>

    init(count: Int, configuration: PricerConfiguration) {
        // Swift's backtraces of a crash take seconds, in which a batch waits for its new pricer.
        // Whoever wants them sets the variable.
        setenv("SWIFT_BACKTRACE", "enable=no", 0)
        pricers = (0..<count).map { _ in Pricer(configuration: configuration) }
        state = Mutex(State(free: pricers))
    }

    /// How many are lent out.
    var busy: Int { pricers.count - state.withLock { $0.free.count } }

    /// The resident memory of all processes in bytes.
    var residentBytes: Int { pricers.reduce(0) { $0 + $1.residentBytes } }

    /// Starts all processes and returns what the first says of itself.
    func start() async throws -> PricerIdentity {
        var identity = PricerIdentity(pricerVersion: "", libraryVersion: "")
        for pricer in pricers {
            try await pricer.start()
            let hello = await pricer.hello
            identity = PricerIdentity(
                pricerVersion: hello.pricerVersion,
                libraryVersion: hello.libraryVersion
            )
        }
        return identity
    }

    /// Waits for a free pricer. Every pricer is given back within the limit of its batch.
    func acquire() async -> Pricer {
        await withCheckedContinuation { continuation in
            let pricer = state.withLock { state -> Pricer? in
                if let pricer = state.free.popLast() { return pricer }
                state.waiting.append(continuation)
                return nil
            }
            if let pricer { continuation.resume(returning: pricer) }
        }
    }

    func release(_ pricer: Pricer) {
        let waiter = state.withLock { state -> CheckedContinuation<Pricer, Never>? in
            if !state.waiting.isEmpty { return state.waiting.removeFirst() }
            state.free.append(pricer)
            return nil
        }
        waiter?.resume(returning: pricer)
    }

    /// Kills all processes, those at work included; may be called from anywhere.
    func kill() {
        for pricer in pricers { pricer.kill() }
    }

    /// Ends all processes.
    func stop() async {
        for pricer in pricers { await pricer.stop() }
    }
}

/// What a pricer says of itself.
struct PricerIdentity: Sendable {
    var pricerVersion: String
    var libraryVersion: String
}
