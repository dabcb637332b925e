import Finance
import Foundation
import GridAPI
import GridProtocol
import GridTopics
import HTTP
import KafkaClient
import KafkaEmbedded
import Operations
import Scaling
import Synchronization
import Testing

@testable import GridSubmission
@testable import Manager

/// A grid that takes every job, and remembers them.
final class FakeGrid: GridAccess {
    let submitted = Mutex<[JobID: Int]>([:])
    let jobs = Mutex<[JobID: PlannedJob]>([:])
    let lines = Mutex<LogHistory.Page>(LogHistory.Page(lines: [], next: nil))
    let dead = Mutex<StoredLetter?>(nil)

    func submit(_ job: PlannedJob) throws(Problem) -> JobSubmitter.Outcome {
        jobs.withLock { $0[job.jobID] = job }
        let count = submitted.withLock { submitted in
            submitted[job.jobID, default: 0] += 1
            return submitted[job.jobID] ?? 0
        }
        return count == 1 ? .submitted : .alreadySubmitted
    }

    func control(_ job: JobID, _ action: JobAction) throws(Problem) {}

    func letters(_ filter: LetterFilter, most: Int) throws(Problem) -> (
        letters: [StoredLetter], total: Int
    ) { ([], 0) }

    func terms(
        of record: RecordPlaceDescription,
        on snapshot: String
    ) throws(Problem) -> (batch: [UInt8], snapshot: [UInt8])? { nil }

    func letter(at place: LetterPlace) throws(Problem) -> StoredLetter? { dead.withLock { $0 } }

    func record(of job: JobID) throws(Problem) -> JobRecord {
        guard let planned = jobs.withLock({ $0[job] }) else {
            throw Problem(404, "unknown_job", "there is no job \(job)")
        }
        return planned.record(state: .submitted, submittedAt: 0)
    }

    func batches(of record: JobRecord) throws(Problem) -> SubmittedBatches {
        let spool = BatchSpool()
        let job = jobs.withLock { jobs in jobs.first { $0.key.rawValue == record.jobID }?.value }
        guard let job else { throw Problem(404, "unknown_job", "there is no such job") }
        do throws(SubmissionError) {
            for position in job.batches.indices {
                let batch = try job.batch(position, submittedAt: 0, queuedAt: 0)
                spool.append(batch.encoded())
            }
        } catch {
            throw Problem(error)
        }
        return SubmittedBatches(
            jobID: record.jobID,
            spool: spool,
            slots: Array(job.batches.indices)
        )
    }

    func snapshot(_ id: SnapshotID) throws(Problem) -> MarketSnapshot? {
        jobs.withLock { $0.values.first { $0.snapshotID == id }?.request.snapshot }
    }

    func snapshots() throws(Problem) -> [StoredSnapshot] {
        jobs.withLock { jobs in
            jobs.values.map { job in
                StoredSnapshot(
                    id: job.snapshotID,
                    name: job.request.snapshot.name,
                    valuationDate: job.request.snapshot.valuationDate,
                    baseCurrency: job.request.snapshot.baseCurrency.rawValue,
                    bytes: job.snapshotBytes.count,
                    sentAt: 0
                )
            }
        }
    }

    func logs(
        _ filter: LogRing.Filter,
        after place: [Int32: Int64]?,
        most: Int
    ) throws(Problem) -> LogHistory.Page { lines.withLock { $0 } }

    func redrive(
        _ selection: LetterSelection,
        id: JobID?,
        submitter: String,
        isDry: Bool
    ) throws(Problem) -> (jobs: [RedrivenJob], refusals: [RedriveRefusal]) { ([], []) }
}

/// An aggregator that gives the same answer to everything.
final class FakeJobs: JobsSource {
    let answer = Mutex<HTTPResponse>(.json([]))
    let asked = Mutex<[String]>([])

    func get(_ path: String, headers: [String: String]) throws(Problem) -> HTTPResponse {
        asked.withLock { $0.append(path) }
        return answer.withLock { $0 }
    }

    func stream(_ path: String, headers: [String: String]) throws(Problem) -> HTTPResponse {
        try get(path, headers: headers)
    }
}

/// The API on an embedded broker, which keeps the audit; without sockets.
struct TestAPI: Sendable {
    let cluster: EmbeddedCluster
    let directory: Directory
    let api: ManagerAPI
    let grid = FakeGrid()
    let users: UserStore
    let sessions: SessionKeeper
    let table = JobTable()
    let logs = LogRing()
    let jobs = FakeJobs()

    init() throws {
        cluster = try EmbeddedCluster()
        let topics = Topics()
        try cluster.createTopic(topics.audit, partitions: 1)
        directory = try Directory()
        users = try UserStore(path: directory.path + "/users.json", cost: 10)
        sessions = try SessionKeeper(keyFile: directory.path + "/key")
        let uploads = try UploadStore(
            directory: directory.path + "/uploads",
            limit: 1 << 20,
            room: 4 << 20
        )
        let kafka = KafkaConfiguration(
            bootstrapServers: cluster.bootstrapServers,
            clientID: "test"
        )
        let hub = EventHub(boot: "boot")
        let nothing = NoCluster(limits: try #require(ScaleLimits("1..4")), reason: "a test")
        api = ManagerAPI(
            users: users,
            gate: Gate(users: users, sessions: sessions, isSecure: false, hosts: ["127.0.0.1"]),
            uploads: uploads,
            maker: JobMaker(uploads: uploads, grid: grid, jobs: jobs, examples: Self.examples),
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
            audit: try AuditLog(
                configuration: kafka,
                topic: topics.audit,
                writer: "test",
                logger: .silent
            ),
            logs: logs,
            scaler: nothing,
            cluster: nothing,
            analyst: nil,
            logger: .silent,
            environment: nil
        )
    }

    static var examples: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/examples"
    }

    /// A token of somebody with a role.
    func token(_ role: Role) throws -> String {
        let name = "u-\(role.rawValue)"
        if users.user(name) == nil { _ = try users.add(name, role: role) }
        return try users.makeToken("t", of: name, role: role, days: 1).secret
    }

    func call(
        _ method: String,
        _ path: String,
        _ headers: [String: String] = [:],
        query: [String: String] = [:],
        body: String = "{}"
    ) throws -> HTTPResponse {
        var all = headers
        all["host"] = "127.0.0.1:8080"
        return try #require(
            api.response(
                to: HTTPRequest(
                    method: method,
                    path: "/api/v1" + path,
                    query: query,
                    headers: all,
                    body: Array(body.utf8),
                    peer: "127.0.0.1"
                )
            )
        )
    }
}
