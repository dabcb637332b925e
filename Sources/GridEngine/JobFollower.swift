internal import GridProtocol
internal import GridTopics
internal import KafkaClient
internal import Synchronization

/// Reads the jobs topic for an engine, and kills the pricers of cancelled jobs.
final class JobFollower: Sendable {
    /// A batch that is being priced.
    struct Ticket: Hashable, Sendable {
        fileprivate var number: UInt64
    }

    private struct Work {
        var job: String
        var lease: PricerLease
        var isStopped = false
    }

    private struct State {
        var table = JobHoldTable()
        /// Whether the end of the topic was reached once.
        var isRead = false
        var work: [Ticket: Work] = [:]
        var lastTicket: UInt64 = 0
    }

    /// How long the topic may take to be read for the first time.
    private static let patience = Duration.seconds(120)
    /// How often cancelled batches are searched for again: a pricer that is being started cannot be
    /// killed yet.
    private static let interval = Duration.milliseconds(200)
    /// How many parked records are examined, each time a pricer takes its next batch.
    private static let lookahead = 32

    private let topic: String
    private let open: OpenReader
    private let clock: EngineClock
    private let state = Mutex(State())

    /// Makes a follower that has read nothing.
    ///
    /// - Parameters:
    ///   - topic: the topic of jobs; it has one partition.
    ///   - open: opens a reader of the topic.
    ///   - clock: the time it goes by.
    init(topic: String, open: @escaping OpenReader, clock: EngineClock = .system) {
        self.topic = topic
        self.open = open
        self.clock = clock
    }

    /// Whether the state of every job is known; before that no batch may be taken.
    var isRead: Bool { state.withLock { $0.isRead } }

    /// The offset of the newest record that was read.
    var position: Int64 { state.withLock { $0.table.position } }

    /// Reads the topic until the task is cancelled; `changed` is called after each change.
    ///
    /// - Throws: ``EngineError`` when the topic's end is not reached in time.
    func run(changed: @Sendable () -> Void) async throws {
        let reader = try open([TopicPartition(topic: topic, partition: 0): .beginning])
        do {
            try await follow(reader, changed)
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
    }

    /// Returns what is to be done with a job's batches.
    func standing(of job: String) -> JobHoldTable.Standing {
        state.withLock { $0.table.standing(of: job, at: WireClock.now()) }
    }

    /// Whether the first of the waiting parked records may be taken.
    func isDue(_ waiting: [ConsumedRecord]) -> Bool {
        state.withLock { state in
            guard state.isRead else { return false }
            let parked = waiting.prefix(Self.lookahead).map { JobHoldTable.Parked($0) }
            return state.table.isDue(parked, at: WireClock.now())
        }
    }

    /// Notes that a pricer begins to work for a job.
    func begin(_ job: String, with lease: PricerLease) -> Ticket {
        state.withLock { state in
            state.lastTicket += 1
            let ticket = Ticket(number: state.lastTicket)
            state.work[ticket] = Work(job: job, lease: lease)
            return ticket
        }
    }

    /// Notes that it has ended its work; after that it is not killed.
    ///
    /// - Returns: whether it was killed.
    func end(_ ticket: Ticket) -> Bool {
        state.withLock { $0.work.removeValue(forKey: ticket)?.isStopped ?? false }
    }

    // MARK: Private

    private func follow(_ reader: any PartitionReader, _ changed: @Sendable () -> Void) async throws
    {
        let start = clock.now()
        while !Task.isCancelled {
            let records = try await reader.nextBatch(maximum: 256, within: Self.interval)
            let isAtEnd = reader.isAtEnd && !reader.brokersDown
            let isNews = state.withLock { state in
                for record in records { state.table.note(record) }
                state.table.forget(at: WireClock.now())
                let isNews = !records.isEmpty || (isAtEnd && !state.isRead)
                if isAtEnd { state.isRead = true }
                stopCancelled(&state)
                return isNews
            }
            if isNews { changed() }
            guard isRead || start.duration(to: clock.now()) < Self.patience else {
                throw EngineError(
                    "cannot read \(topic), which has the cancelled and paused jobs, within "
                        + "\(Self.patience)"
                )
            }
        }
    }

    /// Under the lock: a pricer is killed only while it is known to work for the job.
    private func stopCancelled(_ state: inout State) {
        let now = WireClock.now()
        for (ticket, work) in state.work
        where state.table.standing(of: work.job, at: now) == .cancelled {
            state.work[ticket]?.isStopped = true
            work.lease.pricer?.kill()
        }
    }
}

extension JobHoldTable {
    /// Takes a record of the jobs topic; one that cannot be decoded changes no job, and is in the
    /// aggregator's dead letters.
    fileprivate mutating func note(_ record: ConsumedRecord) {
        let job = record.key.map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let value = record.value else { return note(job, nil, at: record.offset) }
        guard let decoded = try? JobRecord.decode(value) else { return }
        note(decoded.jobID, decoded, at: record.offset)
    }
}
