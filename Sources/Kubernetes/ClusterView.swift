internal import GridAPI
internal import Operations
internal import Scaling

/// What is known of a cluster: filled part by part, shown whole.
///
/// It asks nobody.
struct ClusterView {
    /// A part that is read by itself.
    enum Part: Hashable, CaseIterable {
        case pods
        case scale
    }

    struct Failure: Hashable {
        /// When the part was last read, microseconds since 1970; nil for never.
        var lastReadAt: Int64?
        /// A clause for people.
        var reason: String
    }

    static let mostEvents = 100
    static let mostNodes = 500

    let namespace: String
    let deployment: String
    let limits: ScaleLimits
    var table = PodTable()
    /// Nil where they may not be read.
    var nodes: [NodeObject]?
    var autoscaler: AutoscalerObject?
    var scaledObject: ScaledObject?
    var scale: ScaleObject?
    /// Whether there may be an autoscaler that may not be read.
    var isAutoscalerHidden = false
    /// The newest first.
    var events: [EventObject] = []
    /// Thousandths of a core, by pod.
    var cpu: [String: Int] = [:]
    /// Whether pods' CPU is measured in the cluster.
    var hasMetrics = false
    /// Why, by the name of the right.
    var refusals: [String: String] = [:]
    private(set) var readAt: [Part: Int64] = [:]
    private(set) var failures: [Part: Failure] = [:]

    init(namespace: String, deployment: String, limits: ScaleLimits) {
        self.namespace = namespace
        self.deployment = deployment
        self.limits = limits
    }

    /// Says that a part was read.
    mutating func read(_ part: Part, at time: Int64) {
        readAt[part] = time
        failures[part] = nil
    }

    /// Says that a part could not be read.
    mutating func failed(_ part: Part, _ reason: String) {
        failures[part] = Failure(lastReadAt: readAt[part], reason: reason)
    }

    /// What sets the number of engines; nil when nothing is known.
    var target: ScaleTarget? {
        if let scaledObject {
            return ScaleTarget(scaledObject, name: scaledObject.metadata.name ?? deployment)
        }
        if let autoscaler {
            return ScaleTarget(autoscaler, name: autoscaler.metadata.name ?? deployment)
        }
        return scale.map { ScaleTarget($0, name: deployment) }
    }

    /// How many engines there are and may be.
    func scaleStatus(at time: Int64) -> ScaleStatus {
        let engines = table.pods.values.filter { $0.belongs(to: deployment) }
        let count = engines.count { $0.isActive && $0.status?.phase == "Running" }
        let target = target
        let hasAutoscaler = target.map { $0.kind != .deployment } ?? false
        return ScaleStatus(
            kind: "kubernetes",
            count: count,
            desired: scale?.spec?.replicas ?? autoscaler?.status?.desiredReplicas ?? count,
            least: hasAutoscaler ? target?.bounds.least : nil,
            most: hasAutoscaler ? target?.bounds.most : nil,
            limits: limits.status,
            draining: engines.count(where: \.isEnding),
            etag: target?.etag ?? "unknown",
            held: target?.isHeld ?? false,
            asOf: Timestamp.iso8601(asOf(time)),
            reason: trouble ?? changeRefusal
        )
    }

    /// Nodes, pods, autoscaler and events.
    func status(at time: Int64) -> ClusterStatus {
        let pods = table.pods.values.map { pod in
            pod.description(
                deployment: deployment,
                cpuMillicores: pod.metadata.name.flatMap { cpu[$0] }
            )
        }.sorted { $0.name < $1.name }
        return ClusterStatus(
            kind: "kubernetes",
            reason: trouble ?? omission,
            nodes: nodes(of: pods),
            pods: pods,
            autoscaler: autoscalerStatus,
            events: events.map(\.description),
            forbidden: forbidden,
            asOf: Timestamp.iso8601(asOf(time))
        )
    }

    /// Why nothing can be changed; nil when it can.
    var changeRefusal: String? {
        switch target?.kind {
        case .scaledObject: refusals["kedaBounds"]
        case .autoscaler: refusals["bounds"]
        case .deployment: refusals["scale"]
        case nil: refusals[isAutoscalerHidden ? "bounds" : "scale"]
        }
    }

    // MARK: Private

