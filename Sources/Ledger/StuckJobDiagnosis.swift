public import GridProtocol

/// Records that were gone before the ledger had read them.
public struct RecordLoss: Hashable, Sendable {
    /// The partition.
    public var source: SourcePartition
    /// The offsets.
    public var offsets: Range<Int64>
    /// When it was noticed, microseconds since 1970 UTC.
    public var noticedAt: Int64
}

/// Jobs whose batches go before those of another.
public struct JobsAhead: Hashable, Sendable {
    /// Their published batches without a result.
    public var batches = 0
    /// How many jobs they are.
    public var count = 0
    /// The oldest of them; nil when there is none.
    public var first: JobID?
}

/// What is known of a job that may be stuck, at one moment.
struct WaitingFacts: Sendable {
    /// The progress of the job by the ledger.
    var progress: JobProgress
    /// Whether the job's snapshot is in its topic.
    var hasSnapshot = true
    /// What is priced before it.
    var ahead = JobsAhead()
    /// What retention removed, oldest first.
    var losses: [RecordLoss] = []
    /// Why the ledger is not up to date; nil when it is.
    var trouble: String?
    /// What holds results back; nil when nothing does.
    var held: String?
    /// The topic of batches.
    var batchesTopic = ""
    /// The topic of results.
    var resultsTopic = ""
    /// Partitions of that topic; 0 when not known.
    var partitions = 0
    /// The engines; nil when they are not known.
    var engines: [EngineStatus]?
    /// Microseconds since 1970 UTC.
    var now: Int64
}

/// Says in one sentence what a job waits for, the most specific reason first.
///
/// It describes the present and uses heartbeats, which are not stored: a report of a job that has
/// ended says only what the ledger says.
struct StuckJobDiagnosis: Sendable {
    /// A job without progress for less than this is not reported; seconds.
    static let patience = 10.0

    private let facts: WaitingFacts
    private let progress: JobProgress

    init(_ facts: WaitingFacts) {
        self.facts = facts
        progress = facts.progress
    }

    /// The reason; nil for a job that is proven complete.
    var sentence: String? {
        guard let incompletenessReason = progress.reason else { return nil }
        guard !progress.isFinal else { return incompletenessReason }
        let reasons: [String?] = [
            notUpToDate, paused, submission, heldBack, unpublished, snapshot, noEngine, silentWork,
            slowWork,
            lostResults, jobsAhead, unowned, quietResults,
        ]
        return reasons.compactMap { $0 }.first ?? incompletenessReason
    }

    // MARK: The reasons

    private var notUpToDate: String? {
        facts.trouble.map { "the aggregator is not up to date: \($0)" }
    }

    private var paused: String? {
        guard progress.phase == .paused else { return nil }
        return "it is paused, with \(progress.batchesJoined) of \(progress.batches) batches done: "
            + "`eodservice resume \(progress.job)` resumes it; its deadline still applies"
    }

    private var submission: String? {
        guard progress.phase == .submitting else { return nil }
        let count = "\(progress.batchesPublished) of \(progress.batches) batches are published"
        let still = seconds(since: max(progress.lastPublishedAt, progress.submittedAt))
        guard still >= Self.patience else { return "being submitted: \(count)" }
        return "its submission has made no progress for \(Self.text(still)): \(count); "
            + "submit it again to resume it"
    }

    private var heldBack: String? {
        guard quiet >= Self.patience else { return nil }
        return facts.held.map { "\(count); \($0)" }
    }

    private var unpublished: String? {
        let missing = progress.batches - progress.batchesPublished
        guard missing > 0,
            progress.batchesJoined >= progress.batchesPublished || quiet >= Self.patience
        else { return nil }
        let what = "\(missing) of \(progress.batches) batches are not in \(facts.batchesTopic)"
        if let loss = loss(of: facts.batchesTopic) { return "\(what): \(loss)" }
        return "\(what), although the job was submitted; submit it again to add them"
    }

    private var snapshot: String? {
        guard !facts.hasSnapshot, progress.batchesJoined == 0 || quiet >= Self.patience else {
            return nil
        }
        return "its snapshot \(progress.snapshotID) is not in the topic of market data; "
            + "submit the job again to add it"
    }

    private var noEngine: String? {
        guard let engines = facts.engines else { return nil }
        guard !engines.contains(where: { $0.state == .live }) else { return nil }
        if let draining = engines.first(where: { $0.state == .draining }) {
            return "no engine takes batches: \(draining.id) is stopping"
        }
        let silent = engines.filter { $0.state == .silent }.max { $0.seenAt < $1.seenAt }
        if let silent {
            let count = engines.count { $0.state == .silent }
            let who = count == 1 ? "the only engine is" : "all \(count) engines are"
            return "\(who) silent: the last heartbeat came from \(Self.name(silent)), "
                + "\(Self.ago(silent)) ago"
        }
        guard let stopped = engines.max(by: { $0.seenAt < $1.seenAt }) else {
            return "no engine is running; there was no heartbeat in the last day"
        }
        return "no engine is running; \(Self.name(stopped)) was the last one and stopped "
            + "\(Self.ago(stopped)) ago"
    }

