internal import Foundation
internal import Glibc
internal import GridAPI
internal import GridEngine
internal import GridPrograms
internal import GridProtocol
internal import GridSubmission
internal import GridTopics
internal import KafkaClient
internal import Ledger
internal import Operations
internal import Reports

/// Engines and an aggregator in this process.
struct LocalGrid: Sendable {
    private let kafka: KafkaConfiguration
    private let topics: Topics
    private let delivery: DeliveryMode
    private let logger: Logger
    private let engines: [Engine]
    private let service: AggregatorService
    private let group: ServiceGroup
    private let running: RunningGroup
    private let embedded: EmbeddedBroker?
    private let directory: TemporaryDirectory

    init(_ program: Program, embedded: EmbeddedBroker?) async throws {
        let settings = program.settings
        var kafka = KafkaConfiguration(
            bootstrapServers: embedded?.address ?? settings.string("brokers"),
            clientID: "valgrid",
            properties: try program.kafkaProperties()
        )
        if embedded != nil {
            // It answers a waiting fetch only after this time, and forms groups by the session's.
            kafka.fetchWaitMaxMillis = 20
            kafka.sessionTimeoutMillis = 4_000
        }
        topics = program.topics
        self.kafka = kafka
        self.embedded = embedded
        if embedded == nil {
            let created = try await topics.createMissing(
                with: kafka,
                replicationFactor: settings.int("replication-factor")
            )
            for topic in created { program.logger.info("created topic", [.kafkaTopic: topic]) }
        }
        let delivery = program.delivery ?? (embedded == nil ? .exactlyOnce : .atLeastOnce)
        guard embedded == nil || delivery == .atLeastOnce else {
            throw ProgramError(
                .usage,
                "--delivery exactly-once needs a Kafka with transactions: --brokers"
            )
        }
        self.delivery = delivery
        logger = program.logger
        let count = settings.int("engines")
        let share = max(1, Program.cores / count)
        let registry = MetricsRegistry()
        let base = "\(Program.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
        var engines: [Engine] = []
        for number in 1...count {
            let id = "\(base)-\(number)"
            engines.append(
                try Engine(
                    configuration: program.engineConfiguration(
                        engineID: id,
                        kafka: kafka,
                        group: settings.string("group"),
                        pricers: share,
                        delivery: delivery
                    ),
                    logger: program.logger.with([.engineID: id]),
                    registry: registry
                )
            )
        }
        self.engines = engines
        directory = try TemporaryDirectory(prefix: "valgrid-run-")
        let core = try AggregatorCore(
            store: LedgerStore(path: directory.path + "/ledger.sqlite"),
            topics: topics
        )
        service = AggregatorService(
            core: core,
            configuration: kafka,
            topics: topics,
            logger: program.logger,
            registry: registry
        )
        group = ServiceGroup(
            services: [service] + engines.map { EngineService(engine: $0) as any Service },
            logger: program.logger,
            gracePeriod: .seconds(20)
        )
        running = RunningGroup(group)
    }

    /// Submits the job, shows its progress and writes its report, of whatever is there when the
    /// job ends, when the time is up or when a signal comes.
    func value(
        _ job: PlannedJob,
        reportingTo output: String?,
        for program: Program
    ) async throws -> ExitCode {
        let settings = program.settings
        let id = job.request.jobID
        let progress = ProgressLine()
        let limit = settings.duration("timeout")
        let ending = try await withThrowingTaskGroup(of: Ending?.self) { tasks in
            tasks.addTask {
                try await waitForEngines(progress)
                try await submit(job)
                return nil
            }
            tasks.addTask { try await watch(id, progress, limit: limit) }
            tasks.addTask {
                try await running.failure()
                return .interrupted
            }
            while let ending = try await tasks.next() {
                guard let ending else { continue }
                tasks.cancelAll()
                return ending
            }
            return .interrupted
        }
        progress.finish()
        guard let summary = try report(on: id, to: output, CSVDialect(settings)) else {
            throw ProgramError(.incomplete, ending.reason(limit))
        }
        guard case .final = ending else {
            Program.complain("\(program.name): \(ending.reason(limit))")
            return .incomplete
        }
        return summary.exitCode(allowing: settings.flag("allow-failed-trades"))
    }

