internal import GridAPI
internal import GridPrograms
internal import GridProtocol
internal import Operations

private let jobArgument = PositionalArgument(name: "JOB", help: "a job id, as submit printed it")

extension Program {
    /// The job that the command line names.
    func job() throws -> JobID {
        try job(settings.arguments.first ?? "")
    }

    /// The jobs that the command line names.
    func jobs() throws -> [JobID] {
        try settings.arguments.map(job)
    }

    private func job(_ text: String) throws -> JobID {
        guard let job = JobID(rawValue: text) else {
            throw ProgramError(.usage, "`\(text)` is not a job id")
        }
        return job
    }
}

/// `eodservice status`: what the grid knows of one job or of all.
enum StatusCommand {
    static let command = Command(
        name: "status",
        summary: "Shows how far a job is, or all jobs.",
        arguments: [
            PositionalArgument(name: "JOB", help: "a job id; all jobs without", isRequired: false)
        ],
        options: AggregatorClient.options + ServerOptions.all + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let client = try program.jobsAccess()
        guard !program.settings.arguments.isEmpty else {
            let jobs = try await client.jobs()
            for status in jobs { try Program.say(line(status)) }
            if jobs.isEmpty { Program.complain("no job yet") }
            return .success
        }
        let job = try program.job()
        guard let status = try await client.status(of: job) else {
            throw ProgramError(.usage, "\(client.name) knows no job \(job)")
        }
        try Program.say(line(status))
        if let reason = status.waitingFor {
            try Program.say("\(status.isFinal ? "not complete" : "waiting"): \(reason)")
        }
        return .success
    }

    static func line(_ status: JobStatus) -> String {
        var line =
            "\(status.job)  \(status.state)  \(status.done) of \(status.trades) trades, "
            + "\(status.failed) failed"
        if status.expired > 0 { line += ", \(status.expired) expired" }
        line += ", \(HumanText.number(status.tradesPerSecond, digits: 0)) trades/s"
        if let left = status.secondsLeft, !status.isFinal {
            line += ", \(HumanText.duration(.seconds(left))) left"
        }
        return line
    }
}

/// `eodservice wait`: shows progress until a job ends.
enum WaitCommand {
    static let command = Command(
        name: "wait",
        summary: "Waits for a job's end, showing progress.",
        arguments: [jobArgument],
        options: JobOptions.waiting + AggregatorClient.options + ServerOptions.all
            + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        try await wait(for: try program.job(), program)
    }

    static func wait(for job: JobID, _ program: Program) async throws -> ExitCode {
        let client = try program.jobsAccess()
        let progress = ProgressLine()
        let limit = program.settings.duration("timeout")
        let start = ContinuousClock.now
        var lastContact = start
        var lastSeen = start
        var movement = StallDetector(at: start)
        while true {
            do {
                let status = try await client.status(of: job)
                lastContact = .now
                if let status {
                    lastSeen = .now
                    progress.show(movement.line(status, at: .now))
                    if status.isFinal {
                        progress.finish()
                        return exitCode(
                            of: status,
                            allowing: program.settings.flag("allow-failed-trades")
                        )
                    }
                } else {
                    progress.show("\(job)  not seen by \(client.name) yet")
                    guard lastSeen.duration(to: .now) < .seconds(60) else {
                        progress.finish()
                        throw ProgramError(.usage, "\(client.name) knows no job \(job)")
                    }
                }
            } catch let error as ProgramError where error.code == .unreachable {
                // A service that restarts is back within seconds.
                guard lastContact.duration(to: .now) < .seconds(15) else { throw error }
            }
            guard start.duration(to: .now) < limit else {
                progress.finish()
                let why = movement.reason.map { ": \($0)" } ?? ""
                throw ProgramError(
                    .incomplete,
                    "job \(job) has not ended within \(HumanText.duration(limit))\(why)"
                )
            }
            try await Task.sleep(for: client.pause)
        }
    }

    static func exitCode(of status: JobStatus, allowing failures: Bool) -> ExitCode {
        switch status.state {
        case "complete": .success
        case "complete with errors": failures ? .success : .failedTrades
        default: .incomplete
        }
    }
}
