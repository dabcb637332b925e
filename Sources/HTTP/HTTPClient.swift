internal import Foundation
internal import FoundationNetworking
internal import Synchronization

/// An HTTP client for programs that ask the grid's services.
///
/// An answer of any status is an answer; only its absence throws.
public final class HTTPClient: Sendable {
    private let maximumBodyBytes: Int

    /// A client.
    ///
    /// - Parameter maximumBodyBytes: a larger answer is refused; downloads to files are not bounded.
    public init(maximumBodyBytes: Int = 256 << 20) {
        self.maximumBodyBytes = maximumBodyBytes
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
        try await send(request("GET", url, timeout))
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
        var request = try request("POST", url, timeout)
        request.httpBody = Data(body)
        request.setValue(contentType, forHTTPHeaderField: "Content-Type")
        return try await send(request)
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
        let answer = try await exchange(request("GET", url, timeout), sink: sink)
        return answer.status
    }

    // MARK: Exchange

    private func request(
        _ method: String,
        _ url: String,
        _ timeout: Duration
    ) throws(HTTPClientError) -> URLRequest {
        guard let address = URL(string: url), let scheme = address.scheme?.lowercased(),
            ["http", "https"].contains(scheme), address.host?.isEmpty == false
        else {
            throw HTTPClientError(
                code: .badAddress,
                reason: "'\(url)' is not an address such as http://host:port/path"
            )
        }
        var request = URLRequest(url: address, cachePolicy: .reloadIgnoringLocalCacheData)
        request.httpMethod = method
        request.timeoutInterval = max(0.001, timeout / .seconds(1))
        return request
    }

    private func send(_ request: URLRequest) async throws(HTTPClientError) -> HTTPAnswer {
        try await exchange(request, sink: MemorySink(limit: maximumBodyBytes))
    }

    private func exchange(
        _ request: URLRequest,
        sink: any AnswerSink
    ) async throws(HTTPClientError) -> HTTPAnswer {
        let exchange = Exchange(sink: sink, url: request.url?.absoluteString ?? "")
        let session = URLSession(configuration: .ephemeral, delegate: exchange, delegateQueue: nil)
        let task = session.dataTask(with: request)
        defer { session.finishTasksAndInvalidate() }
        let result = await withTaskCancellationHandler {
            await exchange.run(task)
        } onCancel: {
            task.cancel()
        }
        return try result.get()
    }
}
