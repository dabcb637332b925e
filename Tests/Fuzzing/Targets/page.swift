import Finance
import Foundation
import GridAPI
import GridProtocol
import GridTopics
import KafkaClient
import Operations
import Scaling
import Synchronization

@testable import GridSubmission
@testable import HTTP
@testable import Manager

/// Makes the API before the first input, which is timed.
@_cdecl("LLVMFuzzerInitialize")
public func prepare(_ count: UnsafeMutableRawPointer, _ words: UnsafeMutableRawPointer) -> CInt {
    _ = Fuzzed.shared
    return 0
}

/// The page's server behind libmicrohttpd.
///
/// The input is a request as text, a line feed at the end of each line. What a stranger cannot make is
/// put in: `@viewer`, `@operator` and `@admin` in a header are tokens, `@cookie` a session's cookie,
/// `@csrf` what goes with it, and a query's `cursor=@TEXT` is signed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let end = input.firstRange(of: [0x0A, 0x0A])
    let head = String(decoding: input[..<(end?.lowerBound ?? count)], as: UTF8.self)
    let body = Array(input[(end?.upperBound ?? count)...])
    guard !asksForMuch(body) else { return -1 }
    Fuzzed.shared.checkHead(head)
    Fuzzed.shared.answer(Fuzzed.shared.request(head, body))
    return 0
}

/// Whether a body asks for so many trades that making them takes long.
private func asksForMuch(_ body: [UInt8]) -> Bool {
    guard let order = try? APIJSON.decoded(JobOrder.self, from: body) else { return false }
    if case .generated(let made) = order.portfolio { return made.trades > 200 }
    return false
}

/// The API with nothing behind it: no broker, no aggregator.
private final class Fuzzed: Sendable {
    static let shared = Fuzzed()
    /// Nobody is slowed down for asking too often.
    private static let people = 60

    private let api: ManagerAPI
    private let sessions: SessionKeeper
    private let session: Session
    private let secrets: [Role: [String]]
    private let asked = Atomic(0)

    private init() {
        let directory = NSTemporaryDirectory() + "fuzz-page-\(getpid())"
        try? FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        let users = mustSucceed("users are kept") { () throws(ManagerError) in
            try UserStore(path: directory + "/users.json", cost: 1)
        }
        let keeper = mustSucceed("sessions are kept") { () throws(ManagerError) in
            try SessionKeeper(keyFile: directory + "/key")
        }
        let uploads = mustSucceed("uploads are kept") { () throws(ManagerError) in
            try UploadStore(directory: directory + "/uploads", limit: 1 << 16, room: 1 << 20)
        }
        var secrets: [Role: [String]] = [:]
        for number in 0..<Self.people {
            for role in Role.allCases where role == .operator_ || number < 10 {
                let secret = mustSucceed("a user is made") { () throws(ManagerError) in
                    let name = "u\(number)-\(role.rawValue)"
                    _ = try users.add(name, role: role)
                    return try users.makeToken("t", of: name, role: role, days: 1).secret
                }
                secrets[role, default: []].append(secret)
            }
        }
        self.secrets = secrets
        sessions = keeper
        session = mustSucceed("a session begins") { () throws(ManagerError) in
            guard let user = users.user("u0-operator") else { throw ManagerError("no user") }
            return try keeper.begin(user, at: Timestamp.now)
        }
        let table = JobTable()
        for number in 0..<20 { table.set(.sample(number)) }
        let logs = LogRing()
        for number in 0..<20 { logs.add(.sample(number)) }
        let hub = EventHub(boot: "boot")
        for number in 0..<20 { hub.publish(row: .sample(number)) }
        guard let limits = ScaleLimits("1..4") else { fatalError("1..4 are limits") }
        let nothing = NoCluster(limits: limits, reason: "a test")
        let (grid, jobs) = (NoGrid(), NoJobs())
        api = ManagerAPI(
            users: users,
            gate: Gate(users: users, sessions: keeper, isSecure: false, hosts: []),
            uploads: uploads,
            maker: JobMaker(uploads: uploads, grid: grid, jobs: jobs, examples: nil),
            desk: SubmissionDesk(grid: grid, logger: .silent),
            grid: grid,
            jobs: AggregatorSource(
                base: "http://127.0.0.1:9",
                client: HTTPClient(),
                table: table,
                hub: hub,
                logger: .silent
            ),
            table: table,
            hub: hub,
            audit: mustSucceed("an audit is there") { () throws(KafkaError) in
                try AuditLog(
                    configuration: KafkaConfiguration(bootstrapServers: "127.0.0.1:9"),
                    topic: "audit",
                    writer: "fuzz",
                    logger: .silent
                )
            },
            logs: logs,
            scaler: nothing,
            cluster: nothing,
            analyst: nil,
            logger: .silent,
            environment: nil
        )
        // From here on it is known that there is no broker, and no change waits for one.
        for _ in 0..<3 {
            answer(
                request("POST /api/v1/jobs/x/cancel\nauthorization: @operator", Array("{}".utf8))
            )
        }
    }