    /// Ends engines, aggregator and broker.
    func stop() async {
        // The job is over: nobody waits for what pricers still do.
        for engine in engines {
            engine.drain()
            engine.returnToGroup()
        }
        group.triggerShutdown()
        await running.end()
        // The group has given the signals back, and the directory is still there.
        TemporaryDirectory.removeAtSignals()
        await embedded?.shutdown()
    }

    // MARK: Private

    /// Why the run is over.
    private enum Ending {
        case final
        case timedOut
        case interrupted

        func reason(_ limit: Duration) -> String {
            switch self {
            case .final: "the job has ended"
            case .timedOut: "the job has not ended within \(HumanText.duration(limit))"
            case .interrupted: "stopped before the job had ended"
            }
        }
    }

    /// Writes and prints the report; nil when the job has not even been seen.
    ///
    /// Where the report cannot be written its totals are printed all the same, and the ledger is
    /// kept, of which `valgrid report` writes it.
    private func report(
        on job: JobID,
        to output: String?,
        _ csv: CSVDialect
    ) throws -> ReportSummary? {
        guard progress(of: job) != nil else { return nil }
        var writer = ReportWriter(ledgerPath: directory.path + "/ledger.sqlite")
        writer.csv = csv
        let time = service.core.time
        var problem: (any Error)?
        var written: ReportSummary?
        if let output {
            do {
                written = try writer.write(job, to: output, at: time)
            } catch {
                problem = error
            }
        }
        let summary = try written ?? writer.summary(of: job, at: time)
        do {
            try Program.say(terminalReport(summary, width: StandardOutput.terminalWidth))
            if let output, problem == nil { try Program.say("report: \(output)/report.html") }
        } catch {
            // A reader that has gone has seen what it wanted.
            let isLoss = !error.isReaderGone && (output == nil || problem != nil)
            guard isLoss else { throw error }
            problem = problem ?? error
        }
        if let problem {
            directory.keep()
            throw ProgramError(
                .failure,
                "\(problem); the results are kept: `valgrid report \(directory.path) --job-id \(job)"
                    + " --output DIR` writes the report"
            )
        }
        return summary
    }

    private func progress(of job: JobID) -> JobProgress? {
        service.core.progress(of: job, at: WireClock.now())
    }

    /// A consumer group takes seconds to form; the job's clock starts after that.
    private func waitForEngines(_ line: ProgressLine) async throws {
        line.show("starting \(engines.count) engine\(engines.count == 1 ? "" : "s")")
        let limit = Duration.seconds(60)
        let start = ContinuousClock.now
        while !(engines.allSatisfy { $0.trouble == nil } && service.trouble == nil) {
            guard start.duration(to: .now) < limit else {
                throw ProgramError(
                    .unreachable,
                    "the engines did not join their group within \(HumanText.duration(limit))"
                )
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func submit(_ job: PlannedJob) async throws {
        let producer = try KafkaProducer(configuration: kafka)
        let id = job.request.jobID
        let window = AdmissionWindow(limit: embedded == nil ? .max : 32, patience: .seconds(300)) {
            progress(of: id)?.batchesJoined ?? 0
        }
        do {
            _ = try await JobSubmitter(
                configuration: kafka,
                topics: topics,
                producer: producer,
                delivery: delivery,
                logger: logger
            )
            .submit(job, admit: { try await window.admit($0) })
        } catch {
            await producer.close()
            throw error
        }
        await producer.close()
    }

    private func watch(
        _ job: JobID,
        _ line: ProgressLine,
        limit: Duration
    ) async throws -> Ending {
        let start = ContinuousClock.now
        var lastSound = start
        while true {
            if let now = progress(of: job) {
                line.show(Self.text(now))
                if now.isFinal { return .final }
            }
            let trouble = service.trouble
            if trouble == nil { lastSound = .now }
            // A minute of a full disk or no broker will not mend itself here.
            if let trouble, lastSound.duration(to: .now) > .seconds(60) {
                throw ProgramError(.failure, "the job makes no progress: \(trouble)")
            }
            guard start.duration(to: .now) < limit else { return .timedOut }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private static func text(_ progress: JobProgress) -> String {
        var text =
            "\(HumanText.count(progress.done)) of \(HumanText.count(progress.trades)) trades, "
            + "\(progress.failed) failed, \(HumanText.number(progress.tradesPerSecond, digits: 0)) trades/s"
        if let left = progress.secondsLeft {
            text += ", \(HumanText.duration(.seconds(left))) left"
        }
        return text
    }
}
