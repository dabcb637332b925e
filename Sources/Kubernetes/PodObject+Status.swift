internal import GridAPI

extension PodObject {
    static let nameLabel = "app.kubernetes.io/name"

    /// Whether it is one of the deployment's pods.
    func belongs(to deployment: String) -> Bool {
        metadata.labels?[Self.nameLabel] == deployment
    }

    /// Whether it has been told to end.
    var isEnding: Bool { metadata.deletionTimestamp != nil }

    /// Whether it runs or is about to.
    var isActive: Bool {
        !isEnding && !["Succeeded", "Failed"].contains(status?.phase ?? "")
    }

    /// The container of the program: the one named like the pod, or else the first.
    var mainContainer: String? {
        let names = spec?.containers?.map(\.name) ?? []
        return names.first { $0 == metadata.labels?[Self.nameLabel] } ?? names.first
    }

    /// Describes it as the API does.
    ///
    /// - Parameters:
    ///   - deployment: whose pods are engines.
    ///   - cpuMillicores: as measured.
    /// - Returns: the description.
    func description(deployment: String, cpuMillicores: Int?) -> ClusterStatus.Pod {
        let name = metadata.name ?? ""
        let containers = status?.containerStatuses ?? []
        return ClusterStatus.Pod(
            name: name,
            node: spec?.nodeName ?? "",
            phase: isEnding ? "Draining" : status?.phase ?? "Unknown",
            ready: !containers.isEmpty && containers.allSatisfy { $0.ready == true },
            restarts: containers.reduce(0) { $0 + ($1.restartCount ?? 0) },
            image: spec?.containers?.first { $0.name == mainContainer }?.image ?? "",
            startedAt: status?.startTime,
            cpuMillicores: cpuMillicores,
            reason: reason,
            engine: belongs(to: deployment) ? name : nil
        )
    }

    /// Why it does not run, or why its container last ended; nil when all is well.
    private var reason: String? {
        if let end = metadata.deletionTimestamp, isEnding {
            return "told to end; killed at \(end) if it has not ended"
        }
        if let reason = status?.reason {
            return status?.message.map { "\(reason): \($0)" } ?? reason
        }
        for container in status?.containerStatuses ?? [] {
            if let waiting = container.state?.waiting, let reason = waiting.reason,
                reason != "ContainerCreating"
            {
                return waiting.message.map { "\(reason): \($0)" } ?? reason
            }
            if let end = container.state?.terminated { return "container ended: \(end.text)" }
        }
        let unmet = status?.conditions?.first {
            $0.type == "PodScheduled" && $0.status == "False"
        }
        if let unmet { return unmet.message ?? unmet.reason }
        for container in status?.containerStatuses ?? [] {
            if let end = container.lastState?.terminated {
                return "container was restarted: \(end.text)"
            }
        }
        return nil
    }
}

extension PodObject.Status.ContainerStatus.State.Terminated {
    /// For people, as `OOMKilled, exit code 137`.
    fileprivate var text: String {
        let end = signal.map { "signal \($0)" } ?? "exit code \(exitCode ?? 0)"
        return reason.map { "\($0), \(end)" } ?? end
    }
}
