internal import GridPrograms
internal import Operations

@main
enum ValgridProgram {
    static let command = Command(
        name: "valgrid",
        summary: "The whole grid on one machine.",
        discussion: """
            `valgrid run` values a portfolio with one command; `valgrid up` runs a grid with its web \
            page until it is told to stop; `valgrid broker` runs the embedded \
            broker alone, for separate programs on one machine.
            """,
        subcommands: [
            RunCommand.command, UpCommand.command, ReportCommand.command, BrokerCommand.command,
        ]
    )

    static func main() async {
        await Program.run(command) { program in
            switch program.settings.path.last {
            case "run": try await RunCommand.run(program)
            case "up": try await UpCommand.run(program)
            case "report": try ReportCommand.run(program)
            case "broker": try await BrokerCommand.run(program)
            default: throw ProgramError(.usage, "which command? see valgrid --help")
            }
        }
    }
}
