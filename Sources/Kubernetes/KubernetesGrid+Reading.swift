internal import GridAPI
internal import Operations
internal import Scaling
internal import Synchronization

/// What is read again and again.
extension KubernetesGrid {
    private static let interval = Duration.seconds(5)
    /// In intervals.
    private static let metricsEvery = 2
    private static let eventsEvery = 3
    private static let nodesEvery = 6
    private static let rightsEvery = 120
    private static let pageSize = 500
    private static let mostPages = 4

    /// Reads everything but the pods until the task is cancelled.
    func readRegularly() async {
        var round = 0
        var knowsRights = false
        while !Task.isCancelled {
            do throws(KubernetesError) {
                if !knowsRights || round % Self.rightsEvery == 0 {
                    try await readServed()
                    try await readRights()
                    knowsRights = true
                }
                try await readScale()
                if round % Self.metricsEvery == 0 { try await readMetrics() }
                if round % Self.eventsEvery == 0 { try await readEvents() }
                if round % Self.nodesEvery == 0 { try await readNodes() }
                note(.scale, nil)
            } catch {
                if Task.isCancelled { return }
                note(.scale, error.clause)
            }
            round += 1
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// Notes that a part was read, or why it was not; logs what is new of it.
    func note(_ part: ClusterView.Part, _ failure: String?) {
        let wasWell = view.withLock { view in
            let wasWell = view.failures.isEmpty
            if let failure {
                view.failed(part, failure)
            } else {
                view.read(part, at: Timestamp.now)
            }
            return wasWell
        }
        let isWell = view.withLock { $0.failures.isEmpty }
        if wasWell, let failure {
            logger.warning("cluster cannot be read", [.error: failure])
        } else if !wasWell, isWell {
            logger.notice("cluster can be read again")
        }
    }

    /// Reads what sets the number of engines.
    func readScale() async throws(KubernetesError) {
        let served = served.withLock { $0 }
        var autoscaler: AutoscalerObject?
        var isHidden = false
        if let version = served.autoscaling {
            let path = api.path(
                version,
                "horizontalpodautoscalers",
                ["limit": String(Self.pageSize)]
            )
            let list: ObjectList<AutoscalerObject>? = try await permitted("bounds") {
                () throws(KubernetesError) in try await api.get(path)
            }
            autoscaler = list?.items?.first { $0.scales(Self.deployment) }
            isHidden = list == nil
        }
        var scaledObject: ScaledObject?
        // An autoscaler that is not KEDA's is the only one.
        if served.hasScaledObjects, autoscaler == nil || autoscaler?.scaledObject != nil {
            let name = autoscaler?.scaledObject ?? Self.deployment
            do throws(KubernetesError) {
                scaledObject = try await api.getIfThere(
                    api.path("keda.sh/v1alpha1", "scaledobjects/\(name)")
                )
            } catch {
                guard error.status == 403 else { throw error }
                // KEDA makes an autoscaler for each of its objects: without one there is none.
                isHidden = isHidden || autoscaler != nil
            }
        }
        let scale: ScaleObject? = try await permitted("scale") { () throws(KubernetesError) in
            try await api.getIfThere(
                api.path("apps/v1", "deployments/\(Self.deployment)/scale")
            )
        }
        view.withLock { view in
            view.autoscaler = autoscaler
            view.scaledObject = scaledObject
            view.scale = scale
            view.isAutoscalerHidden = isHidden
        }
    }

    // MARK: Private

    /// Finds out which kinds of objects the server has.
    private func readServed() async throws(KubernetesError) {
        let autoscaling: GroupObject? = try await api.getIfThere("/apis/autoscaling")
        let keda: GroupObject? = try await api.getIfThere("/apis/keda.sh")
        let metrics: GroupObject? = try await api.getIfThere("/apis/metrics.k8s.io")
        let versions = autoscaling?.versions?.map(\.version) ?? []
        let found = Served(
            autoscaling: ["v2", "v2beta2"].first(where: versions.contains)
                .map { "autoscaling/\($0)" },
            hasScaledObjects: keda?.versions?.contains { $0.version == "v1alpha1" } ?? false,
            hasMetrics: metrics?.versions?.contains { $0.version == "v1beta1" } ?? false
        )
        served.withLock { $0 = found }
        view.withLock { $0.hasMetrics = found.hasMetrics }
    }

    /// Asks what this program may do.
    private func readRights() async throws(KubernetesError) {
        var refusals: [String: String] = [:]
        for right in ClusterRight.all(deployment: Self.deployment) {
            let answer: AccessReviewAnswer = try await api.post(
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                right.review(in: api.namespace)
            )
            if !answer.status.allowed {
                refusals[right.name] = right.refusal(in: api.namespace)
            }
        }
        view.withLock { $0.refusals = refusals }
    }

    private func isRefused(_ right: String) -> Bool {
        view.withLock { $0.refusals[right] != nil }
    }

    private func readMetrics() async throws(KubernetesError) {
        guard served.withLock({ $0.hasMetrics }), !isRefused("metrics") else { return }
        let list: ObjectList<PodMetricsObject>? = try await optional("metrics") {
            () throws(KubernetesError) in
            try await api.get(
                api.path("metrics.k8s.io/v1beta1", "pods", ["labelSelector": Self.selector])
            )
        }
        var cpu: [String: Int] = [:]
        for pod in list?.items?.prefix(PodTable.limit) ?? [] {
            guard let name = pod.metadata.name else { continue }
            cpu[name] = (pod.containers ?? []).reduce(0) { sum, container in
                sum + (container.usage?["cpu"].flatMap(Quantity.millicores) ?? 0)
            }
        }
        view.withLock { $0.cpu = cpu }
    }

    private func readEvents() async throws(KubernetesError) {
        guard !isRefused("events") else { return }
        let events = try await permitted("events") { () throws(KubernetesError) in
            try await pages(of: EventObject.self) { api.path(nil, "events", $0) }
        }
        view.withLock { view in
            let pods = view.table.pods
            view.events = Array(
                (events ?? []).filter { $0.concerns(Self.deployment, pods: pods) }
                    .sorted { $0.time > $1.time }.prefix(ClusterView.mostEvents)
            )
        }
    }

    private func readNodes() async throws(KubernetesError) {
        guard !isRefused("nodes") else {
            view.withLock { $0.nodes = nil }
            return
        }
        let nodes = try await permitted("nodes") { () throws(KubernetesError) in
            try await pages(of: NodeObject.self) { KubernetesAPI.path(nil, "nodes", $0) }
        }
        view.withLock { $0.nodes = nodes }
    }

    /// Reads a list page by page, up to a bound.
    private func pages<Item: Decodable>(
        of type: Item.Type,
        _ path: (KeyValuePairs<String, String>) -> String
    ) async throws(KubernetesError) -> [Item] {
        var items: [Item] = []
        var next = ""
        for _ in 0..<Self.mostPages {
            let size = String(Self.pageSize)
            let list: ObjectList<Item> = try await api.get(
                path(next.isEmpty ? ["limit": size] : ["limit": size, "continue": next])
            )
            items += list.items ?? []
            next = list.metadata.continue ?? ""
            if next.isEmpty { break }
        }
        return items
    }

    /// Does what a right is needed for; nil where the server forbids it, which is noted.
    private func permitted<Value>(
        _ right: String,
        _ body: () async throws(KubernetesError) -> Value?
    ) async throws(KubernetesError) -> Value? {
        do throws(KubernetesError) {
            return try await body()
        } catch {
            guard error.status == 403 else { throw error }
            view.withLock { $0.refusals[right] = "Kubernetes forbids it: \(error.reason)" }
            return nil
        }
    }

    /// Does what the page can be shown without; nil where it fails.
    private func optional<Value>(
        _ right: String,
        _ body: () async throws(KubernetesError) -> Value
    ) async throws(KubernetesError) -> Value? {
        try await permitted(right) { () throws(KubernetesError) in
            do throws(KubernetesError) {
                return try await body()
            } catch {
                // The server of metrics is another one than the API server.
                guard error.isAway, error.status != 0 else { throw error }
                return nil
            }
        }
    }
}
