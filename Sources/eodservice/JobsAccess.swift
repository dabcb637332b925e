internal import GridAPI
internal import GridPrograms
internal import GridProtocol
internal import Operations

/// What commands ask about jobs: the aggregator, or compute-manager in front of it.
protocol JobsAccess: Sendable {
    /// What it is called in sentences.
    var name: String { get }
    /// How long `wait` pauses between two questions.
    var pause: Duration { get }

    /// Returns the state of a job; nil when it is not known (yet).
    func status(of job: JobID) async throws -> JobStatus?
    /// Returns the state of every job.
    func jobs() async throws -> [JobStatus]
    /// Writes a file of a job's report to `path`, its bytes through `rewriting` where that is given.
    func download(
        _ file: String,
        of job: JobID,
        to path: String,
        rewriting: (@Sendable ([UInt8]) -> [UInt8])?
    ) async throws
    /// Returns a small file of a job's report.
    func bytes(_ file: String, of job: JobID) async throws -> [UInt8]
}

extension Program {
    /// Who is asked about jobs, as the options say.
    func jobsAccess() throws -> any JobsAccess {
        try ServerClient(self) ?? AggregatorClient(self)
    }
}

/// Options that reach the grid through compute-manager instead of Kafka.
enum ServerOptions {
    static let all = [
        Option(
            name: "server",
            placeholder: "URL",
            help: "reach the grid through compute-manager's API there, instead of Kafka and the "
                + "aggregator"
        ),
        Option(
            name: "token-file",
            placeholder: "FILE",
            help: "file with the API token for --server, as compute-manager gives it (vg_...); "
                + "only its owner may read the file"
        ),
        Option(
            name: "server-ca-file",
            placeholder: "FILE",
            help: "PEM file of the authorities that are trusted for --server; default: the system's"
        ),
    ]

    /// Why a job is held up or cancelled; compute-manager keeps it.
    static let reason = Option(
        name: "reason",
        placeholder: "TEXT",
        help: "why, for the audit of --server; it asks for it when the job is somebody else's"
    )

    /// Refuses options on the command line that only concern Kafka and the aggregator.
    static func refuse(_ options: [Option], _ program: Program) throws(ProgramError) {
        for option in options where program.settings.isArgument(option.name) {
            throw ProgramError(
                .usage,
                "--\(option.name) has no meaning with --server, which reaches the grid through "
                    + "compute-manager"
            )
        }
    }
}
