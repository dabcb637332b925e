internal import GridAPI

/// A Kubernetes API server: JSON requests with a token, and its refusals in words.
struct KubernetesAPI: Sendable {
    let namespace: String
    private let transport: any KubernetesTransport
    private let tokens: TokenCache

    init(transport: any KubernetesTransport, tokens: TokenCache, namespace: String) {
        self.transport = transport
        self.tokens = tokens
        self.namespace = namespace
    }

    /// The path of a resource in the namespace.
    ///
    /// - Parameters:
    ///   - group: as `apps/v1`; nil for the core group.
    ///   - resource: as `pods` or `deployments/valengine/scale`.
    ///   - query: parameters; encoded here.
    /// - Returns: the path with its query.
    func path(
        _ group: String?,
        _ resource: String,
        _ query: KeyValuePairs<String, String> = [:]
    ) -> String {
        Self.path(group, "namespaces/\(namespace)/\(resource)", query)
    }

    /// The path of a resource of the cluster.
    static func path(
        _ group: String?,
        _ resource: String,
        _ query: KeyValuePairs<String, String> = [:]
    ) -> String {
        let base = group.map { "/apis/\($0)" } ?? "/api/v1"
        let pairs = query.map { "\(encoded($0))=\(encoded($1))" }
        return "\(base)/\(resource)" + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }

    /// Gets an object.
    func get<Value: Decodable>(
        _ path: String,
        as type: Value.Type = Value.self
    ) async throws(KubernetesError) -> Value {
        try Self.decoded(await bytes(KubernetesRequest(method: "GET", path: path)))
    }

    /// Gets an object, or nil when there is none.
    func getIfThere<Value: Decodable>(
        _ path: String,
        as type: Value.Type = Value.self
    ) async throws(KubernetesError) -> Value? {
        do throws(KubernetesError) {
            return try await get(path)
        } catch {
            guard error.status == 404 else { throw error }
            return nil
        }
    }

    /// Gets text, as a log.
    func text(_ path: String, maximumBytes: Int) async throws(KubernetesError) -> [UInt8] {
        try await bytes(
            KubernetesRequest(
                method: "GET",
                path: path,
                timeout: .seconds(20),
                maximumBytes: maximumBytes
            )
        )
    }

    /// Changes an object by a merge patch.
    func patch(_ path: String, _ change: some Encodable) async throws(KubernetesError) {
        _ = try await bytes(
            KubernetesRequest(
                method: "PATCH",
                path: path,
                body: Self.encoded(change),
                contentType: "application/merge-patch+json"
            )
        )
    }

    /// Creates an object, and returns it as the server has it.
    func post<Value: Decodable>(
        _ path: String,
        _ object: some Encodable,
        as type: Value.Type = Value.self
    ) async throws(KubernetesError) -> Value {
        try Self.decoded(
            await bytes(
                KubernetesRequest(method: "POST", path: path, body: Self.encoded(object))
            )
        )
    }

    /// Deletes an object, a pod with the seconds of grace given.
    func delete(_ path: String, graceSeconds: Int?) async throws(KubernetesError) {
        _ = try await bytes(
            KubernetesRequest(
                method: "DELETE",
                path: path,
                body: Self.encoded(
                    DeleteOptions(gracePeriodSeconds: graceSeconds)
                )
            )
        )
    }

    /// Passes on a watch's bytes as they come; returns when the server ends it.
    func watch(
        _ path: String,
        silentFor limit: Duration,
        to receive: @escaping @Sendable ([UInt8]) -> Void
    ) async throws(KubernetesError) {
        var request = KubernetesRequest(method: "GET", path: path, timeout: limit)
        request.token = tokens.token()
        let response = try await transport.stream(request, to: receive)
        guard response.status == 401, let token = tokens.token(insteadOf: request.token) else {
            return try Self.check(response)
        }
        request.token = token
        try Self.check(await transport.stream(request, to: receive))
    }

    // MARK: Private

    private func bytes(_ request: KubernetesRequest) async throws(KubernetesError) -> [UInt8] {
        var request = request
        request.token = tokens.token()
        var response = try await transport.send(request)
        if response.status == 401, let token = tokens.token(insteadOf: request.token) {
            request.token = token
            response = try await transport.send(request)
        }
        try Self.check(response)
        return response.body
    }

    private static func check(_ response: KubernetesResponse) throws(KubernetesError) {
        guard !(200...299).contains(response.status) else { return }
        let status = try? APIJSON.decoded(StatusObject.self, from: response.body)
        throw KubernetesError(
            status: response.status,
            reason: status?.message ?? "HTTP status \(response.status)"
        )
    }

    private static func decoded<Value: Decodable>(
        _ bytes: [UInt8]
    ) throws(KubernetesError) -> Value {
        do throws(APIJSON.Problem) {
            return try APIJSON.decoded(from: bytes)
        } catch {
            throw KubernetesError(status: 0, reason: "the answer is not understood: \(error)")
        }
    }

    private static func encoded(_ value: some Encodable) throws(KubernetesError) -> [UInt8] {
        do throws(APIJSON.Problem) {
            return try APIJSON.line(value)
        } catch {
            throw KubernetesError(status: 0, reason: error.description)
        }
    }

    private static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}
