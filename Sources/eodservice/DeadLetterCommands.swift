internal import GridPrograms
internal import GridProtocol
internal import GridSubmission
internal import Operations

/// `eodservice deadletters`: what engines and aggregators could not work with.
enum DeadLetterCommands {
    static let command = Command(
        name: "deadletters",
        summary: "Lists, shows and re-drives dead letters.",
        discussion: """
            A trade that its pricer did not survive, and a record that is not what its topic holds, \
            are kept for 30 days with their cause and their bytes. A letter is called by its place \
            in the topic, PARTITION/OFFSET, as list prints it.
            """,
        subcommands: [
            ListLettersCommand.command, ShowLetterCommand.command, RedriveCommand.command,
        ]
    )

    static func run(_ program: Program) async throws -> ExitCode {
        switch program.settings.path.last {
        case "list": try await ListLettersCommand.run(program)
        case "show": try await ShowLetterCommand.run(program)
        case "redrive": try await RedriveCommand.run(program)
        default: throw ProgramError(.usage, "which command? see eodservice deadletters --help")
        }
    }
}

extension Program {
    /// The job that `--job` names; nil without.
    fileprivate func jobFilter() throws -> JobID? {
        guard let text = settings.optionalString("job") else { return nil }
        guard let job = JobID(rawValue: text) else {
            throw ProgramError(.usage, "--job: `\(text)` is not a job id")
        }
        return job
    }

    fileprivate func place(_ text: String) throws -> LetterPlace {
        guard let place = LetterPlace(text: text) else {
            throw ProgramError(.usage, "`\(text)` is no PARTITION/OFFSET, as 0/17")
        }
        return place
    }

    fileprivate func letterLog() throws -> DeadLetterLog {
        DeadLetterLog(
            configuration: try kafkaConfiguration(clientID: "eodservice"),
            topics: topics
        )
    }
}

/// `eodservice deadletters list`.
enum ListLettersCommand {
    static let command = Command(
        name: "list",
        summary: "Lists dead letters, newest last.",
        options: [
            Option(name: "job", placeholder: "JOB", help: "only those of this job"),
            Option(
                name: "cause",
                placeholder: "CODE",
                help:
                    "only those with this cause: pricer_crashed, pricer_timed_out, undecodable, ..."
            ),
            Option(
                name: "limit",
                placeholder: "N",
                help: "the newest N",
                default: "100",
                kind: .int(1...1_000_000)
            ),
        ] + CommonOptions.kafka + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let filter = LetterFilter(
            jobID: try program.jobFilter(),
            cause: program.settings.optionalString("cause")
        )
        let limit = program.settings.int("limit")
        var newest = NewestLetters(limit: limit)
        try await program.letterLog().letters(filter) { newest.add($0) }
        for line in LetterText.table(newest.letters) { try Program.say(line) }
        switch newest.count {
        case 0: Program.complain("no dead letter")
        case ...limit: break
        default: Program.complain("the newest \(limit) of \(HumanText.count(newest.count)) letters")
        }
        return .success
    }
}

/// `eodservice deadletters show`.
enum ShowLetterCommand {
    static let command = Command(
        name: "show",
        summary: "Shows a dead letter; writes its bytes to a file.",
        arguments: [PositionalArgument(name: "PARTITION/OFFSET", help: "as list prints it")],
        options: [
            Option(
                name: "bytes",
                placeholder: "FILE",
                help: "where the record's bytes go; name it .pb to price a batch by hand"
            )
        ] + CommonOptions.kafka + CommonOptions.quietLogging,
        examples: [
            "eodservice deadletters show 0/3 --bytes 3.pb",
            "pricer --batch 3.pb --market examples/market  # prices the whole batch, dead trade and all",
        ]
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let place = try program.place(program.settings.arguments.first ?? "")
        guard let stored = try await program.letterLog().letter(at: place) else {
            throw ProgramError(.usage, "there is no dead letter \(place)")
        }
        for line in LetterText.facts(stored) { try Program.say(line) }
        if let path = program.settings.optionalString("bytes") {
            do {
                try writeAtomically(stored.letter.bytes, to: path)
            } catch {
                throw ProgramError(.failure, error.reason)
            }
            Program.complain("wrote \(HumanText.bytes(stored.letter.bytes.count)) to \(path)")
        }
        return .success
    }
}

