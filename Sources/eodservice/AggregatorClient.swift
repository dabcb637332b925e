internal import GridAPI
internal import GridPrograms
internal import GridProtocol
internal import HTTP
internal import Operations

/// Asks the aggregator about jobs.
struct AggregatorClient: JobsAccess {
    static let options: [Option] = [
        Option(
            name: "aggregator",
            placeholder: "URL",
            help: "where the aggregator serves jobs",
            default: "http://127.0.0.1:8000"
        ), CommonOptions.aggregatorToken,
    ]

    let name = "the aggregator"
    let pause = Duration.milliseconds(200)
    private let base: String
    private let client: HTTPClient

    init(_ program: Program) throws(ProgramError) {
        var text = program.settings.string("aggregator")
        while text.hasSuffix("/") { text.removeLast() }
        base = text
        let token = try program.bearerToken(CommonOptions.aggregatorToken)
        var configuration = HTTPClient.Configuration()
        configuration.token = { token?.text }
        client = HTTPClient(configuration: configuration)
    }

    func status(of job: JobID) async throws -> JobStatus? {
        let answer = try await get("/jobs/\(job)")
        if answer.status == 404 { return nil }
        return try decode(answer.body)
    }

    func jobs() async throws -> [JobStatus] {
        var jobs: [JobStatus] = []
        var after = ""
        while true {
            let list: JobList = try decode(try await get("/jobs\(after)").body)
            jobs += list.jobs
            guard let next = list.next else { return jobs }
            after = "?after=\(next)"
        }
    }

    /// Returns every engine that is known, and the bytes that say so.
    func engines() async throws -> (engines: [EngineDescription], json: [UInt8]) {
        let answer = try await get("/engines")
        return (try decode(answer.body), answer.body)
    }

    func download(
        _ file: String,
        of job: JobID,
        to path: String,
        rewriting: (@Sendable ([UInt8]) -> [UInt8])?
    ) async throws {
        do {
            let status = try await client.download(
                "\(base)/jobs/\(job)/\(file)?partial=true",
                toFile: path,
                rewriting: rewriting
            )
            guard status != 404 else {
                throw ProgramError(.usage, "the aggregator has no report of job \(job)")
            }
            guard status == 200 else {
                // Asked for again, for the reason that the file's place is not made for.
                _ = try await get("/jobs/\(job)/\(file)?partial=true")
                throw ProgramError(.failure, "the aggregator answered \(status) for \(file)")
            }
        } catch let error as HTTPClientError {
            throw ProgramError(error.code == .file ? .failure : .unreachable, error.reason)
        }
    }

    func bytes(_ file: String, of job: JobID) async throws -> [UInt8] {
        let answer = try await get("/jobs/\(job)/\(file)?partial=true")
        guard answer.status == 200 else {
            throw ProgramError(.usage, "the aggregator has no report of job \(job)")
        }
        return answer.body
    }

    // MARK: Private

    private func get(_ path: String) async throws -> (status: Int, body: [UInt8]) {
        do {
            let answer = try await client.get(base + path, timeout: .seconds(10))
            guard answer.status < 500, answer.status != 401 else {
                let reason = Self.reason(answer.body).map { ": \($0)" } ?? ""
                throw ProgramError(
                    .failure,
                    "the aggregator answered \(answer.status) for \(path)\(reason)"
                )
            }
            return (answer.status, answer.body)
        } catch let error as HTTPClientError {
            throw ProgramError(.unreachable, error.reason)
        }
    }

    /// Why the aggregator refuses, if it says so.
    private static func reason(_ body: [UInt8]) -> String? {
        let failure = try? APIJSON.decoded(APIFailure.self, from: body)
        return failure?.error.message
    }

    private func decode<Value: Decodable>(_ body: [UInt8]) throws -> Value {
        do throws(APIJSON.Problem) {
            return try APIJSON.decoded(from: body)
        } catch {
            throw ProgramError(.failure, "\(base) does not answer as an aggregator does: \(error)")
        }
    }
}
