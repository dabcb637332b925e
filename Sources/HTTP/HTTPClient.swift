internal import Operations

/// An HTTP client for programs that ask the grid's services, over libcurl.
///
/// An answer of any status is an answer; only its absence throws. Redirects are answers too. Proxies
/// are those of the environment, for other machines than this one.
public final class HTTPClient: Sendable {
    /// What all requests have in common.
    public struct Configuration: Sendable {
        /// A larger answer is refused; downloads to files and streams are not bounded.
        public var maximumBodyBytes = 256 << 20
        /// PEM file of the authorities that are trusted; nil for the system's.
        public var authorities: String?
        /// The bearer token, asked for with each request, since tokens are renewed.
        public var token: @Sendable () -> String? = { nil }
        /// How long a connection may take.
        public var connectLimit: Duration = .seconds(10)

        /// The defaults.
        public init() {}
    }

    private let configuration: Configuration

    /// A client.
    public init(configuration: Configuration) {
        self.configuration = configuration
    }

    /// A client.
    ///
    /// `maximumBodyBytes`: a larger answer is refused; downloads to files are not bounded.
    public convenience init(maximumBodyBytes: Int = 256 << 20) {
        var configuration = Configuration()
        configuration.maximumBodyBytes = maximumBodyBytes
        self.init(configuration: configuration)
    }

    /// Gets what is at an address.
    ///
    /// - Parameters:
    ///   - url: with scheme.
    ///   - timeout: how long the connection may be idle.
    /// - Returns: the answer, of any status.
    /// - Throws: ``HTTPClientError`` when there is none.
    public func get(
        _ url: String,
        timeout: Duration = .seconds(30)
    ) async throws(HTTPClientError) -> HTTPAnswer {
        try await send(HTTPCall(url: url, timeout: timeout))
    }

    /// Sends a body to an address.
    ///
    /// - Parameters:
    ///   - url: with scheme.
    ///   - body: may be empty.
    ///   - contentType: of the body.
    ///   - timeout: how long the connection may be idle.
    /// - Returns: the answer, of any status.
    /// - Throws: ``HTTPClientError`` when there is none.
    public func post(
        _ url: String,
        body: [UInt8],
        contentType: String = "application/json",
        timeout: Duration = .seconds(30)
    ) async throws(HTTPClientError) -> HTTPAnswer {
        try await send(
            HTTPCall(
                method: "POST",
                url: url,
                body: .bytes(body, contentType: contentType),
                timeout: timeout
            )
        )
    }

    /// Makes a request and returns its answer, of any status, with the body in memory.
    ///
    /// - Throws: ``HTTPClientError`` when there is none.
    public func send(_ call: HTTPCall) async throws(HTTPClientError) -> HTTPAnswer {
        try await exchange(call, sink: MemorySink(limit: configuration.maximumBodyBytes))
    }

    /// Gets what is at an address into a file, as it comes; only an answer of 200 is written.
    ///
    /// The file appears when it is whole.
    ///
    /// - Parameters:
    ///   - url: with scheme.
    ///   - path: its directory exists.
    ///   - timeout: how long the connection may be idle.
    ///   - rewriting: is given the body part by part, in order, and returns what is written for it.
    /// - Returns: the status.
    /// - Throws: ``HTTPClientError`` when there is no answer, or no place for it.
    @discardableResult
    public func download(
        _ url: String,
        toFile path: String,
        timeout: Duration = .seconds(60),
        rewriting: (@Sendable ([UInt8]) -> [UInt8])? = nil
    ) async throws(HTTPClientError) -> Int {
        let sink = DownloadSink(path: path, rewriting: rewriting)
        return try await exchange(HTTPCall(url: url, timeout: timeout), sink: sink).status
    }

    /// Makes a request and hands its answer over as it comes; cancelling the task ends it.
    ///
    /// - Parameters:
    ///   - call: its timeout is how long nothing may come.
    ///   - onHead: is given status and headers; returns whether the body is wanted.
    ///   - onPart: is given the body part by part, on a thread of its own, and returns whether
    ///     more is wanted.
    /// - Returns: the answer without its body.
    /// - Throws: ``HTTPClientError`` when there is no answer, or it broke off.
    @discardableResult
    public func stream(
        _ call: HTTPCall,
        onHead: @escaping @Sendable (HTTPAnswer) -> Bool = { _ in true },
        onPart: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(HTTPClientError) -> HTTPAnswer {
        try await exchange(call, sink: StreamSink(onHead: onHead, onPart: onPart))
    }

    // MARK: Private

    private func exchange(
        _ call: HTTPCall,
        sink: any AnswerSink
    ) async throws(HTTPClientError) -> HTTPAnswer {
        let transfer = try Transfer(call, sink: sink, configuration: configuration)
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let started = startNewThread { continuation.resume(returning: transfer.run()) }
                if !started {
                    continuation.resume(
                        returning: .failure(
                            HTTPClientError(
                                code: .interrupted,
                                reason: "cannot ask \(call.url): the system gives no thread"
                            )
                        )
                    )
                }
            }
        } onCancel: {
            transfer.cancel()
        }.get()
    }
}
