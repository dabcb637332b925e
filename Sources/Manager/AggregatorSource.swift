internal import Dispatch
internal import GridAPI
public import HTTP
public import Operations
internal import Synchronization

/// The aggregator: answers are passed through, its feed fills the table of jobs.
public final class AggregatorSource: GracefulService, JobsSource {
    /// How the aggregator was last reached.
    struct Reach: Sendable {
        var isReachable = false
        /// Since when, microseconds since 1970 UTC.
        var since = Timestamp.now
        var reason = "not asked yet"
    }

    /// Rows of a snapshot that are shown one by one.
    static let mostShown = 500

    private let base: String
    private let client: HTTPClient
    private let logger: Logger
    private let table: JobTable
    private let hub: EventHub
    private let reach = Mutex(Reach())
    private let stopped = ShutdownSignal()
    private let grid = Mutex<(pulse: GridPulse?, engines: [EngineDescription])>((nil, []))

    init(
        base: String,
        client: HTTPClient,
        table: JobTable,
        hub: EventHub,
        logger: Logger
    ) {
        self.base = base
        self.client = client
        self.table = table
        self.hub = hub
        self.logger = logger
    }

    /// Whether the aggregator answers.
    var reachability: Reach { reach.withLock { $0 } }

    /// What the grid does; nil before the feed said it.
    var pulse: GridPulse? { grid.withLock { $0.pulse } }

    /// The engines that are known.
    var engines: [EngineDescription] { grid.withLock { $0.engines } }

    // MARK: Asking

    /// Asks for a path and returns the answer as it is.
    public func get(_ path: String, headers: [String: String]) throws(Problem) -> HTTPResponse {
        let call = HTTPCall(url: base + path, headers: headers, timeout: .seconds(20))
        let client = client
        let answer = blocking(atMost: .seconds(30)) {
            () async -> Result<HTTPAnswer, HTTPClientError> in
            do throws(HTTPClientError) {
                return .success(try await client.send(call))
            } catch {
                return .failure(error)
            }
        }
        switch answer {
        case .success(let answer): return try Self.response(answer)
        case .failure(let error): throw Self.away(error.reason)
        case nil: throw Self.away("no answer within 30 s")
        }
    }

    /// Asks for a path and hands the answer on as it comes.
    public func stream(_ path: String, headers: [String: String]) throws(Problem) -> HTTPResponse {
        let pipe = BodyPipe()
        let call = HTTPCall(url: base + path, headers: headers, timeout: .seconds(60))
        let client = client
        let task = Task {
            do throws(HTTPClientError) {
                let answer = try await client.stream(call) { head in
                    pipe.begin(head)
                    return true
                } onPart: { part in
                    pipe.write(part)
                }
                pipe.begin(answer)
                pipe.end()
            } catch {
                pipe.fail(error.reason)
            }
        }
        guard let head = pipe.head(within: .seconds(30)) else {
            task.cancel()
            throw Self.away(pipe.failure ?? "no answer within 30 s")
        }
        guard head.status == 200 || head.status == 206 else {
            let body = pipe.rest(atMost: 1 << 20)
            task.cancel()
            return try Self.response(
                HTTPAnswer(status: head.status, headers: head.headers, body: body)
            )
        }
        return HTTPResponse(
            status: head.status,
            contentType: "application/octet-stream",
            headers: Self.passed(head),
            body: .stream(
                HTTPStream(keepAlive: []) {
                    pipe.next(within: $0)
                } close: {
                    pipe.close()
                    task.cancel()
                }
            )
        )
    }

    // MARK: Following

    /// Follows the feed until ``shutdown()``.
    public func run() async throws {
        var place: String?
        var pause = Duration.milliseconds(200)
        while !stopped.isTriggered {
            let begun = ContinuousClock.now
            let reader = FeedReader(onLine: take) { ids in
                self.table.keep(only: ids)
                if ids.count > Self.mostShown { self.hub.lose() }
            }
            let from = place
            let reason = await withTaskGroup(of: String?.self) { group in
                group.addTask { await self.follow(from: from, reader) }
                group.addTask {
                    await self.stopped.wait()
                    return nil
                }
                let first = await group.next() ?? nil
                group.cancelAll()
                return first
            }
            place = reader.place ?? place
            guard !stopped.isTriggered else { return }
            note(false, reason ?? "the feed ended")
            // One that lasted begins anew at once.
            pause = begun.duration(to: .now) > .seconds(10) ? .milliseconds(200) : pause * 2
            pause = min(pause, .seconds(1))
            _ = await stopped.wait(atMost: pause)
        }
    }

    /// Lets ``run()`` return.
    public func shutdown() async { stopped.trigger() }

    // MARK: Private

