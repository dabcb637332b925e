public import GridProtocol

/// The state of an engine, derived from its heartbeats.
public enum EngineState: String, Sendable, CaseIterable {
    /// It takes batches.
    case live = "live"
    /// It finishes its batches and takes no more.
    case draining = "draining"
    /// Its heartbeats are overdue: it died, hangs, or is disconnected.
    case silent = "silent"
    /// It announced that it stopped.
    case stopped = "stopped"

    /// Whether it is still working on its batches.
    public var isWorking: Bool { self == .live || self == .draining }
}

/// An engine at one moment.
public struct EngineStatus: Hashable, Sendable {
    /// Its last heartbeat.
    public var heartbeat: Heartbeat
    /// Its state.
    public var state: EngineState
    /// When the heartbeat came, microseconds since 1970 UTC by the clock of the reader.
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

    /// Returns the seconds since a time by the engine's clock; the clocks of two machines may
    /// differ.
    package func seconds(since time: Int64) -> Double {
        Double(max(0, at - min(max(0, time), at))) / 1e6
    }
}