    // MARK: Requests

    /// The request that a text is, as libmicrohttpd hands it over.
    func request(_ head: String, _ body: [UInt8]) -> HTTPRequest {
        let lines = head.split(separator: "\n", omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 1)
        let target = (words.count > 1 ? words[1] : "/").split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for pair in (target.count > 1 ? target[1] : "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            var value = parts.count > 1 ? decoded(parts[1]) : ""
            if value.hasPrefix("@") { value = sessions.signed(String(value.dropFirst())) }
            query[decoded(parts[0])] = value
        }
        var headers: [String: String] = [:]
        for (name, value) in fields(lines) { headers[name.lowercased()] = known(value) }
        return HTTPRequest(
            method: String(words.first ?? "GET"),
            path: decoded(target.first ?? "/"),
            query: query,
            headers: headers,
            body: body,
            peer: "127.0.0.1"
        )
    }

    private func fields(_ lines: [Substring]) -> [(name: String, value: String)] {
        lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
            return (String(parts[0]), String(value))
        }
    }

    private func decoded(_ text: Substring) -> String {
        String(text).removingPercentEncoding ?? String(text)
    }

    private func known(_ value: String) -> String {
        switch value {
        case "@cookie": return "valgrid=" + sessions.cookie(of: session)
        case "@csrf": return sessions.changeToken(of: session)
        case "@viewer", "@operator", "@admin":
            let role = Role(rawValue: String(value.dropFirst())) ?? .viewer
            let all = secrets[role] ?? []
            let number = asked.add(1, ordering: .relaxed).newValue
            return "Bearer " + all[number % all.count]
        default: return value
        }
    }

    // MARK: Checks

    /// What is refused by its head names why, and what is not has one length and one host.
    func checkHead(_ head: String) {
        let fields = fields(head.split(separator: "\n", omittingEmptySubsequences: false))
            .map { (name: $0.name.lowercased(), value: $0.value) }
        for version in ["HTTP/1.1", "HTTP/1.0"]
        where
            HeadCheck.problem(fields, version: version) == nil
        {
            let framing = fields.filter {
                ["content-length", "transfer-encoding"].contains($0.name)
            }
            require(framing.count <= 1, "a body has one length")
            require(fields.count { $0.name == "host" } <= 1, "a request has one host")
        }
        for field in fields where field.name == "range" {
            if case .part(let range) = ByteRange(field.value, of: 1_000) {
                require(!range.isEmpty && range.lowerBound >= 0, "a range has bytes")
                require(range.upperBound <= 1_000, "a range is within the file")
            }
        }
        for field in fields where field.name == "cookie" {
            let session = sessions.session(field.value, at: Timestamp.now)
            require(session == nil, "nobody else makes a session")
        }
    }

    /// Answers as the server does; an answer is sound, and only those who may get one.
    func answer(_ request: HTTPRequest) {
        let response: HTTPResponse?
        switch api.reception(of: request) {
        case .whole: response = api.response(to: request)
        case .refusal(let refusal): response = refusal
        case .upload(let upload):
            let isTaken = request.body.withUnsafeBufferPointer { upload.receive($0) }
            response = isTaken ? upload.finish() : nil
            if !isTaken { upload.abort() }
        }
        guard let response else { return }
        require((200..<600).contains(response.status), "an answer has a status")
        // 500 is a defect of ours, whatever was asked.
        require(response.status != 500, "\(request.method) \(request.path) is answered")
        for (name, value) in response.headers {
            let isClean = (name + value).utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            require(isClean, "the header \(name) has no control characters")
        }
        let isOpen =
            ["/api/v1/session", "/openapi.json"].contains(request.path)
            || !request.path.hasPrefix("/api/v1/")
        let isKnown =
            request.headers["authorization"] != nil || request.headers["cookie"] != nil
        require(isOpen || isKnown || response.status >= 400, "nobody is told nothing")
        switch response.body {
        case .bytes(let bytes):
            guard response.contentType.contains("json"), response.status != 204 else { return }
            let value = try? JSONSerialization.jsonObject(
                with: Data(bytes),
                options: .fragmentsAllowed
            )
            require(value != nil, "JSON is JSON")
        case .stream(let stream):
            _ = stream.next(.zero)
            _ = stream.next(.zero)
            stream.close()
        case .file: break
        }
    }
}

