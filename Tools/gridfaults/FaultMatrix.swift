internal import Foundation
internal import PortfolioFiles
internal import TestBed

/// Runs rounds of every fault that is asked for, and writes down what came of them.
actor FaultMatrix {
    /// What the command line asks for.
    struct Request: Sendable {
        var kinds: [FaultKind]
        var rounds: Int
        /// The number of the first round.
        var firstRound: Int
        var seed: UInt64
        /// The number of brokers for faults that do not need a certain one.
        var brokers: Int
        var trades: Int
        var storm: Double
        var output: String
    }

    /// How many rounds a set of brokers serves.
    private static let roundsPerBrokers = 10
    /// How long an engine may be silent, in seconds: short, as a round is.
    private static let session = 4.0

    private let request: Request
    private let installation: Installation
    private var table = FaultTable()
    private var brokers: Brokers?
    private var roundsLeft = 0
    private var prefixes = 0
    private var work: RoundRun.Work
    private var sample: RoundRun.Work
    /// How long the work takes undisturbed, by brokers and batch size.
    private var undisturbed: [[Int]: Double] = [:]

    init(_ request: Request, _ installation: Installation) throws {
        self.request = request
        self.installation = installation
        try FileManager.default.createDirectory(
            atPath: request.output,
            withIntermediateDirectories: true
        )
        for file in ["rounds.jsonl", "table.txt"] {
            try? FileManager.default.removeItem(atPath: "\(request.output)/\(file)")
        }
        work = .init(
            trades: try TrialPortfolio(
                writingTo: "\(request.output)/portfolio.jsonl",
                market: installation.market,
                count: request.trades
            )
        )
        sample = .init(
            trades: try TrialPortfolio(
                writingTo: "\(request.output)/sample.jsonl",
                market: installation.market,
                count: 400
            )
        )
    }

    /// Runs all rounds; returns whether everything held.
    func run() async throws -> Bool {
        var isGood = true
        for kind in request.kinds {
            for round in request.firstRound..<request.firstRound + request.rounds {
                let outcome = try await run(kind, round)
                isGood = isGood && outcome.isGood
            }
        }
        try await brokers?.stop()
        brokers = nil
        say("\n\(table.text)", terminator: "")
        return isGood
    }

    // MARK: - Private

    private func run(_ kind: FaultKind, _ round: Int) async throws -> RoundOutcome {
        let count = kind.neededBrokers ?? request.brokers
        let setting = FaultPlan.Setting(
            brokers: count,
            session: Self.session,
            storm: request.storm
        )
        let plan = FaultPlan(kind, seed: request.seed, round: round, setting: setting)
        let brokers = try await freshBrokers(count)
        let undisturbed = try await undisturbedSeconds(like: plan, on: brokers)
        var outcome = RoundOutcome(
            fault: kind.rawValue,
            brokers: count,
            seed: request.seed,
            round: round
        )
        let directory = "\(request.output)/\(kind.rawValue)-\(round)"
        _ = await run(plan, on: brokers, undisturbed: undisturbed, in: directory, &outcome)
        if outcome.isGood {
            try? FileManager.default.removeItem(atPath: directory)
        } else {
            outcome.kept = directory
            await brokers.keepLogs(in: directory)
            // What broke them may break the next round as well.
            roundsLeft = 0
        }
        try note(outcome)
        return outcome
    }

    private func run(
        _ plan: FaultPlan,
        on brokers: Brokers,
        undisturbed: Double,
        in directory: String,
        sampleOnly: Bool = false,
        _ outcome: inout RoundOutcome
    ) async -> [ReportedTrade] {
        prefixes += 1
        roundsLeft -= 1
        try? FileManager.default.removeItem(atPath: directory)
        return await RoundRun(
            plan: plan,
            prefix: "faults\(prefixes).",
            work: sampleOnly ? sample : work,
            sample: sample,
            undisturbed: undisturbed,
            brokers: brokers,
            directory: directory,
            installation: installation
        ).run(&outcome)
    }

    /// Brokers that have not served too many rounds.
    private func freshBrokers(_ count: Int) async throws -> Brokers {
        if let brokers, brokers.count == count, roundsLeft > 0 { return brokers }
        try await brokers?.stop()
        brokers = nil
        let made = try await Brokers(
            count,
            in: "\(request.output)/kafka-\(count)"
        )
        brokers = made
        roundsLeft = Self.roundsPerBrokers
        return made
    }

    /// How long the work takes undisturbed with the plan's brokers and batches; tried when it is
    /// not known, and the first time what it says is what all others are compared with.
    private func undisturbedSeconds(like plan: FaultPlan, on brokers: Brokers) async throws
        -> Double
    {
        let key = [brokers.count, plan.batchSize]
        if let known = undisturbed[key] { return known }
        if sample.expected == nil {
            sample.expected = try await undisturbed(like: plan, on: brokers, sampleOnly: true).found
        }
        let (seconds, found) = try await undisturbed(like: plan, on: brokers)
        work.expected = work.expected ?? found
        undisturbed[key] = seconds
        say(
            "undisturbed, \(Self.plural(brokers.count, "broker")), batches of \(key[1]):"
                + " \(FaultTable.text(seconds)) s for \(request.trades) trades"
        )
        return seconds
    }

    private func undisturbed(
        like plan: FaultPlan,
        on brokers: Brokers,
        sampleOnly: Bool = false
    ) async throws -> (seconds: Double, found: [ReportedTrade]) {
        let setting = FaultPlan.Setting(brokers: brokers.count, session: Self.session, storm: 0)
        var undisturbedPlan = FaultPlan(nil, seed: request.seed, round: 0, setting: setting)
        undisturbedPlan.batchSize = plan.batchSize
        var outcome = RoundOutcome(
            fault: "undisturbed",
            brokers: brokers.count,
            seed: request.seed,
            round: 0
        )
        let directory = "\(request.output)/undisturbed"
        let found = await run(
            undisturbedPlan,
            on: brokers,
            undisturbed: 0,
            in: directory,
            sampleOnly: sampleOnly,
            &outcome
        )
        guard outcome.isGood, !found.isEmpty else {
            throw FaultTestError("the undisturbed run fails: \(outcome.problems), see \(directory)")
        }
        try? FileManager.default.removeItem(atPath: directory)
        return (outcome.seconds, found)
    }

    private func note(_ outcome: RoundOutcome) throws {
        table.add(outcome)
        try outcome.jsonLine.append(to: "\(request.output)/rounds.jsonl")
        try Data(table.text.utf8).write(to: URL(fileURLWithPath: "\(request.output)/table.txt"))
        let numbers = "lost \(outcome.lost), doubled \(outcome.doubled), wrong \(outcome.wrong)"
        say(
            "\(outcome.isGood ? "ok    " : "FAILED") \(outcome.fault) \(outcome.round):"
                + " \(FaultTable.text(outcome.extraSeconds)) s extra, \(numbers)"
        )
        for hit in outcome.hits { say("         \(hit)") }
        if outcome.halfEndedTransactions > 0 {
            say("         Kafka ended \(outcome.halfEndedTransactions) transactions by half")
        }
        guard let kept = outcome.kept else { return }
        for problem in outcome.problems { say("       ! \(problem)") }
        say("         kept in \(kept), seed \(outcome.seed); again:")
        say(
            "         scripts/faults --only \(outcome.fault) --seed \(outcome.seed)"
                + " --round \(outcome.round) --brokers \(request.brokers)"
                + " --trades \(request.trades) --storm \(Int(request.storm))s"
        )
    }

    private func say(_ line: String, terminator: String = "\n") {
        print(line, terminator: terminator)
        fflush(nil)
    }

    private static func plural(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
