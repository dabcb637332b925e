/// A request to a Kubernetes API server.
public struct KubernetesRequest: Hashable, Sendable {
    /// As `GET`.
    public var method: String
    /// With its query, as `/api/v1/nodes?limit=500`.
    public var path: String
    /// Empty where there is none.
    public var body: [UInt8]
    /// Of the body.
    public var contentType: String
    /// The bearer token; nil for none.
    public var token: String?
    /// How long the answer may be silent.
    public var timeout: Duration
    /// A larger answer is refused.
    public var maximumBytes: Int

    /// Makes a request.
    public init(
        method: String,
        path: String,
        body: [UInt8] = [],
        contentType: String = "application/json",
        token: String? = nil,
        timeout: Duration = .seconds(10),
        maximumBytes: Int = 32 << 20
    ) {
        self.method = method
        self.path = path
        self.body = body
        self.contentType = contentType
        self.token = token
        self.timeout = timeout
        self.maximumBytes = maximumBytes
    }
}

/// The answer of a Kubernetes API server.
public struct KubernetesResponse: Hashable, Sendable {
    /// As 200.
    public var status: Int
    /// All of it; empty after a stream of status 200.
    public var body: [UInt8]

    /// Makes an answer.
    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Carries requests to a Kubernetes API server.
public protocol KubernetesTransport: Sendable {
    /// Sends a request; an answer of any status is an answer.
    ///
    /// - Throws: ``KubernetesError`` of status 0 when there is none, or the task is cancelled.
    func send(
        _ request: KubernetesRequest
    ) async throws(KubernetesError) -> KubernetesResponse

    /// Sends a request and passes on what comes, as it comes, if the status is 200.
    ///
    /// - Parameters:
    ///   - request: its timeout is between two parts of the answer.
    ///   - receive: is given the parts in order.
    /// - Returns: the answer when it has ended, with its body if the status is another.
    /// - Throws: ``KubernetesError`` of status 0 when it broke off, or the task is cancelled.
    func stream(
        _ request: KubernetesRequest,
        to receive: @escaping @Sendable ([UInt8]) -> Void
    ) async throws(KubernetesError) -> KubernetesResponse
}

/// Why a Kubernetes API server did not do what it was asked.
public struct KubernetesError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The HTTP status; 0 when there was no answer.
    public var status: Int
    /// For people: what the server says, or why it was not reached.
    public var reason: String

    /// Makes an error.
    public init(status: Int, reason: String) {
        self.status = status
        self.reason = reason
    }

    /// The reason.
    public var description: String { reason }
}
