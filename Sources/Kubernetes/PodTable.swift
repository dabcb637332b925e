internal import GridAPI

/// The grid's pods, from a list and the watch that follows it.
struct PodTable {
    /// What a line of the watch did.
    enum Outcome: Hashable {
        case changed
        case unchanged
        /// The server has forgotten where the watch began: list again.
        case expired
    }

    /// The most pods that are kept; the rest is counted.
    static let limit = 2_000

    private(set) var pods: [String: PodObject] = [:]
    /// Where a watch goes on; nil when a list has to come first.
    var resourceVersion: String? { isStale ? nil : place }
    private var place: String?
    private var isStale = true
    /// Pods that did not find room.
    private(set) var omitted = 0

    /// Takes the pages of a list, instead of what was there.
    mutating func replace(by items: [PodObject], at version: String?) {
        pods = [:]
        omitted = 0
        for pod in items { put(pod) }
        place = version
        isStale = version == nil
    }

    /// Takes a line of a watch.
    mutating func apply(_ line: [UInt8]) -> Outcome {
        guard !isStale else { return .expired }
        guard let kind = try? APIJSON.decoded(WatchKind.self, from: line) else { return .unchanged }
        switch kind.type {
        case "BOOKMARK":
            if let version = kind.object?.metadata?.resourceVersion { place = version }
            return .unchanged
        case "ADDED", "MODIFIED", "DELETED":
            guard let event = try? APIJSON.decoded(WatchEvent<PodObject>.self, from: line) else {
                return .unchanged
            }
            if let version = event.object.metadata.resourceVersion { place = version }
            if event.type == "DELETED" {
                event.object.metadata.name.map { pods[$0] = nil }
            } else {
                put(event.object)
            }
            return .changed
        default:
            // Whatever the error, the place is not to be trusted.
            forget()
            return .expired
        }
    }

    /// Has the next watch begin with a list.
    mutating func forget() {
        isStale = true
    }

    private mutating func put(_ pod: PodObject) {
        guard let name = pod.metadata.name else { return }
        guard pods[name] != nil || pods.count < Self.limit else {
            omitted += 1
            return
        }
        pods[name] = pod
    }
}
