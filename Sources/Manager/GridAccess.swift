internal import Finance
internal import GridAPI
internal import GridProtocol
internal import GridSubmission
internal import GridTopics
internal import KafkaClient
internal import Operations

/// What is done on Kafka for people: submitting, controlling, re-driving.
protocol GridAccess: Sendable {
    /// Publishes a job; what was published already is left as it is.
    func submit(_ job: PlannedJob) throws(Problem) -> JobSubmitter.Outcome
    /// Cancels, pauses or resumes a job.
    func control(_ job: JobID, _ action: JobAction) throws(Problem)
    /// The dead letters that a filter permits, newest first, and how many there are.
    func letters(_ filter: LetterFilter, most: Int) throws(Problem) -> (
        letters: [StoredLetter], total: Int
    )
    /// What a trade was priced from: its batch's record and the snapshot's; nil when one is gone.
    func terms(
        of record: RecordPlaceDescription,
        on snapshot: String
    ) throws(Problem) -> (batch: [UInt8], snapshot: [UInt8])?
    /// A job's newest record.
    func record(of job: JobID) throws(Problem) -> JobRecord
    /// A job's batches as they were submitted.
    func batches(of record: JobRecord) throws(Problem) -> SubmittedBatches
    /// A snapshot that was sent; nil when it is not in its topic any more.
    func snapshot(_ id: SnapshotID) throws(Problem) -> MarketSnapshot?
    /// Old lines of programs' logs, forward in time.
    func logs(
        _ filter: LogRing.Filter,
        after place: [Int32: Int64]?,
        most: Int
    ) throws(Problem) -> LogHistory.Page
    /// The snapshots that are in their topic, newest first.
    func snapshots() throws(Problem) -> [StoredSnapshot]
    /// One dead letter.
    func letter(at place: LetterPlace) throws(Problem) -> StoredLetter?
    /// The jobs that dead letters become, and the letters that cannot be priced again.
    func redrive(
        _ selection: LetterSelection,
        id: JobID?,
        submitter: String,
        isDry: Bool
    ) throws(Problem) -> (jobs: [RedrivenJob], refusals: [RedriveRefusal])
}

/// What somebody may do to a job.
enum JobAction: String, Codable, Sendable, CaseIterable {
    case cancel
    case pause
    case resume
}

/// The grid on a Kafka.
struct KafkaGrid: GridAccess {
    let configuration: KafkaConfiguration
    let topics: Topics
    let producer: KafkaProducer
    let delivery: DeliveryMode?
    let logger: Logger
    /// Waits until a broker that keeps little has room for a batch of a job.
    let admit: @Sendable (_ job: JobID, _ position: Int) async throws -> Void

    func submit(_ job: PlannedJob) throws(Problem) -> JobSubmitter.Outcome {
        let submitter = JobSubmitter(
            configuration: configuration,
            topics: topics,
            producer: producer,
            delivery: delivery,
            limit: .seconds(60),
            logger: logger
        )
        return try run(.seconds(3_600)) {
            try await submitter.submit(job, admit: { try await admit(job.jobID, $0) })
        }
    }

    func control(_ job: JobID, _ action: JobAction) throws(Problem) {
        let control = JobControl(configuration: configuration, topics: topics, producer: producer)
        try run(.seconds(30)) {
            switch action {
            case .cancel: try await control.cancel(job)
            case .pause: _ = try await control.pause(job)
            case .resume: _ = try await control.resume(job)
            }
        }
    }

    func letters(_ filter: LetterFilter, most: Int) throws(Problem) -> (
        letters: [StoredLetter], total: Int
    ) {
        let log = DeadLetterLog(configuration: configuration, topics: topics)
        return try run(.seconds(30)) {
            var letters: [StoredLetter] = []
            var total = 0
            try await log.letters(filter) { letter in
                total += 1
                // A letter has its batch with it: only the newest are held.
                letters.append(letter)
                if letters.count > 2 * most { letters.removeFirst(most) }
            }
            return (Array(letters.suffix(most).reversed()), total)
        }
    }

