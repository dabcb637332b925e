import Foundation
import Synchronization

@testable import Kubernetes

/// A Kubernetes API server in memory, with the answers of a real one (1.20, without what is managed).
final class FakeServer: KubernetesTransport {
    private struct State {
        var objects: [String: String] = [:]
        /// Statuses for the next requests of a method.
        var failures: [String: [(status: Int, body: String)]] = [:]
        var isAway = false
        var token = "good"
        var requests: [KubernetesRequest] = []
        var watches: [String: AsyncStream<String>.Continuation] = [:]
        /// Rights that are refused, by resource.
        var refused: Set<String> = []
        var version = 100
    }

    private let state = Mutex(State())

    init() {
        set("/apis/autoscaling", #"{"versions":[{"version":"v1"},{"version":"v2beta2"}]}"#)
        set("/apis/metrics.k8s.io", #"{"versions":[{"version":"v1beta1"}]}"#)
        set(Recorded.autoscalersPath, Recorded.autoscalers)
        set(Recorded.scalePath, Recorded.scale)
        set(Recorded.podsPath, Recorded.pods)
        set("/api/v1/namespaces/valgrid/events", Recorded.events)
        set("/api/v1/nodes", Recorded.nodes)
        set("/apis/metrics.k8s.io/v1beta1/namespaces/valgrid/pods", Recorded.metrics)
    }

    func set(_ path: String, _ json: String?) {
        state.withLock { $0.objects[path] = json }
    }

    func object(_ path: String) -> String? { state.withLock { $0.objects[path] } }

    /// The next request of this method gets this answer.
    func failNext(_ method: String, _ status: Int, _ body: String = "{}") {
        state.withLock { $0.failures[method, default: []].append((status, body)) }
    }

    func setAway(_ isAway: Bool) {
        let watches = state.withLock { state in
            state.isAway = isAway
            defer { if isAway { state.watches = [:] } }
            return isAway ? Array(state.watches.values) : []
        }
        for watch in watches { watch.finish() }
    }

    func setToken(_ token: String) { state.withLock { $0.token = token } }

    func refuse(_ resources: Set<String>) { state.withLock { $0.refused = resources } }

    var requests: [KubernetesRequest] { state.withLock { $0.requests } }

    /// Resource versions with which pods are watched at the moment.
    var watchedVersions: [String] { state.withLock { Array($0.watches.keys) } }

    /// Sends a line to the watchers.
    func say(_ line: String) {
        let watches = state.withLock { Array($0.watches.values) }
        for watch in watches { watch.yield(line + "\n") }
    }

    func endWatches() {
        let watches = state.withLock { state in
            defer { state.watches = [:] }
            return Array(state.watches.values)
        }
        for watch in watches { watch.finish() }
    }

    func send(
        _ request: KubernetesRequest
    ) async throws(KubernetesError) -> KubernetesResponse {
        let answer: (status: Int, body: String)? = state.withLock { state in
            guard !state.isAway else { return nil }
            state.requests.append(request)
            guard request.token == state.token else { return (401, Recorded.unauthorized) }
            if let failure = state.failures[request.method]?.first {
                state.failures[request.method]?.removeFirst()
                return failure
            }
            let path = request.path.split(separator: "?").first.map(String.init) ?? ""
            switch request.method {
            case "POST":
                let text = String(decoding: request.body, as: UTF8.self)
                let isRefused = state.refused.contains { text.contains("\"\($0)\"") }
                return (201, #"{"status":{"allowed":\#(!isRefused)}}"#)
            case "PATCH":
                return Self.patch(&state, path, request.body)
            default:
                return state.objects[path].map { (200, $0) } ?? (404, "404 page not found\n")
            }
        }
        guard let answer else {
            throw KubernetesError(status: 0, reason: "connection refused")
        }
        return KubernetesResponse(status: answer.status, body: Array(answer.body.utf8))
    }

    func stream(
        _ request: KubernetesRequest,
        to receive: @escaping @Sendable ([UInt8]) -> Void
    ) async throws(KubernetesError) -> KubernetesResponse {
        guard request.token == state.withLock({ $0.token }) else {
            return KubernetesResponse(status: 401, body: [])
        }
        let version = request.path.split(separator: "=").last.map(String.init) ?? ""
        let (lines, continuation) = AsyncStream<String>.makeStream()
        let isAway = state.withLock { state in
            if !state.isAway { state.watches[version] = continuation }
            return state.isAway
        }
        guard !isAway else { throw KubernetesError(status: 0, reason: "connection refused") }
        // In two parts, as the network may cut it.
        for await line in lines {
            receive(Array(line.utf8.prefix(10)))
            receive(Array(line.utf8.dropFirst(10)))
        }
        state.withLock { $0.watches[version] = nil }
        if state.withLock({ $0.isAway }) {
            throw KubernetesError(status: 0, reason: "connection reset")
        }
        return KubernetesResponse(status: 200, body: [])
    }

    // MARK: Private

    /// Merges a patch into an object, or into the item of that name of a list.
    private static func patch(
        _ state: inout State,
        _ path: String,
        _ body: [UInt8]
    ) -> (Int, String) {
        let patch = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let list = path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        guard let patch, let text = state.objects[path] ?? state.objects[list],
            var object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        else { return (404, "{}") }
        var item = object
        if let items = object["items"] as? [[String: Any]] {
            item =
                items.first { item in
                    (item["metadata"] as? [String: Any])?["name"] as? String == name
                } ?? [:]
        }
        let wanted = (patch["metadata"] as? [String: Any])?["resourceVersion"] as? String
        let version = (item["metadata"] as? [String: Any])?["resourceVersion"] as? String
        guard wanted == nil || wanted == version else { return (409, Recorded.conflict) }
        state.version += 1
        item = merged(item, patch)
        item = merged(item, ["metadata": ["resourceVersion": "\(state.version)"]])
        if object["items"] != nil { object["items"] = [item] } else { object = item }
        let data = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
        let key = state.objects[path] == nil ? list : path
        state.objects[key] = String(decoding: data, as: UTF8.self)
        return (200, "{}")
    }

    private static func merged(_ object: [String: Any], _ patch: [String: Any]) -> [String: Any] {
        var result = object
        for (key, value) in patch {
            if value is NSNull {
                result[key] = nil
            } else if let value = value as? [String: Any] {
                result[key] = merged(result[key] as? [String: Any] ?? [:], value)
            } else {
                result[key] = value
            }
        }
        return result
    }
}
