package import Finance
internal import Foundation
package import GridEngine
package import GridProtocol
package import GridSubmission
internal import GridTopics
package import KafkaClient
internal import KafkaEmbedded
package import Ledger
internal import Operations
internal import PortfolioFiles
internal import Reports
internal import Synchronization

/// Engines, an aggregator and submissions in this process, on topics of their own on an embedded broker.
///
/// All grids of a process share one broker, so that none has to wait for another's start. What the
/// broker cannot show, transactions above all, is not for it.
package final class EmbeddedGrid: Sendable {
    private struct State {
        var aggregator: EmbeddedAggregator?
        var engines: [EmbeddedEngine] = []
    }

    /// The broker; it ends with the process.
    private static let cluster = Result { () throws(KafkaError) in try EmbeddedCluster() }
    /// How many grids there are at a time: each has clients that ask the broker all the time.
    private static let gate = Gate(6)

    package let topics: Topics
    package let kafka: KafkaConfiguration
    package let scratch: Scratch
    /// The lines that the grid's parts have logged.
    package let log = LineLog()
    private let state = Mutex(State())

    /// Runs `body` with a grid of which nothing runs yet; whatever it started ends after it.
    package static func with<Value>(_ body: (EmbeddedGrid) async throws -> Value) async throws
        -> Value
    {
        await gate.enter()
        do {
            let grid = try EmbeddedGrid()
            do {
                let value = try await body(grid)
                await grid.end()
                await gate.leave()
                return value
            } catch {
                await grid.end()
                throw error
            }
        } catch {
            await gate.leave()
            throw error
        }
    }

    private init() throws {
        let cluster = try Self.cluster.get()
        scratch = try Scratch()
        var topics = Topics(prefix: "t\(UUID().uuidString.prefix(8)).")
        topics.batchPartitions = 4
        topics.resultPartitions = 2
        self.topics = topics
        for topic in topics.all {
            try cluster.createTopic(topic.name, partitions: topic.partitions)
        }
        var kafka = KafkaConfiguration(bootstrapServers: cluster.bootstrapServers, clientID: "test")
        // It answers a waiting fetch only after this time, and forms groups by the session's.
        kafka.fetchWaitMaxMillis = 20
        kafka.sessionTimeoutMillis = 4_000
        self.kafka = kafka
    }

    // MARK: - The aggregator

    /// Starts an aggregator on the grid's ledger, and waits until it has read what there is.
    @discardableResult
    package func startAggregator() async throws -> EmbeddedAggregator {
        let aggregator = try EmbeddedAggregator(
            ledger: scratch.path("ledger.sqlite"),
            kafka: kafka,
            topics: topics,
            logger: log.logger("aggregator")
        )
        state.withLock { $0.aggregator = aggregator }
        do {
            try await eventually("the aggregator is ready", within: .seconds(60)) {
                aggregator.service.trouble == nil && aggregator.watch.isUpToDate
            }
        } catch {
            let reason = aggregator.service.trouble ?? "heartbeats are not read"
            throw TestBedError("\(error) (\(reason)): \(log.text.suffix(2_000))")
        }
        return aggregator
    }

    /// Stops the aggregator, as SIGTERM does; its ledger stays.
    package func stopAggregator() async {
        let aggregator = state.withLock { $0.aggregator.take() }
        await aggregator?.stop()
    }

    /// The aggregator that runs.
    package var aggregator: EmbeddedAggregator {
        get throws {
            guard let aggregator = state.withLock({ $0.aggregator }) else {
                throw TestBedError("there is no aggregator")
            }
            return aggregator
        }
    }

    // MARK: - Engines

    /// Starts an engine whose pricers are the program `pricer`.
    ///
    /// - Parameters:
    ///   - script: what its pricers do wrong, as `pricer --script` reads it.
    ///   - isReady: whether to wait until it is in its group.
    ///   - configure: changes the engine's configuration.
    /// - Returns: the engine.
    /// - Throws: ``TestBedError`` when it is not in its group in time.
    @discardableResult
    package func startEngine(
        script: String? = nil,
        isReady: Bool = true,
        _ configure: (inout EngineConfiguration) -> Void = { _ in }
    ) async throws -> EmbeddedEngine {
        let number = state.withLock { $0.engines.count + 1 }
        let name = "engine-\(number)"
        var arguments = ["--memory-limit", "1024", "--allow-test-trades"]
        if let script {
            arguments += ["--script", try scratch.write(script, to: "\(name).script")]
        }
        var configuration = EngineConfiguration(
            engineID: name,
            host: "here",
            topics: topics,
            kafka: kafka,
            group: "\(topics.prefix)engines",
            pricers: 1,
            pricer: PricerConfiguration(path: Programs.path("pricer"), arguments: arguments),
            // A test that holds a batch holds it for as long as it takes on a busy machine.
            limits: PricingLimits(base: .seconds(200)),
            delivery: .atLeastOnce
        )
        configuration.heartbeatInterval = .milliseconds(200)
        configure(&configuration)
        let engine = try EmbeddedEngine(configuration, logger: log.logger(name))
        state.withLock { $0.engines.append(engine) }
        guard isReady else { return engine }
        try await eventually("\(name) is in its group", within: .seconds(60)) {
            if let failure = engine.failure { throw failure }
            return engine.engine.trouble == nil
        }
        return engine
    }

    /// The pricers of engines with a script, as they run now.
    package var pricers: [Int32] {
        ProcessFacts.children(of: getpid()).filter { pid in
            let command = (try? ProcessFacts.bytes(of: "cmdline", of: pid)) ?? []
            return String(decoding: command, as: UTF8.self).contains(scratch.url.path)
        }
    }

    // MARK: - Jobs

    /// Submits a portfolio on a snapshot, both as files have them.
    ///
    /// - Returns: whether the job is new, was continued or had been there.
    /// - Throws: `SubmissionError`; what is wrong with the files.
    @discardableResult
    package func submit(
        _ portfolio: String,
        market: String,
        metrics: [Metric] = [.npv],
        job: String,
        batchSize: Int = 100,
        priority: JobPriority = .eod,
        timeLimit: Duration? = .seconds(3_600),
        admit: @escaping @Sendable (Int) async throws -> Void = { _ in }
    ) async throws -> JobSubmitter.Outcome {
        let request = JobRequest(
            jobID: try Self.id(job),
            portfolioName: job,
            trades: try readPortfolio(at: portfolio).trades,
            snapshot: try readSnapshot(at: market),
            metrics: metrics,
            limits: BatchLimits(trades: batchSize, predictedTime: .seconds(3_600)),
            timeLimit: timeLimit,
            priority: priority
        )
        let job = try PlannedJob(request)
        return try await withProducer { producer in
            try await JobSubmitter(
                configuration: kafka,
                topics: topics,
                producer: producer,
                delivery: .atLeastOnce,
                logger: log.logger("submission")
            ).submit(job, admit: admit)
        }
    }

    /// Does something with a job that was submitted: cancel, pause, resume.
    package func control<Value>(
        _ body: (JobControl) async throws -> Value
    ) async throws -> Value {
        try await withProducer { producer in
            try await body(
                JobControl(configuration: kafka, topics: topics, producer: producer)
            )
        }
    }

    /// How a job stands; nil when the aggregator does not know it.
    package func progress(of job: String) throws -> JobProgress? {
        try aggregator.core.progress(of: try Self.id(job), at: WireClock.now())
    }

    /// How many batches of a job have been joined.
    package func batchesJoined(_ job: String) throws -> Int {
        try progress(of: job)?.batchesJoined ?? 0
    }

    /// Waits until a job is in a phase.
    package func awaitPhase(
        _ phase: JobPhase,
        of job: String,
        within limit: Duration = .seconds(60)
    ) async throws {
        try await eventually("\(job) is \(phase)", within: limit) {
            try progress(of: job)?.phase == phase
        }
    }

    /// Waits for a job's end and returns its report.
    package func report(_ job: String, within limit: Duration = .seconds(60)) async throws
        -> Report
    {
        try await eventually("\(job) has ended", within: limit) {
            try progress(of: job)?.isFinal ?? false
        }
        let directory = scratch.url.appendingPathComponent("report-\(job)")
        let core = try aggregator.core
        _ = try ReportWriter(ledgerPath: core.store.path)
            .write(try Self.id(job), to: directory.path, at: core.time)
        return try Report(directory)
    }

    /// The dead letters so far; those of one job, once there are so many.
    package func deadLetters(
        of job: String? = nil,
        expecting count: Int = 0
    ) async throws -> [StoredLetter] {
        let filter = LetterFilter(jobID: try job.map(Self.id), cause: nil)
        let log = DeadLetterLog(configuration: kafka, topics: topics)
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let letters = Mutex<[StoredLetter]>([])
            try await log.letters(filter) { letter in letters.withLock { $0.append(letter) } }
            let found = letters.withLock { $0 }
            if found.count >= count { return found }
            guard ContinuousClock.now < deadline else {
                throw TestBedError("\(found.count) of \(count) dead letters")
            }
        }
    }

    /// Runs `body` with a producer of the grid's broker.
    package func withProducer<Value>(
        _ body: (KafkaProducer) async throws -> Value
    ) async throws -> Value {
        let producer = try KafkaProducer(configuration: kafka)
        do {
            let value = try await body(producer)
            await producer.close()
            return value
        } catch {
            await producer.close()
            throw error
        }
    }

    // MARK: - Private

    private static func id(_ text: String) throws -> JobID {
        guard let id = JobID(rawValue: text) else { throw TestBedError("`\(text)` is no job id") }
        return id
    }

    private func end() async {
        let (engines, aggregator) = state.withLock { ($0.engines, $0.aggregator) }
        await withDiscardingTaskGroup { group in
            for engine in engines {
                group.addTask { _ = try? await engine.stop(within: .zero) }
            }
            if let aggregator { group.addTask { await aggregator.stop() } }
        }
    }
}
