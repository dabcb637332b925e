internal import Finance
internal import Glibc
internal import GridPrograms
internal import GridProtocol
internal import GridSubmission
internal import GridTopics
internal import KafkaClient
internal import Operations
internal import PortfolioFiles

/// `eodservice submit`: checks a portfolio and publishes it as a job.
enum SubmitCommand {
    static let command = Command(
        name: "submit",
        summary: "Checks a portfolio and queues it as a job.",
        arguments: [
            PositionalArgument(name: "PORTFOLIO", help: "trades: .json, .jsonl or .csv")
        ],
        options: JobOptions.all + [
            Option(name: "wait", help: "wait for the job's end, as `eodservice wait`", kind: .flag),
            sendLimit,
            Option(
                name: "report",
                help: "wait for the job's end and print its totals, as `eodservice report`",
                kind: .flag
            ),
        ] + kafkaOptions + ServerOptions.all + CommonOptions.quietLogging
    )

    private static let sendLimit = Option(
        name: "send-limit",
        placeholder: "TIME",
        help: "how long Kafka may accept no batch before the submission is abandoned;"
            + " submitting the job id again resumes it",
        default: "120s",
        kind: .duration
    )

    private static let kafkaOptions =
        CommonOptions.kafka + [CommonOptions.submission] + AggregatorClient.options

    static func run(_ program: Program) async throws -> ExitCode {
        let job: JobID
        if let server = try ServerClient(program) {
            try ServerOptions.refuse(kafkaOptions + [sendLimit], program)
            job = try await submit(program, through: server)
        } else {
            job = try await submit(program)
        }
        try Program.say("\(job)")
        let isReported = program.settings.flag("report")
        guard isReported || program.settings.flag("wait") else { return .success }
        let code = try await WaitCommand.wait(for: job, program)
        if isReported {
            try await ReportCommand.printTotals(of: job, try program.jobsAccess())
        }
        return code
    }

    /// Has compute-manager check and queue the files.
    private static func submit(
        _ program: Program,
        through server: ServerClient
    ) async throws -> JobID {
        let job = try JobOptions.jobID(program)
        // First of all, so that a submission that is killed can be continued.
        Program.complain("job \(job)")
        let receipt = try await ServerSubmission(server: server, progress: ProgressLine())
            .submit(program, job)
        Program.complain(
            receipt.isReplay
                ? "the job was submitted before; nothing was queued"
                : "submitted \(receipt.trades) trades in \(receipt.batches) batches"
        )
        return job
    }

    /// Checks the files and publishes the job on Kafka.
    private static func submit(_ program: Program) async throws -> JobID {
        var kafka = try program.kafkaConfiguration(clientID: "eodservice")
        let limit = program.settings.duration("send-limit")
        kafka.messageTimeout = min(kafka.messageTimeout, limit)
        // Files first: what is wrong with them is said even where no broker answers.
        let job = try JobOptions.job(
            program,
            portfolioPath: program.settings.arguments.first ?? ""
        )
        let created = try await program.topics.createMissing(
            with: kafka,
            replicationFactor: program.settings.int("replication-factor")
        )
        for topic in created { program.logger.info("created topic", [.kafkaTopic: topic]) }
        // First of all, so that a submission that is killed can be continued.
        Program.complain("job \(job.jobID)")
        let producer = try KafkaProducer(configuration: kafka)
        let progress = ProgressLine()
        let outcome: JobSubmitter.Outcome
        do {
            outcome = try await JobSubmitter(
                configuration: kafka,
                topics: program.topics,
                producer: producer,
                delivery: program.delivery,
                limit: limit,
                logger: program.logger
            ).submit(
                job,
                progress: { progress.show("queued \($0.batches) of \($0.of) batches") }
            )
        } catch {
            await producer.close()
            throw error
        }
        await producer.close()
        progress.finish()
        let size = "\(job.tradeCount) trades in \(job.batches.count) batches"
        switch outcome {
        case .submitted: Program.complain("submitted \(size)")
        case .resumed(let there):
            Program.complain(
                "continued an earlier submission: \(there) batches were there; \(size)"
            )
        case .alreadySubmitted: Program.complain("the job was submitted before; nothing was queued")
        }
        return job.jobID
    }
}

/// `eodservice check`: reads a portfolio and a snapshot and says what is wrong with them.
enum CheckCommand {
    static let command = Command(
        name: "check",
        summary: "Checks a portfolio and a market snapshot without queueing anything.",
        arguments: [
            PositionalArgument(name: "PORTFOLIO", help: "trades: .json, .jsonl or .csv")
        ],
        options: JobOptions.all + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let job = try JobOptions.job(
            program,
            portfolioPath: program.settings.arguments.first ?? ""
        )
        try Program.say(
            "\(job.tradeCount) trades in \(job.batches.count) batches on \(job.request.snapshot.name) "
                + "(\(job.request.snapshot.valuationDate)): no problem found"
        )
        return .success
    }
}