    /// What is greyed out; rights that nothing here needs are left out.
    private var forbidden: [ClusterStatus.Refusal] {
        let kind = target?.kind
        let unneeded: Set<String> =
            switch kind {
            case .scaledObject: ["scale", "bounds"]
            case .autoscaler: ["scale", "kedaBounds"]
            case nil where isAutoscalerHidden: ["kedaBounds"]
            case .deployment, nil: ["bounds", "kedaBounds"]
            }
        return refusals.sorted { $0.key < $1.key }
            .filter { !unneeded.contains($0.key) && ($0.key != "metrics" || hasMetrics) }
            .map { ClusterStatus.Refusal(what: $0 == "kedaBounds" ? "bounds" : $0, why: $1) }
    }

    private func asOf(_ time: Int64) -> Int64 {
        guard !failures.isEmpty else { return readAt.isEmpty ? 0 : time }
        return failures.values.map { $0.lastReadAt ?? 0 }.min() ?? time
    }

    private var trouble: String? {
        for part in Part.allCases {
            guard let failure = failures[part] else { continue }
            guard let last = failure.lastReadAt else { return failure.reason }
            return "\(failure.reason); what is shown is of \(Timestamp.iso8601(last))"
        }
        return readAt.isEmpty ? "Kubernetes has not answered yet" : nil
    }

    private var omission: String? {
        guard table.omitted > 0 else { return nil }
        return "\(PodTable.limit) pods are shown, and \(table.omitted) more are there"
    }

    private func nodes(of pods: [ClusterStatus.Pod]) -> [ClusterStatus.Node] {
        var names: [String: [String]] = [:]
        for pod in pods where !pod.node.isEmpty { names[pod.node, default: []].append(pod.name) }
        var all: [ClusterStatus.Node] = (nodes ?? []).map { node in
            let name = node.metadata.name ?? ""
            let ready = node.status?.conditions?.first { $0.type == "Ready" }
            return ClusterStatus.Node(
                name: name,
                ready: ready.map { $0.status == "True" },
                cpu: node.status?.allocatable?["cpu"],
                memory: node.status?.allocatable?["memory"],
                pods: names.removeValue(forKey: name) ?? []
            )
        }
        all += names.map { ClusterStatus.Node(name: $0, pods: $1) }
        return Array(all.sorted { $0.name < $1.name }.prefix(Self.mostNodes))
    }

    private var autoscalerStatus: ClusterStatus.Autoscaler? {
        guard let target, target.kind != .deployment else { return nil }
        let status = autoscaler?.status
        let current = status?.currentMetrics ?? []
        let metrics = (autoscaler?.spec?.metrics ?? []).enumerated().compactMap { index, metric in
            metric.source.map { source in
                ClusterStatus.Metric(
                    name: source.title,
                    current: index < current.count ? current[index].source?.current?.text : nil,
                    target: source.target?.text
                )
            }
        }
        return ClusterStatus.Autoscaler(
            kind: target.kind == .scaledObject ? "keda" : "hpa",
            least: target.bounds.least,
            most: target.bounds.most,
            current: status?.currentReplicas ?? scale?.status?.replicas ?? 0,
            desired: status?.desiredReplicas ?? scale?.spec?.replicas ?? 0,
            conditions: (status?.conditions ?? []).map {
                ClusterStatus.Condition(
                    type: $0.type,
                    status: $0.status,
                    reason: $0.reason ?? "",
                    message: $0.message ?? ""
                )
            },
            metrics: metrics,
            lastScaledAt: status?.lastScaleTime,
            held: target.isHeld
        )
    }
}

extension EventObject {
    /// When it last happened, ISO 8601.
    var time: String {
        series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? ""
    }

    /// Whether it is about the engines, their autoscaler or another pod of the grid.
    func concerns(_ deployment: String, pods: [String: PodObject]) -> Bool {
        guard let name = involvedObject.name else { return false }
        return pods[name] != nil || name == deployment || name.hasPrefix("\(deployment)-")
            || name == "keda-hpa-\(deployment)"
    }

    /// As the API shows it.
    var description: ClusterStatus.Event {
        let kind = involvedObject.kind?.lowercased() ?? "object"
        return ClusterStatus.Event(
            at: time,
            object: "\(kind)/\(involvedObject.name ?? "")",
            reason: reason ?? "",
            message: message ?? "",
            count: series?.count ?? count ?? 1
        )
    }
}
