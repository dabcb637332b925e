internal import Foundation
internal import GridProtocol
internal import KafkaClient
internal import Synchronization
internal import TestBed

/// One round: a grid is started, a portfolio is valued while things break, and everything is checked.
struct RoundRun: Sendable {
    /// Trades to value and what is expected of them.
    struct Work: Sendable {
        var trades: TrialPortfolio
        /// What the undisturbed run said; nil for the first of all runs.
        var expected: [ReportedTrade]?
    }

    /// After so long without a result Kafka is asked for transactions that it has left open.
    private static let standstill = Duration.seconds(40)

    let plan: FaultPlan
    let prefix: String
    let work: Work
    /// A few of the trades, for what is valued when all is mended.
    let sample: Work
    /// How long the work takes undisturbed, in seconds.
    let undisturbed: Double
    let brokers: Brokers
    let directory: String
    let installation: Installation

    /// Runs the round; whatever goes wrong is part of the outcome.
    ///
    /// - Parameter outcome: names the round; what comes of it is added.
    /// - Returns: the trades of the first job's report.
    func run(_ outcome: inout RoundOutcome) async -> [ReportedTrade] {
        var found: [ReportedTrade] = []
        do {
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true
            )
            let grid = try FaultGrid(
                prefix: prefix,
                engines: FaultPlan.engineCount,
                proxiedEngine: plan.isProxied ? plan.proxiedEngine : nil,
                session: plan.session,
                brokers: brokers,
                directory: directory,
                installation: installation
            )
            let cutBefore = brokers.cutCommits
            let hits = HitList()
            do {
                found = try await run(on: grid, hits, &outcome)
            } catch {
                outcome.problems.append("\(error)")
                await grid.examine()
            }
            outcome.hits = hits.inOrder
            outcome.hangingTransactions = hits.hangingCount
            if hits.hangingCount > 0 { outcome.problems.append("it did not go on by itself") }
            await grid.destroy()
            outcome.halfEndedTransactions = try await brokers.halfEndedTransactions(
                of: prefix,
                noting: directory
            )
            outcome.cutCommits = brokers.cutCommits - cutBefore
            outcome.failedTransactions = await grid.countLines(with: "a transaction failed")
            outcome.commitsInDoubt = await grid.countLines(with: "a commit without an answer")
            outcome.commitsFoundDone = await grid.countLines(with: "was carried out")
        } catch {
            outcome.problems.append("\(error)")
        }
        return found
    }

    // MARK: - Private

    private func run(
        on grid: FaultGrid,
        _ hits: HitList,
        _ outcome: inout RoundOutcome
    ) async throws -> [ReportedTrade] {
        try await grid.start()
        let count = max(1, Int((plan.minimumSeconds / max(undisturbed, 0.1)).rounded(.up)))
        let jobs = (1...count).map { "job-\($0)" }
        let start = ContinuousClock.now
        // Faults hit while jobs are submitted and waited for; none outlives its round.
        let states = try await withThrowingTaskGroup(of: Void.self) { group in
            for injection in plan.injections {
                group.addTask {
                    let due = Duration.seconds(injection.share * undisturbed)
                    try await Task.sleep(until: start + due)
                    let hit = start.seconds(to: .now)
                    let what = try await Injector(
                        grid: grid,
                        brokers: brokers,
                        hidesBroker: plan.hidesBroker
                    ).carryOut(injection.fault)
                    hits.note(what, at: hit)
                }
            }
            try await submit(jobs, to: grid, since: start, hits)
            let limit = Duration.seconds(120 + plan.minimumSeconds + undisturbed * Double(count))
            var states: [JobState] = []
            for job in jobs {
                states.append(try await end(of: job, on: grid, before: start + limit, hits))
            }
            outcome.seconds = start.seconds(to: .now)
            try await group.waitForAll()
            return states
        }
        outcome.extraSeconds = outcome.seconds - undisturbed * Double(count)
        for (job, state) in zip(jobs, states) {
            RoundChecks.check(state, of: job, trades: work.trades.count, &outcome)
        }
        try await checkSurvivors(of: grid, hits, &outcome)
        let found = try await checkReports(of: jobs, on: grid, &outcome)
        let refusals = await grid.stop()
        outcome.problems += refusals.map { process in
            "\(process.name) does not end as asked (\(process.status ?? 0)): \(process.lastWords)"
        }
        let topic = ResultsTopic(topics: grid.topics, bootstrap: brokers.bootstrap)
        let copies = try await topic.copies()
        for (job, state) in zip(jobs, states) {
            let copies = copies[job] ?? [:]
            RoundChecks.count(copies.mapValues(\.count), batches: state.batches, &outcome)
            for (index, copies) in copies.sorted(by: { $0.key < $1.key }) where copies.count > 1 {
                hits.note("\(job) has batch \(index) at \(copies.joined(separator: "; "))")
            }
        }
        return found
    }

    /// Submits the jobs one after the other, the first again when its submission was killed.
    private func submit(
        _ jobs: [String],
        to grid: FaultGrid,
        since start: ContinuousClock.Instant,
        _ hits: HitList
    ) async throws {
        let batchSize = plan.batchSize
        for job in jobs {
            if job == jobs.first, let share = plan.submitterDiesAfter {
                let process = try await grid.startSubmit(job, of: work.trades, batchSize: batchSize)
                let total = Double(work.trades.count / batchSize)
                let queued = try await waitForBatches(Int(share * total), of: process, in: grid)
                let isLate = try await process.end(within: .seconds(10)) != -SIGKILL
                hits.note(
                    "kill eodservice after \(queued) batches" + (isLate ? ": it had ended" : ""),
                    at: start.seconds(to: .now)
                )
            }
            try await submit(job, to: grid, batchSize: batchSize)
        }
    }

    private func submit(_ job: String, to grid: FaultGrid, batchSize: Int) async throws {
        // Where the broker dies, a desk submits again; elsewhere the first time must do.
        var tries = plan.killsBroker ? 5 : 1
        while true {
            let process = try await grid.startSubmit(job, of: work.trades, batchSize: batchSize)
            let code = try await process.end(within: .seconds(90))
            guard code != 0 else { return }
            tries -= 1
            guard tries > 0 else {
                throw FaultTestError("eodservice submit ends with \(code): \(process.lastWords)")
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Returns once so many batches are in their topic, or the submission has ended.
    private func waitForBatches(
        _ wanted: Int,
        of process: RunningProcess,
        in grid: FaultGrid
    ) async throws -> Int {
        let partitions = (0..<grid.topics.batchPartitions).map {
            TopicPartition(topic: grid.topics.batches, partition: Int32($0))
        }
        var configuration = KafkaConfiguration(bootstrapServers: brokers.bootstrap)
        configuration.fetchWaitMaxMillis = 5
        let reader = try KafkaReader(
            configuration: configuration,
            isolation: .readUncommitted,
            start: Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) })
        )
        let deadline = ContinuousClock.now + .seconds(60)
        var count = 0
        while count <= wanted, process.isRunning, ContinuousClock.now < deadline {
            count += try await reader.nextBatch(maximum: 10, within: .milliseconds(5)).count
        }
        // The kill comes first; closing takes a moment.
        process.expectEnd()
        process.signal(SIGKILL)
        await reader.close()
        return count
    }

    private func end(
        of job: String,
        on grid: FaultGrid,
        before deadline: ContinuousClock.Instant,
        _ hits: HitList
    ) async throws -> JobState {
        var last: JobState?
        var deadline = deadline
        var progress = ContinuousClock.now
        while ContinuousClock.now < deadline {
            if plan.killsBroker, progress + Self.standstill < .now {
                let start = ContinuousClock.now
                for line in try await brokers.abortHangingTransactions() {
                    hits.noteHanging(line)
                }
                progress = .now
                deadline += start.duration(to: progress)
            }
            if plan.hidesBroker {
                for name in try await grid.restart() {
                    hits.note("\(name) reached no broker, started again")
                }
            }
            let state = await grid.state(of: job) ?? last
            if state?.batchesDone != last?.batchesDone { progress = .now }
            last = state
            if let last, last.isFinal { return last }
            try await Task.sleep(for: .milliseconds(50))
        }
        guard let last else { throw FaultTestError("the aggregator says nothing of \(job)") }
        throw FaultTestError(
            "\(job) does not end: \(last.state), \(last.batchesDone) of \(last.batches) batches,"
                + " waits for \(last.waitingFor ?? "nothing")"
        )
    }

    /// Every process that was not killed must be there, in the group, and at work.
    private func checkSurvivors(
        of grid: FaultGrid,
        _ hits: HitList,
        _ outcome: inout RoundOutcome
    ) async throws {
        if plan.hidesBroker {
            for name in try await grid.restart() { hits.note("\(name) reached no broker") }
        }
        for process in await grid.killed {
            outcome.problems.append(
                "\(process.name) ended by itself (\(process.status ?? 0)): \(process.lastWords)"
            )
        }
        guard outcome.problems.isEmpty else { return }
        do {
            try await grid.awaitEngines(within: .seconds(40))
        } catch {
            // One that was starting may give up on its broker only now.
            let restarted = try await plan.hidesBroker ? grid.restart() : []
            guard !restarted.isEmpty else { throw error }
            for name in restarted { hits.note("\(name) reached no broker") }
            try await grid.awaitEngines(within: .seconds(40))
        }
        guard plan.silencesEngine else { return }
        let process = try await grid.startSubmit("after", of: sample.trades, batchSize: 5)
        guard try await process.end(within: .seconds(60)) == 0 else {
            throw FaultTestError("eodservice submit: \(process.lastWords)")
        }
        _ = try await end(of: "after", on: grid, before: .now + .seconds(60), hits)
        let path = try await grid.report(of: "after")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for slot in 0..<FaultPlan.engineCount {
            let id = await grid.engineID(slot)
            if !text.contains("\"engineId\":\"\(id)\"") {
                outcome.problems.append("\(id) is in the group and prices nothing any more")
            }
        }
        if let expected = sample.expected {
            RoundChecks.compare(try ReportedTrade.read(path), with: expected, &outcome)
        }
    }

    private func checkReports(
        of jobs: [String],
        on grid: FaultGrid,
        _ outcome: inout RoundOutcome
    ) async throws -> [ReportedTrade] {
        var first: [ReportedTrade] = []
        for job in jobs {
            let found = try ReportedTrade.read(try await grid.report(of: job))
            if let expected = work.expected {
                RoundChecks.compare(found, with: expected, &outcome)
            }
            if job == jobs.first { first = found }
        }
        return first
    }
}

extension ContinuousClock.Instant {
    /// The seconds from this to a later moment.
    func seconds(to later: ContinuousClock.Instant) -> Double {
        let span = duration(to: later).components
        return Double(span.seconds) + Double(span.attoseconds) * 1e-18
    }
}
