internal import Foundation
internal import GridProtocol
internal import Operations
internal import HTTP
internal import TestBed

/// The processes of one round: an aggregator, engines and eodservice, on topics of their own.
actor FaultGrid {
    /// An engine's place, in which it is started again.
    private struct Slot {
        var process: RunningProcess?
        var port = 0
        var starts = 0
        var id = ""
    }

    nonisolated let topics: Topics
    nonisolated let directory: String
    private let installation: Installation
    private let brokers: Brokers
    private let session: Double
    private var slots: [Slot]
    private let proxiedEngine: Int?
    private var extraEngines: [RunningProcess] = []
    private var everyone: [RunningProcess] = []
    private var aggregator: RunningProcess?
    private var aggregatorStarts = 0
    private let aggregatorPort: Int

    /// Makes a grid of which nothing runs yet.
    ///
    /// - Parameters:
    ///   - prefix: of the topics and the group.
    ///   - engines: how many engines there are.
    ///   - proxiedEngine: the one that reaches Kafka through the proxy.
    ///   - session: how long an engine may be silent, in seconds.
    ///   - brokers: on which it runs.
    ///   - directory: where the processes write.
    ///   - installation: where the programs are.
    /// - Throws: when there is no free port.
    init(
        prefix: String,
        engines: Int,
        proxiedEngine: Int?,
        session: Double,
        brokers: Brokers,
        directory: String,
        installation: Installation
    ) throws {
        var topics = Topics(prefix: prefix)
        topics.batchPartitions = 12
        self.topics = topics
        self.directory = directory
        self.installation = installation
        self.brokers = brokers
        self.session = session
        self.proxiedEngine = proxiedEngine
        slots = Array(repeating: Slot(), count: engines)
        aggregatorPort = try Sockets.freePort()
    }

    /// Where the aggregator serves.
    nonisolated var url: String { "http://127.0.0.1:\(aggregatorPort)" }

    /// Starts everything that is to be there at first and waits until it is ready.
    func start() async throws {
        // Topics first: who creates them is not what is tried here.
        try await startAggregator()
        try await awaitReady(started(aggregator), url, within: .seconds(60))
        for slot in slots.indices { try startEngine(slot, keepsID: false) }
        try await awaitEngines(within: .seconds(60))
    }

    // MARK: - Engines

    func startEngine(_ slot: Int, keepsID: Bool) throws {
        slots[slot].starts += 1
        let starts = slots[slot].starts
        let name = "engine-\(slot + 1)" + (starts > 1 ? "-start-\(starts)" : "")
        if !keepsID || slots[slot].id.isEmpty { slots[slot].id = name }
        slots[slot].port = try Sockets.freePort()
        let address = slot == proxiedEngine ? brokers.proxiedBootstrap : brokers.bootstrap
        slots[slot].process = try startEngine(
            name,
            id: slots[slot].id,
            at: address,
            port: slots[slot].port
        )
    }

    /// Kills an engine with -9; returns whether there was one.
    func killEngine(_ slot: Int) async throws -> Bool {
        guard let process = slots[slot].process, process.isRunning else { return false }
        slots[slot].process = nil
        try await process.destroy()
        return true
    }

    func killPricer(ofEngine slot: Int) -> Bool {
        guard let child = slots[slot].process?.children.first else { return false }
        return kill(child, SIGKILL) == 0
    }

    /// Stops an engine; returns it, to be let go on.
    func stopEngine(_ slot: Int) -> RunningProcess? {
        guard let process = slots[slot].process, process.isRunning else { return nil }
        process.signal(SIGSTOP)
        return process
    }

    /// Starts an engine that has no place of its own.
    func startExtraEngine() throws -> RunningProcess {
        let name = "extra-engine-\(extraEngines.count + 1)"
        let extraEngine = try startEngine(name, id: name, at: brokers.bootstrap, port: 0)
        extraEngines.append(extraEngine)
        return extraEngine
    }

    /// Waits until every place's engine is in the group.
    func awaitEngines(within limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        for slot in slots.indices {
            try await awaitReady(
                started(slots[slot].process),
                "http://127.0.0.1:\(slots[slot].port)",
                within: ContinuousClock.now.duration(to: deadline)
            )
        }
    }

    /// The id of a place's engine.
    func engineID(_ slot: Int) -> String { slots[slot].id }

    // MARK: - The aggregator

    func startAggregator() async throws {
        aggregatorStarts += 1
        let process = try RunningProcess(
            installation.program("aggregator"),
            kafka(brokers.bootstrap) + [
                "--http-port", String(aggregatorPort), "--ledger", "\(directory)/ledger.sqlite",
            ],
            name: "aggregator-\(aggregatorStarts)",
            in: directory
        )
        aggregator = process
        everyone.append(process)
    }

    func killAggregator() async throws -> Bool {
        guard let process = aggregator, process.isRunning else { return false }
        aggregator = nil
        try await process.destroy()
        return true
    }

    /// What the aggregator says of a job; nil when it says nothing.
    nonisolated func state(of job: String) async -> JobState? {
        guard
            let answer = try? await HTTPClient().get("\(url)/jobs/\(job)", timeout: .seconds(5)),
            answer.status == 200
        else { return nil }
        return try? JSONDecoder().decode(JobState.self, from: Data(answer.body))
    }

    // MARK: - eodservice

    /// Starts a submission; the caller waits for its end.
    func startSubmit(_ job: String, of trades: TrialPortfolio, batchSize: Int) throws
        -> RunningProcess
    {
        let process = try RunningProcess(
            installation.program("eodservice"),
            [
                "submit", trades.path, "--market", trades.market, "--metrics",
                TrialPortfolio.metrics, "--job-id", job, "--batch-size", String(batchSize),
            ] + kafka(brokers.bootstrap),
            name: "submit-\(job)-\(everyone.count)",
            in: directory
        )
        process.expectEnd()
        everyone.append(process)
        return process
    }

    /// Fetches a job's report; returns the path of its trades.
    nonisolated func report(of job: String) async throws -> String {
        let target = "\(directory)/report-\(job)"
        let process = try RunningProcess(
            installation.program("eodservice"),
            ["report", job, "--output", target, "--allow-failed-trades", "--aggregator", url],
            name: "report-\(job)",
            in: directory
        )
        guard try await process.end(within: .seconds(60)) == 0 else {
            throw FaultTestError("no report of \(job): \(process.lastWords)")
        }
        return "\(target)/results.jsonl"
    }

    // MARK: - The end

    /// Starts again who ended because it could not reach a broker when it started, as whatever
    /// runs the programs does; returns their names.
    func restart() async throws -> [String] {
        func isUnreached(_ process: RunningProcess?) -> RunningProcess? {
            guard let process, process.status == ExitCode.unreachable.rawValue else { return nil }
            process.expectEnd()
            return process
        }
        // Guests go anyway.
        var restarted = extraEngines.filter { !$0.isExpectedToEnd }.compactMap {
            isUnreached($0)?.name
        }
        for slot in slots.indices {
            guard let process = isUnreached(slots[slot].process) else { continue }
            try startEngine(slot, keepsID: true)
            restarted.append(process.name)
        }
        if let process = isUnreached(aggregator) {
            try await startAggregator()
            restarted.append(process.name)
        }
        return restarted
    }

    /// Processes that ended without being told to.
    var killed: [RunningProcess] {
        everyone.filter { !$0.isExpectedToEnd && !$0.isRunning }
    }

    /// Asks the processes that still run to end, and returns those who did not do so with 0.
    func stop() async -> [RunningProcess] {
        let left = everyone.filter { !$0.isExpectedToEnd && $0.isRunning }
        for process in left {
            process.expectEnd()
            process.signal(SIGTERM)
        }
        var refusals: [RunningProcess] = []
        for process in left {
            let code = try? await process.end(within: .seconds(40))
            if code != 0 { refusals.append(process) }
        }
        return refusals
    }

    /// Writes down what the processes that still run report, and, where there is a gdb, what its threads
    /// do.
    func examine() async {
        var services = [("aggregator", url)]
        for (index, slot) in slots.enumerated() {
            services.append(("engine-\(index + 1)", "http://127.0.0.1:\(slot.port)"))
        }
        for (name, url) in services {
            var text = ""
            for page in ["readyz", "metrics", "jobs", "engines"] {
                let answer = try? await HTTPClient().get("\(url)/\(page)", timeout: .seconds(5))
                let body = answer.map { String(decoding: $0.body, as: UTF8.self) } ?? "no answer"
                text += "\(page): \(answer?.status ?? 0)\n\(body)\n"
            }
            try? text.write(toFile: "\(directory)/\(name).said", atomically: true, encoding: .utf8)
        }
        for process in everyone where process.isRunning {
            let debugger = try? RunningProcess(
                "/usr/bin/gdb",
                ["-p", String(process.pid), "-batch", "-ex", "thread apply all backtrace 16"],
                name: "\(process.name)-threads",
                in: directory
            )
            _ = try? await debugger?.end(within: .seconds(30))
        }
    }

    /// Kills everything.
    func destroy() async {
        for process in everyone { try? await process.destroy() }
    }

    /// How many lines of the engines' logs contain a text.
    func countLines(with text: String) -> Int {
        everyone.filter { $0.name.hasPrefix("engine") || $0.name.hasPrefix("extra-engine") }
            .reduce(0) { $0 + $1.standardError.split(separator: "\n").count { $0.contains(text) } }
    }

    // MARK: - Private

    private func kafka(_ address: String) -> [String] {
        [
            "--brokers", address, "--topic-prefix", topics.prefix, "--partitions",
            String(topics.batchPartitions),
        ]
    }

    private func startEngine(_ name: String, id: String, at address: String, port: Int) throws
        -> RunningProcess
    {
        let process = try RunningProcess(
            installation.program("valengine"),
            kafka(address) + [
                "--engine-id", id, "--group", "\(topics.prefix)engines", "--pricers", "1",
                "--http-port", String(port), "--session-timeout",
                "\(Int(session * 1_000))ms", "--delivery", "exactly-once",
            ],
            name: name,
            in: directory
        )
        everyone.append(process)
        return process
    }

    private func started(_ process: RunningProcess?) throws -> RunningProcess {
        guard let process else { throw FaultTestError("a process was not started") }
        return process
    }
}