    private func follow(from place: String?, _ reader: FeedReader) async -> String? {
        let query = place.map { "?since=\($0)" } ?? ""
        let call = HTTPCall(url: base + "/v1/feed" + query, timeout: .seconds(40))
        do throws(HTTPClientError) {
            let answer = try await client.stream(call) { head in
                self.note(head.status == 200, "the aggregator answered \(head.status)")
                return head.status == 200
            } onPart: { part in
                reader.take(part)
            }
            return "the aggregator answered \(answer.status) and ended its feed"
        } catch {
            return error.reason
        }
    }

    /// `number`: of the rows of a snapshot, from 1; nil for a change.
    private func take(_ line: FeedLine, _ number: Int?) {
        switch line.type {
        case .job:
            guard let row = line.row else { return }
            let known = table.set(row)
            // Of a long snapshot pages are told in one word that they must ask anew.
            if number ?? 0 <= Self.mostShown { hub.publish(row: known) }
        case .removed:
            if let id = line.id { table.remove(id) }
        case .grid:
            guard let pulse = line.grid else { return }
            grid.withLock { $0.pulse = pulse }
            hub.publish("grid", topic: "grid", pulse)
        case .engines:
            let items = line.items ?? []
            grid.withLock { $0.engines = items }
            hub.publish("engines", topic: "engines", ["items": items])
        default: break
        }
    }

    private func note(_ isReachable: Bool, _ reason: String) {
        let isNew = reach.withLock { reach in
            let isNew = reach.isReachable != isReachable
            if isNew {
                reach.isReachable = isReachable
                reach.since = Timestamp.now
            }
            reach.reason = reason
            return isNew
        }
        guard isNew else { return }
        if isReachable {
            logger.info("the aggregator answers", [.url: base])
        } else {
            logger.warning("the aggregator does not answer", [.url: base, .error: reason])
        }
    }

    private static func away(_ reason: String) -> Problem {
        Problem(503, "aggregator_away", reason, retryAfter: 5)
    }

    /// The headers that say which part of what a body is.
    private static func passed(_ head: HTTPAnswer) -> [String: String] {
        var headers: [String: String] = [:]
        for (name, key) in [
            ("ETag", "etag"), ("Content-Range", "content-range"),
            ("Accept-Ranges", "accept-ranges"),
        ] {
            headers[name] = head.headers[key]
        }
        return headers
    }

    /// The aggregator's answer in this API's words.
    private static func response(_ answer: HTTPAnswer) throws(Problem) -> HTTPResponse {
        guard answer.status >= 400 else {
            var response = HTTPResponse(
                status: answer.status,
                contentType: answer.headers["content-type"] ?? "application/json",
                body: .bytes(answer.body)
            )
            response.headers = passed(answer)
            return response
        }
        let failure = try? APIJSON.decoded(APIFailure.self, from: answer.body)
        throw Problem(
            answer.status == 401 ? 503 : answer.status,
            answer.status == 401 ? "aggregator_away" : failure?.error.code ?? "not_found",
            failure?.error.message ?? "the aggregator answered \(answer.status)"
        )
    }
}

/// Lines of the feed, as they come in parts.
///
/// Used by one transfer's thread.
private final class FeedReader: Sendable {
    private struct State {
        var rest: [UInt8] = []
        var place: String?
        var snapshot: Set<String>?
    }

    private static let longestLine = 8 << 20

    private let state = Mutex(State())
    private let onLine: @Sendable (FeedLine, Int?) -> Void
    private let onSnapshot: @Sendable (Set<String>) -> Void

    /// Hands over each line, with its number in a snapshot, and at the end of a snapshot the ids of
    /// all jobs there are.
    init(
        onLine: @escaping @Sendable (FeedLine, Int?) -> Void,
        onSnapshot: @escaping @Sendable (Set<String>) -> Void
    ) {
        self.onLine = onLine
        self.onSnapshot = onSnapshot
    }

    /// Where to go on.
    var place: String? { state.withLock { $0.place } }

    /// Takes a part; returns whether more is wanted.
    func take(_ part: [UInt8]) -> Bool {
        state.withLock { state in
            state.rest += part
            var start = 0
            while let end = state.rest[start...].firstIndex(of: 0x0A) {
                let bytes = Array(state.rest[start..<end])
                start = end + 1
                guard !bytes.isEmpty,
                    let line = FeedRowReader.line(bytes)
                        ?? (try? APIJSON.decoded(FeedLine.self, from: bytes))
                else { continue }
                if line.isSnapshot == true { state.snapshot = [] }
                if let id = line.row?.id { state.snapshot?.insert(id) }
                onLine(line, state.snapshot?.count)
                if line.type == .ready, let ids = state.snapshot {
                    onSnapshot(ids)
                    state.snapshot = nil
                }
                // A snapshot that breaks off is begun anew.
                if state.snapshot == nil, let version = line.version { state.place = version }
            }
            state.rest.removeFirst(start)
            return state.rest.count < Self.longestLine
        }
    }
}
