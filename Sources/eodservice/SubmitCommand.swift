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
            Option(name: "wait", help: "wait for the job's end, as `eodservice wait`", kind: .flag)
        ] + CommonOptions.kafka + [CommonOptions.submission] + AggregatorClient.options
            + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let kafka = try program.kafkaConfiguration(clientID: "eodservice")
        // Files first: what is wrong with them is said even where no broker answers.
        let request = try JobOptions.request(
            program,
            portfolioPath: program.settings.arguments.first ?? ""
        )
        let job = try PlannedJob(request)
        let created = try await program.topics.createMissing(
            with: kafka,
            replicationFactor: program.settings.int("replication-factor")
        )
        for topic in created { program.logger.info("created topic", [.kafkaTopic: topic]) }
        // First of all, so that a submission that is killed can be continued.
        Program.complain("job \(request.jobID)")
        let producer = try KafkaProducer(configuration: kafka)
        let progress = ProgressLine()
        let outcome: JobSubmitter.Outcome
        do {
            outcome = try await JobSubmitter(
                configuration: kafka,
                topics: program.topics,
                producer: producer,
                delivery: program.delivery,
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
        let size = "\(request.trades.count) trades in \(job.batches.count) batches"
        switch outcome {
        case .submitted: Program.complain("submitted \(size)")
        case .resumed(let there):
            Program.complain(
                "continued an earlier submission: \(there) batches were there; \(size)"
            )
        case .alreadySubmitted: Program.complain("the job was submitted before; nothing was queued")
        }
        print(request.jobID)
        fflush(nil)
        guard program.settings.flag("wait") else { return .success }
        return try await WaitCommand.wait(for: request.jobID, program)
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
        let request = try JobOptions.request(
            program,
            portfolioPath: program.settings.arguments.first ?? ""
        )
        let job = try PlannedJob(request)
        print(
            "\(request.trades.count) trades in \(job.batches.count) batches on \(request.snapshot.name) "
                + "(\(request.snapshot.valuationDate)): no problem found"
        )
        return .success
    }
}
