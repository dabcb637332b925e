internal import Foundation
internal import FoundationNetworking
internal import Synchronization

/// One request and its answer: the session's delegate.
///
/// Sendable: all mutable state is in a mutex.
final class Exchange: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private struct State {
        var waiter: CheckedContinuation<Result<HTTPAnswer, HTTPClientError>, Never>?
        var failure: HTTPClientError?
        var status = 0
        var headers: [String: String] = [:]
    }

    private let sink: any AnswerSink
    private let url: String
    private let state = Mutex(State())

    init(sink: any AnswerSink, url: String) {
        self.sink = sink
        self.url = url
    }

    /// Starts the task and waits for its end.
    func run(_ task: URLSessionTask) async -> Result<HTTPAnswer, HTTPClientError> {
        await withCheckedContinuation { waiter in
            state.withLock { $0.waiter = waiter }
            task.resume()
        }
    }

    // MARK: URLSessionDataDelegate

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        let http = response as? HTTPURLResponse
        let status = http?.statusCode ?? 0
        let headers = (http?.allHeaderFields ?? [:]).map { name, value in
            ("\(name)".lowercased(), "\(value)")
        }
        state.withLock {
            $0.status = status
            $0.headers = Dictionary(headers) { $1 }
        }
        let isTaken = attempt { () throws(HTTPClientError) in try sink.begin(status: status) }
        completionHandler(isTaken ? .allow : .cancel)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        guard state.withLock({ $0.failure == nil }) else { return }
        if !attempt({ () throws(HTTPClientError) in try sink.receive(data) }) { dataTask.cancel() }
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        didCompleteWithError error: (any Error)?
    ) {
        var body: [UInt8] = []
        if state.withLock({ $0.failure }) == nil {
            if let error {
                let failure = failure(error)
                state.withLock { $0.failure = failure }
            } else {
                attempt { () throws(HTTPClientError) in body = try sink.finish() }
            }
        }
        let (waiter, result) = state.withLock { state in
            defer { state.waiter = nil }
            guard let failure = state.failure else {
                let answer = HTTPAnswer(status: state.status, headers: state.headers, body: body)
                return (state.waiter, Result<HTTPAnswer, HTTPClientError>.success(answer))
            }
            return (state.waiter, .failure(failure))
        }
        waiter?.resume(returning: result)
    }

    // MARK: Failures

    @discardableResult
    private func attempt(_ body: () throws(HTTPClientError) -> Void) -> Bool {
        do {
            try body()
            return true
        } catch {
            state.withLock { $0.failure = error }
            return false
        }
    }

    private func failure(_ error: any Error) -> HTTPClientError {
        let (code, words): (HTTPClientError.Code, String) =
            switch (error as? URLError)?.code {
            case .cannotConnectToHost: (.unreachable, "connection refused")
            case .cannotFindHost, .dnsLookupFailed: (.unreachable, "no such host")
            case .notConnectedToInternet: (.unreachable, "no network")
            case .timedOut: (.timedOut, "no answer in time")
            case .networkConnectionLost: (.interrupted, "the connection broke")
            case .badServerResponse: (.interrupted, "the answer is not HTTP")
            case .cancelled: (.cancelled, "cancelled")
            case .badURL, .unsupportedURL: (.badAddress, "not an HTTP address")
            default: (.interrupted, error.localizedDescription)
            }
        let verb = code == .unreachable ? "cannot reach" : "cannot get an answer from"
        return HTTPClientError(code: code, reason: "\(verb) \(url): \(words)")
    }
}
