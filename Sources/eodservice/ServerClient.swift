internal import Foundation
internal import Glibc
internal import GridAPI
internal import GridPrograms
internal import GridProtocol
internal import HTTP
internal import Operations
internal import PortfolioFiles

/// Asks compute-manager's API.
struct ServerClient: JobsAccess {
    /// A refusal: `application/problem+json`.
    struct Refusal: Decodable {
        struct Line: Decodable {
            var file: String
            var line: Int?
            var column: Int?
            var field: String?
            var message: String
            var expected: String?
        }

        var code: String
        var detail: String
        var problems: [Line]?
        var problemCount: Int?
        var retryAfter: Int?
    }

    /// What a job's row has beyond it.
    struct Details: Decodable {
        var missingBatches: [String]?
        var engines: [String]?
        var duplicates: Int?
        var conflicts: Int?
        var late: Int?
        var strays: Int?
    }

    /// How long a service behind the server that is away is waited for, and too many requests.
    private static let patience = Duration.seconds(60)

    let name = "the server"
    let pause = Duration.milliseconds(500)
    private let base: String
    private let client: HTTPClient

    /// A client as the options say; nil without `--server`.
    ///
    /// - Throws: `ProgramError` when the address or the token cannot be used.
    init?(_ program: Program) throws(ProgramError) {
        let settings = program.settings
        guard var text = settings.optionalString("server"), !text.isEmpty else {
            for name in ["token-file", "server-ca-file"] where settings.isArgument(name) {
                throw ProgramError(.usage, "--\(name) is for --server, which is not given")
            }
            return nil
        }
        while text.hasSuffix("/") { text.removeLast() }
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            throw ProgramError(.usage, "--server: `\(text)` is not http://HOST or https://HOST")
        }
        base = text + "/api/v1"
        var configuration = HTTPClient.Configuration()
        configuration.authorities = settings.optionalString("server-ca-file")
        let token = try Self.token(program)
        configuration.token = { token.text }
        client = HTTPClient(configuration: configuration)
    }

    // MARK: Jobs

    func status(of job: JobID) async throws -> JobStatus? {
        let answer = try await send(HTTPCall(url: "\(base)/jobs/\(job)"))
        guard answer.status != 404 else { return nil }
        let row: JobRow = try decode(answer)
        let details: Details = try decode(answer)
        return JobStatus(row, details)
    }

    func jobs() async throws -> [JobStatus] {
        var jobs: [JobStatus] = []
        var cursor = ""
        while true {
            let answer = try await send(HTTPCall(url: "\(base)/jobs?limit=500\(cursor)"))
            let page: PagedList<JobRow> = try decode(answer)
            jobs += page.items.map { JobStatus($0, Details()) }
            guard let next = page.next else { return jobs }
            cursor = "&cursor=\(next.percentEncoded)"
        }
    }

    func download(
        _ file: String,
        of job: JobID,
        to path: String,
        rewriting: (@Sendable ([UInt8]) -> [UInt8])?
    ) async throws {
        let url = "\(base)/jobs/\(job)/files/\(file)?partial=true"
        do {
            let status = try await client.download(url, toFile: path, rewriting: rewriting)
            guard status != 200 else { return }
        } catch {
            throw ProgramError(error.code == .file ? .failure : .unreachable, error.reason)
        }
        // Asked for again, for the reason that the file's place is not made for.
        _ = try await bytes(file, of: job)
        throw ProgramError(.failure, "the server did not give \(file) of job \(job)")
    }

    func bytes(_ file: String, of job: JobID) async throws -> [UInt8] {
        let answer = try await send(
            HTTPCall(url: "\(base)/jobs/\(job)/files/\(file)?partial=true")
        )
        guard answer.status != 404 else {
            throw ProgramError(.usage, "the server has no report of job \(job)")
        }
        return answer.body
    }

    /// Cancels, pauses or resumes a job.
    func control(_ job: JobID, _ action: String, reason: String?) async throws {
        let body = try APIJSON.line(["reason": reason].compactMapValues { $0 })
        let answer = try await send(
            HTTPCall(
                method: "POST",
                url: "\(base)/jobs/\(job)/\(action)",
                body: .bytes(body, contentType: "application/json")
            )
        )
        guard answer.status != 404 else {
            throw ProgramError(.usage, "the server knows no job \(job)")
        }
    }

    // MARK: Requests

    /// An address below the API's.
    func address(_ path: String) -> String { base + path }

    /// Makes a request; waits when the server asks for that, and for what is away behind it.
    ///
    /// - Returns: an answer of success, or 404.
    /// - Throws: `FileProblems` for files that cannot be used; `ProgramError`.
    func send(_ call: HTTPCall, names: [String: String] = [:]) async throws -> HTTPAnswer {
        let end = ContinuousClock.now + Self.patience
        var isSaid = false
        while true {
            let answer = try await ask(call)
            guard answer.status >= 400, answer.status != 404 else { return answer }
            let refusal = try? APIJSON.decoded(Refusal.self, from: answer.body)
            let pause = Duration.seconds(min(30, max(1, refusal?.retryAfter ?? 1)))
            let mayWait = answer.status == 429 || (answer.status == 503 && call.method != "GET")
            guard mayWait, ContinuousClock.now + pause < end else {
                throw Self.error(answer, refusal, names)
            }
            if !isSaid {
                Program.complain(
                    "the server asks to wait: \(refusal?.detail ?? "it answered \(answer.status)")"
                )
                isSaid = true
            }
            try await Task.sleep(for: pause)
        }
    }

    /// Makes a request once.
    func ask(_ call: HTTPCall) async throws(ProgramError) -> HTTPAnswer {
        do {
            return try await client.send(call)
        } catch {
            throw ProgramError(.unreachable, error.reason)
        }
    }

    func decode<Value: Decodable>(_ answer: HTTPAnswer) throws(ProgramError) -> Value {
        do {
            return try APIJSON.decoded(from: answer.body)
        } catch {
            throw ProgramError(
                .failure,
                "\(base) does not answer as compute-manager does: \(error)"
            )
        }
    }

    // MARK: Private

    private static func error(
        _ answer: HTTPAnswer,
        _ refusal: Refusal?,
        _ names: [String: String]
    ) -> any Error {
        guard let refusal else {
            return ProgramError(.failure, "the server answered \(answer.status)")
        }
        if let lines = refusal.problems, !lines.isEmpty {
            let problems = lines.map { line in
                FileProblem(
                    file: names[line.file] ?? line.file,
                    line: line.line ?? 0,
                    column: line.column,
                    field: line.field ?? "",
                    problem: line.message,
                    expected: line.expected ?? ""
                )
            }
            return FileProblems(problems: problems, total: refusal.problemCount ?? problems.count)
        }
        let code: ExitCode =
            switch answer.status {
            case 401, 403, 429, 502...504: .unreachable
            case 400, 409, 410, 413, 422: .usage
            default: .failure
            }
        let advice = answer.status == 401 ? "; the token may have ended: make another" : ""
        return ProgramError(code, "the server refuses: \(refusal.detail)\(advice)")
    }

    /// Reads the token; its file is for its owner alone.
    private static func token(_ program: Program) throws(ProgramError) -> BearerToken {
        guard let path = program.settings.optionalString("token-file"), !path.isEmpty else {
            throw ProgramError(
                .usage,
                "--server needs --token-file: a token is made on the page under Account, or by "
                    + "POST /api/v1/tokens"
            )
        }
        var facts = stat()
        if stat(path, &facts) == 0, facts.st_mode & 0o077 != 0 {
            throw ProgramError(
                .usage,
                "--token-file: others may read \(path); `chmod 600 \(path)` mends it"
            )
        }
        let option = ServerOptions.all.first { $0.name == "token-file" }
        guard let option, let token = try program.bearerToken(option) else {
            throw ProgramError(.usage, "--token-file: \(path) holds no token")
        }
        return token
    }
}