/// `eodservice deadletters redrive`.
enum RedriveCommand {
    static let command = Command(
        name: "redrive",
        summary: "Prices the trades of dead letters again, as a job of their own.",
        discussion: """
            A report is final: the first result of a batch counts, and a trade that died stays an \
            error there. So the dead trades, and nothing else, become a new job on the same \
            snapshot and for the same metrics, with its own report; its id is printed. The id is \
            made of the trades: re-driving the same letters again is the same job and queues \
            nothing, unless --job-id names another. Letters of several jobs become several jobs.

            A letter of a record that was no batch cannot be re-driven; neither can one whose batch \
            was too large to be kept whole. With --job they are named and passed over; among letters \
            given by their places, one such stops the rest, with exit code 2.
            """,
        arguments: [
            PositionalArgument(
                name: "PARTITION/OFFSET",
                help: "letters, as list prints them",
                isRequired: false,
                isRepeated: true
            )
        ],
        options: [
            Option(name: "job", placeholder: "JOB", help: "all letters of this job"),
            Option(
                name: "dry-run",
                help: "show what would be queued; queue nothing",
                kind: .flag
            ),
            Option(
                name: "job-id",
                placeholder: "ID",
                help: "the new job's id; JOB-redrive-HASH by default"
            ),
            Option(
                name: "deadline",
                placeholder: "TIME",
                help: "how long the new job may take",
                default: "12h",
                kind: .duration
            ),
        ] + CommonOptions.kafka + [CommonOptions.submission] + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let kafka = try program.kafkaConfiguration(clientID: "eodservice")
        let topics = program.topics
        let plan = try await selection(program).plan(from: program.letterLog(), topics: topics)
        for refusal in plan.refusals {
            Program.complain("passed over letter \(refusal.place): \(refusal.reason)")
        }
        let queue = RedriveQueue(
            configuration: kafka,
            topics: topics,
            delivery: program.delivery,
            logger: program.logger
        )
        let jobs = try await queue.jobs(
            of: plan,
            jobID: try newJobID(program),
            timeLimit: program.settings.duration("deadline"),
            submitter: processEnvironment()["USER"] ?? ""
        )
        guard !program.settings.flag("dry-run") else {
            for job in jobs { try Program.say(LetterText.plan(job)) }
            return .success
        }
        try await queue.submit(jobs) { job, outcome in
            let what = "\(job.tradeCount) dead trades of job \(job.request.sourceJobID)"
            switch outcome {
            case .submitted, .resumed: Program.complain("queued \(what) again")
            case .alreadySubmitted:
                Program.complain(
                    "\(what) were re-driven before; nothing was queued (--job-id makes another try)"
                )
            }
            try Program.say("\(job.jobID)")
        }
        return .success
    }

    // MARK: Private

    private static func selection(_ program: Program) throws -> LetterSelection {
        let places = Set(try program.settings.arguments.map(program.place))
        switch (try program.jobFilter(), places.isEmpty) {
        case (let job?, true): return .job(job)
        case (nil, false): return .places(places)
        default: throw ProgramError(.usage, "which letters? give --job JOB or PARTITION/OFFSET ...")
        }
    }

    private static func newJobID(_ program: Program) throws -> JobID? {
        guard let text = program.settings.optionalString("job-id") else { return nil }
        guard let id = JobID(rawValue: text) else {
            throw ProgramError(.usage, "--job-id: `\(text)` is not \(JobID.expectation)")
        }
        return id
    }
}
