public import GridAPI
public import Operations
public import Scaling
internal import Synchronization

/// The engines of a Kubernetes cluster: shows them, and sets their number.
///
/// A watch follows the pods; the rest is read every few seconds. While the cluster does not answer,
/// what was last known is shown with its time.
public final class KubernetesGrid: Scaler, ClusterSource, GracefulService {
    /// The deployment of the engines.
    static let deployment = "valengine"
    /// What all pods of the grid have.
    static let selector = "app.kubernetes.io/part-of=valgrid"

    /// What the server serves, found out now and then.
    struct Served {
        /// As `autoscaling/v2`; nil where there is none that is understood.
        var autoscaling: String?
        var hasScaledObjects = false
        var hasMetrics = false
    }

    let api: KubernetesAPI
    let logger: Logger
    let view: Mutex<ClusterView>
    let served = Mutex(Served())
    private let limits: ScaleLimits
    private let stop = ShutdownSignal()

    /// The engines in a namespace.
    ///
    /// - Parameters:
    ///   - transport: reaches the server.
    ///   - namespace: that of the grid.
    ///   - limits: what operators may ask for.
    ///   - token: reads the bearer token; nil when there is none. It is asked once a minute.
    ///   - logger: gets a line when the server goes away and comes back.
    public init(
        transport: any KubernetesTransport,
        namespace: String,
        limits: ScaleLimits,
        token: @escaping @Sendable () -> String?,
        logger: Logger
    ) {
        api = KubernetesAPI(
            transport: transport,
            tokens: TokenCache(read: token),
            namespace: namespace
        )
        self.limits = limits
        self.logger = logger
        view = Mutex(
            ClusterView(namespace: namespace, deployment: Self.deployment, limits: limits)
        )
    }

    /// Follows the cluster until it is shut down; never fails because the cluster does.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.followPods() }
            group.addTask { await self.readRegularly() }
            await stop.wait()
            group.cancelAll()
        }
    }

    /// Ends ``run()``.
    public func shutdown() async {
        stop.trigger()
    }

    // MARK: ClusterSource

    /// Nodes, pods, autoscaler and events.
    public func cluster() -> ClusterStatus {
        view.withLock { $0.status(at: Timestamp.now) }
    }

    /// The end of what a pod's container printed.
    public func log(
        ofPod pod: String,
        tail: Int,
        previous: Bool
    ) async throws(ScalingError) -> [UInt8] {
        guard let object = view.withLock({ $0.table.pods[pod] }) else {
            throw ScalingError(.unknownPod, "there is no pod \(pod) of the grid")
        }
        let path = api.path(
            nil,
            "pods/\(pod)/log",
            [
                "container": object.mainContainer ?? "",
                "tailLines": String(min(max(1, tail), LogBounds.lines)),
                "limitBytes": String(LogBounds.bytes),
                "previous": String(previous),
            ]
        )
        do throws(KubernetesError) {
            return try await api.text(path, maximumBytes: LogBounds.bytes + 4_096)
        } catch {
            guard error.status == 404 else { throw error.asScalingError }
            throw ScalingError(.unknownPod, "there is no pod \(pod) any more")
        }
    }

    // MARK: Scaler

    /// How many engines there are and may be.
    public func scale() -> ScaleStatus {
        view.withLock { $0.scaleStatus(at: Timestamp.now) }
    }

    /// Changes the bounds of the autoscaler, or the deployment's replicas where there is none.
    public func change(
        to request: ScaleRequest,
        ifMatch etag: String?,
        beyond: Bool
    ) async throws(ScalingError) -> ScaleChange {
        let change = try limits.change(of: request, beyond: beyond)
        let result: Result<ScaleChange, ScalingError>
        do throws(KubernetesError) {
            result = try await apply(change, ifMatch: etag)
        } catch {
            throw error.asScalingError
        }
        return try result.get()
    }

    /// Deletes an engine's pod; the deployment makes another.
    public func endEngine(
        _ id: String,
        how: EngineEnding.How
    ) async throws(ScalingError) -> ScaleChange {
        let isOurs = view.withLock { view in
            view.table.pods[id]?.belongs(to: Self.deployment) == true
        }
        guard isOurs else {
            throw ScalingError(.notOurs, "engine \(id) is no pod of this cluster")
        }
        do throws(KubernetesError) {
            // A second is the least that still waits for the node to say that it has ended.
            try await api.delete(
                api.path(nil, "pods/\(id)"),
                graceSeconds: how == .now ? 1 : nil
            )
        } catch {
            throw error.asScalingError
        }
        return ScaleChange(
            what: "pod/\(id)",
            before: "runs",
            after: how == .drain
                ? "drains, and another starts in its place"
                : "killed, and another starts in its place"
        )
    }

    // MARK: Private

    private static let mostTries = 5

    /// Reads what is set and changes it, again when somebody else was faster.
    private func apply(
        _ change: ScaleLimits.Change,
        ifMatch etag: String?
    ) async throws(KubernetesError) -> Result<ScaleChange, ScalingError> {
        for attempt in 1...Self.mostTries {
            try await readScale()
            let (seen, isHidden, refusal) = view.withLock { view in
                (view.target, view.isAutoscalerHidden, view.changeRefusal)
            }
            guard !isHidden else {
                return .failure(
                    ScalingError(
                        .clusterForbids,
                        "this program may not see whether an autoscaler would undo the change"
                    )
                )
            }
            guard let target = seen else {
                if let refusal { return .failure(ScalingError(.clusterForbids, refusal)) }
                return .failure(
                    ScalingError(
                        .notPossible,
                        "there is no deployment \(Self.deployment) in namespace \(api.namespace)"
                    )
                )
            }
            guard etag == nil || etag == target.etag else {
                return .failure(
                    ScalingError(
                        .changedMeanwhile,
                        "somebody has set \(target.bounds.text) meanwhile: look again"
                    )
                )
            }
            let patch: ScalePatch
            do throws(ScalingError) {
                patch = try target.patch(for: change)
            } catch {
                return .failure(error)
            }
            do throws(KubernetesError) {
                try await api.patch(path(of: target), patch)
            } catch {
                guard error.status == 409, attempt < Self.mostTries else { throw error }
                continue
            }
            logger.notice("number of engines set", [.value: patch.bounds.text])
            // What was done is done, whether or not it can be read again.
            _ = try? await readScale()
            return .success(
                ScaleChange(
                    what: target.what,
                    before: target.bounds.text,
                    after: patch.bounds.text
                )
            )
        }
        throw KubernetesError(status: 409, reason: "it was changed \(Self.mostTries) times")
    }

    private func path(of target: ScaleTarget) -> String {
        switch target.kind {
        case .deployment:
            api.path("apps/v1", "deployments/\(target.name)/scale")
        case .autoscaler:
            api.path(
                served.withLock { $0.autoscaling } ?? "autoscaling/v2",
                "horizontalpodautoscalers/\(target.name)"
            )
        case .scaledObject:
            api.path("keda.sh/v1alpha1", "scaledobjects/\(target.name)")
        }
    }
}
