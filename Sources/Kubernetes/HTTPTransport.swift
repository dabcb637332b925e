internal import HTTP
internal import Synchronization

/// Reaches a Kubernetes API server over HTTPS.
public struct HTTPTransport: KubernetesTransport {
    private struct Received {
        var status = 0
        var body: [UInt8] = []
        var isTooLarge = false
    }

    private let url: String
    private let client: HTTPClient

    /// A transport to the server at an address; its tokens are those of the requests.
    public init(_ address: KubernetesAddress) {
        var configuration = HTTPClient.Configuration()
        configuration.authorities = address.caFile
        configuration.connectLimit = .seconds(5)
        url = address.url
        client = HTTPClient(configuration: configuration)
    }

    /// Sends a request; an answer of any status is an answer.
    ///
    /// - Throws: ``KubernetesError`` of status 0 when there is none, or the task is cancelled.
    public func send(
        _ request: KubernetesRequest
    ) async throws(KubernetesError) -> KubernetesResponse {
        try await exchange(request, to: nil)
    }

    /// Sends a request and passes on what comes, as it comes, if the status is 200.
    ///
    /// - Throws: ``KubernetesError`` of status 0 when it broke off, or the task is cancelled.
    public func stream(
        _ request: KubernetesRequest,
        to receive: @escaping @Sendable ([UInt8]) -> Void
    ) async throws(KubernetesError) -> KubernetesResponse {
        try await exchange(request, to: receive)
    }

    // MARK: Private

    private func exchange(
        _ request: KubernetesRequest,
        to receive: (@Sendable ([UInt8]) -> Void)?
    ) async throws(KubernetesError) -> KubernetesResponse {
        let received = Mutex(Received())
        let limit = request.maximumBytes
        do throws(HTTPClientError) {
            try await client.stream(
                call(for: request),
                onHead: { head in
                    received.withLock { $0.status = head.status }
                    return true
                },
                onPart: { part in
                    if let receive, received.withLock({ $0.status == 200 }) {
                        receive(part)
                        return true
                    }
                    return received.withLock { received in
                        received.isTooLarge = received.body.count + part.count > limit
                        guard !received.isTooLarge else { return false }
                        received.body += part
                        return true
                    }
                }
            )
        } catch {
            let isTooLarge = received.withLock { $0.isTooLarge }
            throw KubernetesError(
                status: 0,
                reason: isTooLarge
                    ? "the answer has more than \(limit) bytes" : error.reason
            )
        }
        let result = received.withLock { $0 }
        guard !result.isTooLarge else {
            throw KubernetesError(status: 0, reason: "the answer has more than \(limit) bytes")
        }
        return KubernetesResponse(status: result.status, body: result.body)
    }

    private func call(for request: KubernetesRequest) -> HTTPCall {
        var call = HTTPCall(
            method: request.method,
            url: url + request.path,
            headers: ["Accept": "application/json, */*"],
            timeout: request.timeout
        )
        if let token = request.token { call.headers["Authorization"] = "Bearer \(token)" }
        if !request.body.isEmpty {
            call.body = .bytes(request.body, contentType: request.contentType)
        }
        return call
    }
}