    private var silentWork: String? {
        guard let (engine, work) = oldestWork(of: .silent) else { return nil }
        return "engine \(Self.name(engine)) is pricing batch \(work.batchIndex) and has been "
            + "silent for \(Self.ago(engine)); its batches go to other engines after the "
            + "session timeout"
    }

    private var slowWork: String? {
        for state in [EngineState.live, .draining] {
            guard let (engine, work) = oldestWork(of: state) else { continue }
            let seconds = engine.seconds(since: work.since)
            guard seconds >= Self.patience else { continue }
            return "engine \(Self.name(engine)) has been pricing batch \(work.batchIndex) for "
                + "\(Self.text(seconds)); \(count)"
        }
        return nil
    }

    private var lostResults: String? {
        guard quiet >= Self.patience, !isInWork,
            let loss = loss(of: facts.resultsTopic)
        else { return nil }
        return "\(count), and the rest may be lost: \(loss)"
    }

    private var jobsAhead: String? {
        guard facts.ahead.batches > 0, !isInWork, let first = facts.ahead.first else {
            return nil
        }
        let others = facts.ahead.count - 1
        let more = others > 0 ? " and \(others) more job\(others == 1 ? "" : "s")" : ""
        return "waits behind \(facts.ahead.batches) batches of job \(first)\(more)"
    }

    private var unowned: String? {
        guard let engines = facts.engines, facts.partitions > 0, quiet >= Self.patience, !isInWork
        else { return nil }
        let owned = engines.filter(\.state.isWorking)
            .reduce(into: Set<Int32>()) { $0.formUnion($1.heartbeat.partitions) }
        let free = facts.partitions - owned.count { (0..<Int32(facts.partitions)).contains($0) }
        guard free > 0 else { return nil }
        return "no engine owns \(free) of the \(facts.partitions) partitions of "
            + "\(facts.batchesTopic); \(count)"
    }

    private var quietResults: String? {
        guard quiet >= Self.patience, progress.batchesPublished == progress.batches else {
            return nil
        }
        let last = progress.lastResultAt > 0 ? "the last" : "the job was submitted"
        return "\(count); \(last) \(Self.text(quiet)) ago"
    }

    // MARK: Private

    private var count: String {
        "\(progress.batchesJoined) of \(progress.batches) batches have results"
    }

    /// Seconds in which nothing of the job has come.
    private var quiet: Double {
        seconds(
            since: max(progress.lastResultAt, progress.lastPublishedAt, progress.submittedAt)
        )
    }

    private func seconds(since time: Int64) -> Double {
        Double(max(0, facts.now - time)) / 1e6
    }

    private var isInWork: Bool {
        [EngineState.live, .draining].contains { oldestWork(of: $0) != nil }
    }

    private func oldestWork(of state: EngineState) -> (EngineStatus, EngineWork)? {
        let found = (facts.engines ?? []).filter { $0.state == state }.flatMap { engine in
            engine.heartbeat.work.filter { $0.jobID == progress.job.rawValue }
                .map { (engine, $0) }
        }
        return found.min { $0.1.since < $1.1.since }
    }

    /// What was lost since the job was submitted.
    private func loss(of topic: String) -> String? {
        let lost = facts.losses.filter {
            $0.noticedAt >= progress.submittedAt && $0.source.topic == topic
        }
        guard let last = lost.last else { return nil }
        let records = lost.reduce(0) { $0 + $1.offsets.count }
        return "retention removed \(records) records of \(last.source.topic) before they were "
            + "read, the last up to offset \(last.offsets.upperBound) of partition "
            + "\(last.source.partition)"
    }

    private static func name(_ engine: EngineStatus) -> String {
        engine.heartbeat.host.isEmpty ? engine.id : "\(engine.id) at \(engine.heartbeat.host)"
    }

    private static func ago(_ engine: EngineStatus) -> String {
        text(engine.secondsSinceHeartbeat)
    }

    /// `42 s`, `5 min`, `3 h`.
    private static func text(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\(Int(seconds)) s"
        case ..<7_200: "\(Int(seconds / 60)) min"
        case ..<172_800: "\(Int(seconds / 3_600)) h"
        default: "\(Int(min(seconds, 1e12) / 86_400)) d"
        }
    }
}
