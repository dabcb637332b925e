internal import Glibc

/// How a program ended, for scripts that call it.
public enum ExitCode: Int32, CaseIterable, Hashable, Sendable {
    /// All was done.
    case success = 0
    /// Something else failed.
    case failure = 1
    /// The input or the command line is wrong; nothing was queued.
    case usage = 2
    /// The job is complete, and some trades have errors instead of numbers.
    case failedTrades = 3
    /// The job ended incomplete: cancelled, or past its deadline.
    case incomplete = 4
    /// A broker or service cannot be reached, or refuses the program.
    case unreachable = 5

    /// What the code means, as `--help` says it.
    public var text: String {
        switch self {
        case .success: "done; a job: complete, every trade priced"
        case .failure: "anything else"
        case .usage: "bad input or usage; nothing was queued"
        case .failedTrades: "complete, with failed trades (0 with --allow-failed-trades)"
        case .incomplete: "ended incomplete: deadline passed or cancelled"
        case .unreachable: "broker or service not reachable, or it refuses this program"
        }
    }

    /// Ends the process with this code.
    public func exit() -> Never {
        Glibc.exit(rawValue)
    }
}
