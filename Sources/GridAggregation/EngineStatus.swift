public import GridProtocol

/// Whether an engine works, as others see it.
public enum EngineState: String, Sendable, CaseIterable {
    /// It takes batches.
    case live = "live"
    /// It finishes what it has and takes no more.
    case draining = "draining"
    /// It has not said for too long that it lives: it died, hangs, or is cut off.
    case silent = "silent"
    /// It said that it stops.
    case stopped = "stopped"

    /// Whether it works on what it has.
    public var isWorking: Bool { self == .live || self == .draining }
}

/// An engine at one moment.
public struct EngineStatus: Hashable, Sendable {
    /// What it said last.
    public var heartbeat: Heartbeat
    /// Whether it works.
    public var state: EngineState
    /// When it said so, microseconds since 1970 UTC by the clock of who heard it.
    public var seenAt: Int64
    /// The moment, microseconds since 1970 UTC by the same clock.
    public var at: Int64

    /// The engine's id.
    public var id: String { heartbeat.engineID }

    /// Seconds since the last heartbeat.
    public var secondsSinceHeartbeat: Double { Double(max(0, at - seenAt)) / 1e6 }

    /// Makes a status.
    public init(heartbeat: Heartbeat, state: EngineState, seenAt: Int64, at: Int64) {
        self.heartbeat = heartbeat
        self.state = state
        self.seenAt = seenAt
        self.at = at
    }

    /// Returns the seconds from a time that the engine gave; the clocks of two machines may differ.
    func seconds(since time: Int64) -> Double {
        Double(max(0, at - min(max(0, time), at))) / 1e6
    }
}
