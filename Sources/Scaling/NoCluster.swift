public import GridAPI
internal import Operations

/// A grid whose engines somebody else starts: they are seen by their heartbeats alone.
public struct NoCluster: Scaler, ClusterSource {
    private let limits: ScaleLimits
    private let reason: String

    /// A grid without anything to scale.
    ///
    /// - Parameters:
    ///   - limits: those of the option.
    ///   - reason: why, and what to do instead, one sentence.
    public init(limits: ScaleLimits, reason: String) {
        self.limits = limits
        self.reason = reason
    }

    /// No engine of its own.
    public func scale() -> ScaleStatus {
        ScaleStatus(
            kind: "none",
            count: 0,
            desired: 0,
            limits: limits.status,
            etag: "none",
            asOf: Timestamp.iso8601(Timestamp.now),
            reason: reason
        )
    }

    /// Refuses.
    public func change(
        to request: ScaleRequest,
        ifMatch etag: String?,
        beyond: Bool
    ) async throws(ScalingError) -> ScaleChange {
        throw ScalingError(.noCluster, reason)
    }

    /// Refuses.
    public func endEngine(
        _ id: String,
        how: EngineEnding.How
    ) async throws(ScalingError) -> ScaleChange {
        throw ScalingError(.notOurs, "engine \(id) was not started from here: \(reason)")
    }

    /// Nothing but the reason.
    public func cluster() -> ClusterStatus {
        ClusterStatus(kind: "none", reason: reason, asOf: Timestamp.iso8601(Timestamp.now))
    }

    /// Refuses.
    public func log(
        ofPod pod: String,
        tail: Int,
        previous: Bool
    ) async throws(ScalingError) -> [UInt8] {
        throw ScalingError(.noCluster, reason)
    }
}
