internal import Glibc
internal import GridProtocol
internal import Operations
internal import Synchronization

/// A pricer lent to a batch; a batch that lost its pricer's process may have to wait for another.
final class PricerLease: Sendable {
    fileprivate struct State {
        var pricer: Pricer?
        var isRecovering = false
    }

    fileprivate let state: Mutex<State>

    fileprivate init(_ pricer: Pricer) {
        state = Mutex(State(pricer: pricer))
    }

    /// The pricer; nil once it was returned.
    var pricer: Pricer? { state.withLock { $0.pricer } }
}

/// Lends pricers to batches, one at a time each.
///
/// A batch with a trade that hangs its pricers holds a pricer for as many time limits as it takes
/// to find that trade. At most half of the pricers (at least one) serve such batches at a time: the
/// others are left to batches that succeed.
final class PricerPool: Sendable {
    private struct State {
        var free: [Pricer]
        var waiting: [CheckedContinuation<Pricer, Never>] = []
        /// How many batches that lost a process have a pricer.
        var recovering = 0
        /// Batches that lost a process and wait for a pricer, the oldest first.
        var parked: [(lease: PricerLease, continuation: CheckedContinuation<Void, Never>)] = []
    }

    let pricers: [Pricer]
    private let mostRecovering: Int
    private let state: Mutex<State>

    init(count: Int, configuration: PricerConfiguration, logger: Logger = .silent) {
        // Swift's backtraces of a crash take seconds, in which a batch waits for its new pricer.
        // Set the variable to have them.
        setenv("SWIFT_BACKTRACE", "enable=no", 0)
        pricers = (0..<count).map { _ in
            Pricer(configuration: configuration, logger: logger)
        }
        mostRecovering = max(1, count / 2)
        state = Mutex(State(free: pricers))
    }

    /// How many are lent out.
    var busy: Int { pricers.count - state.withLock { $0.free.count } }

    /// The resident memory of all processes in bytes.
    var residentBytes: Int { pricers.reduce(0) { $0 + $1.residentBytes } }

    /// Starts all processes and returns their versions.
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

    /// Waits for a free pricer.
    ///
    /// Every pricer is returned within the limit of its batch.
    func acquire() async -> PricerLease {
        let pricer = await withCheckedContinuation { continuation in
            let pricer = state.withLock { state -> Pricer? in
                if let pricer = state.free.popLast() { return pricer }
                state.waiting.append(continuation)
                return nil
            }
            if let pricer { continuation.resume(returning: pricer) }
        }
        return PricerLease(pricer)
    }

    /// Notes that the batch of a lease has lost its pricer's process, and returns when the batch
    /// may continue: at once, unless enough pricers serve such batches.
    func beginRecovery(_ lease: PricerLease) async {
        await withCheckedContinuation { continuation in
            let (waiter, pricer) = state.withLock { state -> (Waiter?, Pricer?) in
                guard lease.state.withLock({ !$0.isRecovering }) else { return (nil, nil) }
                guard state.recovering >= mostRecovering else {
                    state.recovering += 1
                    lease.state.withLock { $0.isRecovering = true }
                    return (nil, nil)
                }
                guard let pricer = lease.state.withLock({ $0.pricer.take() }) else {
                    return (nil, nil)
                }
                state.parked.append((lease, continuation))
                return (Self.release(pricer, to: &state), pricer)
            }
            if let pricer {
                waiter?.resume(returning: pricer)
            } else {
                continuation.resume()
            }
        }
    }

    /// Returns a pricer to the pool; further calls do nothing.
    func release(_ lease: PricerLease) {
        let (waiter, pricer, parked) = state.withLock { state in
            let (given, isRecovering) = lease.state.withLock { lease in
                (lease.pricer.take(), lease.isRecovering)
            }
            guard let given else { return (Waiter?.none, Pricer?.none, Parked?.none) }
            guard isRecovering else { return (Self.release(given, to: &state), given, nil) }
            guard !state.parked.isEmpty else {
                state.recovering -= 1
                return (Self.release(given, to: &state), given, nil)
            }
            let (next, continuation) = state.parked.removeFirst()
            next.state.withLock { $0 = PricerLease.State(pricer: given, isRecovering: true) }
            return (nil, nil, continuation)
        }
        parked?.resume()
        if let pricer { waiter?.resume(returning: pricer) }
    }

    /// Kills all processes, working ones included; may be called from anywhere.
    func kill() {
        for pricer in pricers { pricer.kill() }
    }

    /// Ends all processes.
    func stop() async {
        for pricer in pricers { await pricer.stop() }
    }

    // MARK: Private

    private typealias Waiter = CheckedContinuation<Pricer, Never>
    private typealias Parked = CheckedContinuation<Void, Never>

    /// Returns the batch that waits longest for a pricer; if none waits, the pricer is free.
    private static func release(_ pricer: Pricer, to state: inout State) -> Waiter? {
        guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
        state.free.append(pricer)
        return nil
    }
}

/// The versions that a pricer's hello states.
struct PricerIdentity: Sendable {
    var pricerVersion: String
    var libraryVersion: String
}
