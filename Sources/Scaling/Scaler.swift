public import GridAPI

/// Sets how many engines there are.
///
/// The caller has decided whether the user may ask; a scaler checks only its limits, and what the
/// cluster permits.
public protocol Scaler: Sendable {
    /// How many engines there are and may be; answers at once, with what was last known.
    func scale() -> ScaleStatus

    /// Changes the number of engines, or the bounds of their autoscaler.
    ///
    /// - Parameters:
    ///   - request: a count, both bounds, or the earlier bounds again.
    ///   - etag: that of the status which the user saw; nil changes whatever is set.
    ///   - beyond: whether the user may go beyond the limits.
    /// - Returns: what was changed.
    /// - Throws: ``ScalingError``; nothing is changed then.
    func change(
        to request: ScaleRequest,
        ifMatch etag: String?,
        beyond: Bool
    ) async throws(ScalingError) -> ScaleChange

    /// Ends one engine; another starts in its place.
    ///
    /// - Parameters:
    ///   - id: the engine's, as its heartbeats say.
    ///   - how: by draining, or at once.
    /// - Returns: what was done.
    /// - Throws: ``ScalingError``, with `not_ours` for an engine that runs elsewhere.
    func endEngine(
        _ id: String,
        how: EngineEnding.How
    ) async throws(ScalingError) -> ScaleChange
}

/// Shows what the engines run on.
public protocol ClusterSource: Sendable {
    /// Nodes, pods, autoscaler and events; answers at once, with what was last known.
    func cluster() -> ClusterStatus

    /// The end of what a pod printed.
    ///
    /// - Parameters:
    ///   - pod: its name.
    ///   - tail: lines, 1...10,000.
    ///   - previous: whether that of its container before the last restart is asked for.
    /// - Returns: UTF-8 text, at most 4 MiB.
    /// - Throws: ``ScalingError``.
    func log(
        ofPod pod: String,
        tail: Int,
        previous: Bool
    ) async throws(ScalingError) -> [UInt8]
}

/// The bounds of what ``ClusterSource`` answers.
public enum LogBounds {
    /// The most lines of a log.
    public static let lines = 10_000
    /// The most bytes of a log.
    public static let bytes = 4 << 20
}
