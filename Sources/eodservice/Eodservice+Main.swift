internal import GridPrograms
internal import Operations

@main
enum EodserviceProgram {
    static let command = Command(
        name: "eodservice",
        summary: "Submits portfolios to the grid and fetches their reports.",
        discussion: """
            A portfolio is checked as a whole before anything is queued. A job id names one job: \
            submitting it again resumes the job; nothing is priced twice.
            """,
        subcommands: [
            SubmitCommand.command, StatusCommand.command, WaitCommand.command,
            ReportCommand.command, CancelCommand.command, PauseCommand.command,
            ResumeCommand.command, CheckCommand.command, EnginesCommand.command,
            GenerateCommand.command, DeadLetterCommands.command, TopicsCommand.command,
            HealthCommand.command,
        ]
    )

    static func main() async {
        await Program.run(command) { program in
            switch program.settings.path.first {
            case "submit": try await SubmitCommand.run(program)
            case "status": try await StatusCommand.run(program)
            case "wait": try await WaitCommand.run(program)
            case "report": try await ReportCommand.run(program)
            case "cancel": try await CancelCommand.run(program)
            case "pause": try await PauseCommand.run(program)
            case "resume": try await ResumeCommand.run(program)
            case "check": try await CheckCommand.run(program)
            case "generate": try await GenerateCommand.run(program)
            case "engines": try await EnginesCommand.run(program)
            case "deadletters": try await DeadLetterCommands.run(program)
            case "topics": try await TopicsCommand.run(program)
            case "health": try await HealthCommand.run(program)
            default: throw ProgramError(.usage, "which command? see eodservice --help")
            }
        }
    }
}
