internal import GridAPI
internal import GridPrograms
internal import GridProtocol
internal import GridSubmission
internal import KafkaClient
internal import Operations

private let jobArguments = PositionalArgument(
    name: "JOB",
    help: "job ids, as submit printed them; one that is refused stops those after it",
    isRepeated: true
)

/// Options that only concern Kafka and the aggregator.
private let kafkaOptions = CommonOptions.kafka + AggregatorClient.options

/// `eodservice cancel`: cancels jobs.
enum CancelCommand {
    static let command = Command(
        name: "cancel",
        summary: "Cancels jobs; their reports name the trades that were not priced.",
        discussion: """
            Queued batches are skipped, those that are being priced are stopped. A job that has \
            ended is refused.
            """,
        arguments: [jobArguments],
        options: kafkaOptions + ServerOptions.all + [ServerOptions.reason]
            + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        try await change(program, "cancel") { control, job in
            try await control.cancel(job)
            return "cancelled \(job)"
        } onServer: { _, job in
            "cancelled \(job)"
        }
    }
}

/// `eodservice pause`: holds jobs up.
enum PauseCommand {
    static let command = Command(
        name: "pause",
        summary: "Pauses jobs until they are resumed; other jobs continue.",
        discussion: """
            Batches that are being priced are finished, no further one is begun. The job's deadline \
            goes on during a pause. Pausing a paused job changes nothing.
            """,
        arguments: [jobArguments],
        options: kafkaOptions + ServerOptions.all + [ServerOptions.reason]
            + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        try await change(program, "pause") { control, job in
            try await control.pause(job) ? "paused \(job)" : "\(job) is paused already"
        } onServer: { state, job in
            state != "paused" ? "paused \(job)" : "\(job) is paused already"
        }
    }
}

/// `eodservice resume`: lets paused jobs go on.
enum ResumeCommand {
    static let command = Command(
        name: "resume",
        summary: "Resumes paused jobs; the original deadline still applies.",
        arguments: [jobArguments],
        options: kafkaOptions + ServerOptions.all + [ServerOptions.reason]
            + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        try await change(program, "resume") { control, job in
            try await control.resume(job) ? "resumed \(job)" : "\(job) is not paused"
        } onServer: { state, job in
            state == "paused" ? "resumed \(job)" : "\(job) is not paused"
        }
    }
}

/// Changes jobs that have not ended, and says of each what came of it.
///
/// - Parameters:
///   - program: its settings.
///   - action: what the API calls it.
///   - body: does it on Kafka, and returns what to say.
///   - onServer: what to say when the server has done it, given the job's state before.
/// - Returns: success.
/// - Throws: for the first job that is refused.
private func change(
    _ program: Program,
    _ action: String,
    _ body: (JobControl, JobID) async throws -> String,
    onServer: (_ before: String, JobID) -> String
) async throws -> ExitCode {
    let jobs = try program.jobs()
    if let server = try ServerClient(program) {
        try ServerOptions.refuse(kafkaOptions, program)
        let reason = program.settings.optionalString("reason")
        for job in jobs {
            let status = try await server.status(of: job)
            if let status, status.isFinal {
                throw ProgramError(.usage, "job \(job) has ended: it is \(status.state)")
            }
            try await server.control(job, action, reason: reason)
            Program.complain(onServer(status?.state ?? "", job))
        }
        return .success
    }
    guard !program.settings.isArgument("reason") else {
        throw ProgramError(.usage, "--reason is for --server, which is not given")
    }
    try await withJobControl(program) { control in
        for job in jobs {
            try await refuseEnded(job, program)
            Program.complain(try await body(control, job))
        }
    }
    return .success
}

/// Throws for a job of which the aggregator says that it has ended; an aggregator that does not
/// answer, or does not know the job, has no say.
private func refuseEnded(_ job: JobID, _ program: Program) async throws {
    let status: JobStatus?
    do {
        status = try await AggregatorClient(program).status(of: job)
    } catch {
        program.logger.info("the aggregator was not asked", [.error: "\(error)"])
        return
    }
    guard let status, status.isFinal else { return }
    throw ProgramError(.usage, "job \(job) has ended: it is \(status.state)")
}

private func withJobControl(
    _ program: Program,
    _ body: (JobControl) async throws -> Void
) async throws {
    let kafka = try program.kafkaConfiguration(clientID: "eodservice")
    let producer = try KafkaProducer(configuration: kafka)
    do {
        try await body(
            JobControl(configuration: kafka, topics: program.topics, producer: producer)
        )
        await producer.close()
    } catch {
        await producer.close()
        throw error
    }
}
