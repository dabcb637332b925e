internal import Operations
internal import Synchronization

/// The pods: a list, and the watch that goes on from it.
extension KubernetesGrid {
    private static let watchSeconds = 300
    /// Bookmarks come once a minute or so.
    private static let longestSilence = Duration.seconds(120)
    private static let longestLine = 4 << 20
    private static let firstPause = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(10)

    /// Follows the pods until the task is cancelled.
    func followPods() async {
        var failures = 0
        while !Task.isCancelled {
            do throws(KubernetesError) {
                if view.withLock({ $0.table.resourceVersion }) == nil {
                    try await listPods()
                    note(.pods, nil)
                }
                try await watchPods()
                note(.pods, nil)
                failures = 0
            } catch {
                if Task.isCancelled { return }
                failures += 1
                take(error, failures)
                let pause = min(Self.firstPause * (1 << min(failures - 1, 8)), Self.longestPause)
                try? await Task.sleep(for: pause)
            }
        }
    }

    // MARK: Private

    private func take(_ error: KubernetesError, _ failures: Int) {
        switch error.status {
        case 410:
            view.withLock { $0.table.forget() }
        case 403:
            view.withLock { $0.refusals["pods"] = "Kubernetes forbids it: \(error.reason)" }
            note(.pods, nil)
        default:
            // A watch may break off once; what was missed comes with the next. After that a list
            // tells that the server is back: a watch may be silent.
            guard failures > 1 else { return }
            view.withLock { $0.table.forget() }
            note(.pods, error.clause)
        }
    }

    private func listPods() async throws(KubernetesError) {
        var pods: [PodObject] = []
        var next = ""
        var version: String?
        repeat {
            var path = api.path(nil, "pods", ["labelSelector": Self.selector, "limit": "500"])
            if !next.isEmpty {
                path = api.path(
                    nil,
                    "pods",
                    ["labelSelector": Self.selector, "limit": "500", "continue": next]
                )
            }
            let list: ObjectList<PodObject> = try await api.get(path)
            pods += list.items ?? []
            version = list.metadata.resourceVersion
            next = list.metadata.continue ?? ""
        } while !next.isEmpty && pods.count < 2 * PodTable.limit
        view.withLock { $0.table.replace(by: pods, at: version) }
    }

    private func watchPods() async throws(KubernetesError) {
        let version = view.withLock { $0.table.resourceVersion } ?? ""
        let path = api.path(
            nil,
            "pods",
            [
                "labelSelector": Self.selector,
                "watch": "true",
                "allowWatchBookmarks": "true",
                "timeoutSeconds": String(Self.watchSeconds),
                "resourceVersion": version,
            ]
        )
        let splitter = Mutex(LineSplitter(limit: Self.longestLine))
        try await api.watch(path, silentFor: Self.longestSilence) { bytes in
            let (lines, isBroken) = splitter.withLock { splitter in
                (splitter.add(bytes), splitter.hasOverflowed)
            }
            self.view.withLock { view in
                for line in lines where view.table.apply(line) == .expired { break }
                if isBroken { view.table.forget() }
            }
            self.note(.pods, nil)
        }
    }
}