/// An aggregator that is not there.
private struct NoJobs: JobsSource {
    func get(_ path: String, headers: [String: String]) throws(Problem) -> HTTPResponse {
        throw Problem(503, "aggregator_away", "there is none")
    }

    func stream(_ path: String, headers: [String: String]) throws(Problem) -> HTTPResponse {
        try get(path, headers: headers)
    }
}

/// A grid whose Kafka is away.
private struct NoGrid: GridAccess {
    private var away: Problem { Problem(503, "broker_away", "there is none") }

    func submit(_ job: PlannedJob) throws(Problem) -> JobSubmitter.Outcome { throw away }

    func control(_ job: JobID, _ action: JobAction) throws(Problem) { throw away }

    func letters(_ filter: LetterFilter, most: Int) throws(Problem) -> (
        letters: [StoredLetter], total: Int
    ) { throw away }

    func terms(
        of record: RecordPlaceDescription,
        on snapshot: String
    ) throws(Problem) -> (batch: [UInt8], snapshot: [UInt8])? { throw away }

    func record(of job: JobID) throws(Problem) -> JobRecord { throw away }

    func batches(of record: JobRecord) throws(Problem) -> SubmittedBatches { throw away }

    func snapshot(_ id: SnapshotID) throws(Problem) -> MarketSnapshot? { throw away }

    func logs(
        _ filter: LogRing.Filter,
        after place: [Int32: Int64]?,
        most: Int
    ) throws(Problem) -> LogHistory.Page { LogHistory.Page(lines: [], next: place) }

    func snapshots() throws(Problem) -> [StoredSnapshot] { throw away }

    func letter(at place: LetterPlace) throws(Problem) -> StoredLetter? { throw away }

    func redrive(
        _ selection: LetterSelection,
        id: JobID?,
        submitter: String,
        isDry: Bool
    ) throws(Problem) -> (jobs: [RedrivenJob], refusals: [RedriveRefusal]) { throw away }
}

extension JobRow {
    fileprivate static func sample(_ number: Int) -> JobRow {
        JobRow(
            id: "j\(number)",
            state: number.isMultiple(of: 2) ? "complete" : "running",
            priority: "eod",
            portfolio: "p\(number)",
            submitter: "olga",
            snapshot: JobStatus.Snapshot(id: "sha256:0", name: "EOD"),
            valuationDate: "2026-01-15",
            baseCurrency: "EUR",
            metrics: ["NPV"],
            trades: number,
            done: number,
            failed: number % 3,
            expired: 0,
            missing: 0,
            batches: 1,
            batchesPublished: 1,
            batchesDone: 1,
            submittedAt: "2026-01-15T18:00:0\(number % 10).000Z",
            deadline: nil,
            endedAt: nil,
            lastResultAt: nil,
            seconds: Double(number),
            tradesPerSecond: 1,
            isFinal: number.isMultiple(of: 2),
            waitingFor: nil,
            total: nil,
            forecast: nil
        )
    }
}

extension LogEntry {
    fileprivate static func sample(_ number: Int) -> LogEntry {
        LogEntry(
            at: "2026-01-15T18:00:0\(number % 10).000Z",
            level: "info",
            program: "valengine",
            host: "h",
            engine: "e\(number % 3)",
            pid: 1,
            sequence: number,
            message: "line \(number)",
            fields: ["job.id": "j\(number)"],
            dropped: 0
        )
    }
}