    func terms(
        of record: RecordPlaceDescription,
        on snapshot: String
    ) throws(Problem) -> (batch: [UInt8], snapshot: [UInt8])? {
        let log = TermsLog(configuration: configuration, topics: topics)
        return try run(.seconds(20)) {
            guard let id = SnapshotID(rawValue: snapshot),
                let batch = try await log.batch(
                    in: Int32(clamping: record.partition),
                    of: record.topic,
                    at: Int64(record.offset)
                ),
                let market = try await log.snapshot(id)
            else { return nil }
            return (batch, market)
        }
    }

    func record(of job: JobID) throws(Problem) -> JobRecord {
        let trades = SubmittedTrades(configuration: configuration, topics: topics)
        return try run(.seconds(20)) { try await trades.record(of: job) }
    }

    func batches(of record: JobRecord) throws(Problem) -> SubmittedBatches {
        let trades = SubmittedTrades(configuration: configuration, topics: topics)
        return try run(.seconds(120)) { try await trades.batches(of: record) }
    }

    func snapshot(_ id: SnapshotID) throws(Problem) -> MarketSnapshot? {
        let log = SnapshotLog(configuration: configuration, topics: topics)
        return try run(.seconds(20)) { try await log.snapshot(id) }
    }

    func logs(
        _ filter: LogRing.Filter,
        after place: [Int32: Int64]?,
        most: Int
    ) throws(Problem) -> LogHistory.Page {
        let history = LogHistory(configuration: configuration, topic: topics.logs)
        return try run(.seconds(20)) {
            try await history.page(filter, after: place, most: most)
        }
    }

    func snapshots() throws(Problem) -> [StoredSnapshot] {
        let log = SnapshotLog(configuration: configuration, topics: topics)
        return try run(.seconds(30)) { try await log.snapshots() }
    }

    func letter(at place: LetterPlace) throws(Problem) -> StoredLetter? {
        let log = DeadLetterLog(configuration: configuration, topics: topics)
        return try run(.seconds(20)) { try await log.letter(at: place) }
    }

    func redrive(
        _ selection: LetterSelection,
        id: JobID?,
        submitter: String,
        isDry: Bool
    ) throws(Problem) -> (jobs: [RedrivenJob], refusals: [RedriveRefusal]) {
        let log = DeadLetterLog(configuration: configuration, topics: topics)
        let queue = RedriveQueue(
            configuration: configuration,
            topics: topics,
            delivery: delivery,
            logger: logger
        )
        return try run(.seconds(120)) {
            let plan = try await selection.plan(from: log, topics: topics)
            let jobs = try await queue.jobs(
                of: plan,
                jobID: id,
                timeLimit: .seconds(12 * 3_600),
                submitter: submitter
            )
            if !isDry { try await queue.submit(jobs) { _, _ in } }
            return (jobs, plan.refusals)
        }
    }

    /// Runs on Kafka for a caller that waits, and turns failures into problems.
    @discardableResult
    private func run<Value: Sendable>(
        _ limit: Duration,
        _ body: @escaping @Sendable () async throws -> Value
    ) throws(Problem) -> Value {
        let result = blocking(atMost: limit) { () async -> Result<Value, Problem> in
            do {
                return .success(try await body())
            } catch let error as SubmissionError {
                return .failure(Problem(error))
            } catch let error as KafkaError {
                return .failure(
                    Problem(503, "broker_away", error.reason, retryAfter: 5)
                )
            } catch {
                return .failure(Problem(503, "broker_away", "\(error)", retryAfter: 5))
            }
        }
        guard let result else {
            throw Problem(503, "broker_away", "Kafka did not answer in time", retryAfter: 5)
        }
        return try result.get()
    }
}

extension Problem {
    init(_ error: SubmissionError) {
        switch error.code {
        case .jobExists: self.init(409, "job_exists", error.reason)
        case .kafka: self.init(503, "broker_away", error.reason, retryAfter: 5)
        case .cancelled: self.init(409, "not_possible", error.reason)
        default:
            self.init(
                error.reason.hasPrefix("there is no job") ? 404 : 409,
                error.reason.hasPrefix("there is no job") ? "unknown_job" : "not_possible",
                error.reason
            )
        }
    }
}
