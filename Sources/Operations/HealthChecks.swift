internal import Synchronization

/// The result of a health check.
public enum HealthStatus: Hashable, Sendable {
    /// Healthy.
    case ok
    /// Not healthy, and why.
    case notReady(String)
}

/// The named checks behind /livez and /readyz.
///
/// A process that is not alive is restarted; one that is not ready gets no work. A check must not
/// block.
public final class HealthChecks: Sendable {
    /// What a check's failure means.
    public enum Kind: Hashable, Sendable {
        /// The process should be restarted; such a check counts for readiness too.
        case live
        /// The process should get no work.
        case ready
    }

    private struct Check: Sendable {
        var name: String
        var kind: Kind
        var body: @Sendable () -> HealthStatus
    }

    private let checks = Mutex<[Check]>([])

    /// No checks: alive and ready.
    public init() {}

    /// Adds a check, or replaces the one of that name.
    ///
    /// - Parameters:
    ///   - name: short, for people.
    ///   - kind: what its failure means.
    ///   - check: called at each request, from any thread.
    public func register(
        _ name: String,
        kind: Kind = .ready,
        check: @escaping @Sendable () -> HealthStatus
    ) {
        checks.withLock {
            $0.removeAll { $0.name == name }
            $0.append(Check(name: name, kind: kind, body: check))
        }
    }

    /// Adds a check of readiness: while it fails, the process should get no work.
    public func ready(_ name: String, check: @escaping @Sendable () -> HealthStatus) {
        register(name, kind: .ready, check: check)
    }

    /// Adds a check of life: when it fails, the process should be restarted.
    public func live(_ name: String, check: @escaping @Sendable () -> HealthStatus) {
        register(name, kind: .live, check: check)
    }

    /// Whether all checks pass.
    public var isReady: Bool { readiness.isWell }

    /// The checks of life.
    public var liveness: HealthReport {
        report(checks.withLock { $0.filter { $0.kind == .live } }, word: "alive")
    }

    /// All checks.
    public var readiness: HealthReport {
        report(checks.withLock { $0 }, word: "ready")
    }

    private func report(_ checks: [Check], word: String) -> HealthReport {
        var isWell = true
        var lines = ""
        for check in checks {
            switch check.body() {
            case .ok:
                lines += "[+] \(check.name): ok\n"
            case .notReady(let reason):
                isWell = false
                lines += "[-] \(check.name): \(reason)\n"
            }
        }
        return HealthReport(
            isWell: isWell,
            text: lines + (isWell ? "\(word)\n" : "not \(word)\n")
        )
    }
}

/// What checks found.
public struct HealthReport: Hashable, Sendable {
    /// Whether all of them passed.
    public var isWell: Bool
    /// A line a check, and a last one that says the whole.
    public var text: String
}