extension JobStatus {
    /// A status as compute-manager's answers have it.
    fileprivate init(_ row: JobRow, _ details: ServerClient.Details) {
        let left = max(0, row.trades - row.done)
        self.init(
            job: row.id,
            state: row.state,
            priority: row.priority,
            isFinal: row.isFinal,
            waitingFor: row.waitingFor,
            portfolio: row.portfolio,
            submitter: row.submitter,
            snapshot: row.snapshot,
            trades: row.trades,
            done: row.done,
            results: row.done - row.failed,
            failed: row.failed,
            expired: row.expired,
            missing: row.missing,
            batches: row.batches,
            batchesPublished: row.batchesPublished,
            batchesDone: row.batchesDone,
            missingBatches: details.missingBatches ?? [],
            submittedAt: row.submittedAt,
            deadline: row.deadline,
            lastResultAt: row.lastResultAt,
            endedAt: row.endedAt,
            seconds: row.seconds,
            tradesPerSecond: row.tradesPerSecond,
            secondsLeft: row.isFinal || row.tradesPerSecond <= 0
                ? nil : Double(left) / row.tradesPerSecond,
            engines: details.engines ?? [],
            duplicates: details.duplicates ?? 0,
            conflicts: details.conflicts ?? 0,
            late: details.late ?? 0,
            strays: details.strays ?? 0
        )
    }
}
