/// An argument without a name, given by its place.
public struct PositionalArgument: Hashable, Sendable {
    /// As the help writes it, as `PORTFOLIO`.
    public var name: String
    /// One or two sentences.
    public var help: String
    /// Whether it must be given.
    public var isRequired: Bool
    /// Whether all remaining arguments are taken; only for the last.
    public var isRepeated: Bool

    /// An argument.
    ///
    /// - Parameters:
    ///   - name: as the help writes it.
    ///   - help: one or two sentences.
    ///   - isRequired: whether it must be given.
    ///   - isRepeated: whether all remaining arguments are taken.
    public init(name: String, help: String, isRequired: Bool = true, isRepeated: Bool = false) {
        self.name = name
        self.help = help
        self.isRequired = isRequired
        self.isRepeated = isRepeated
    }
}

/// A program or a subcommand of one: what it is and what it takes.
public struct Command: Hashable, Sendable {
    /// The program's or the subcommand's name.
    public var name: String
    /// What it does, in one line.
    public var summary: String
    /// More about it; a line feed ends a line, an empty line a paragraph.
    public var discussion: String
    /// The arguments without names, in order.
    public var arguments: [PositionalArgument]
    /// The options; those of a command are taken by its subcommands too.
    public var options: [Option]
    /// What it can do; a command that has subcommands has no arguments of its own.
    public var subcommands: [Command]
    /// Lines to copy, each with what it does after `#`.
    public var examples: [String]
    /// The codes it exits with.
    public var exitCodes: [ExitCode]

    /// A command.
    ///
    /// - Parameters:
    ///   - name: the program's or subcommand's name.
    ///   - summary: what it does, in one line.
    ///   - discussion: more about it.
    ///   - arguments: the arguments without names.
    ///   - options: the options.
    ///   - subcommands: what it can do.
    ///   - examples: lines to copy.
    ///   - exitCodes: the codes it exits with, all unless told.
    public init(
        name: String,
        summary: String,
        discussion: String = "",
        arguments: [PositionalArgument] = [],
        options: [Option] = [],
        subcommands: [Command] = [],
        examples: [String] = [],
        exitCodes: [ExitCode] = ExitCode.allCases
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.arguments = arguments
        self.options = options
        self.subcommands = subcommands
        self.examples = examples
        self.exitCodes = exitCodes
    }

    /// Reads a command line.
    ///
    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - environment: the environment's variables.
    /// - Returns: the settings, a text to print, or every problem found.
    public func parse(arguments: [String], environment: [String: String]) -> CommandLineOutcome {
        var parser = CommandLineParser(program: self, environment: environment)
        return parser.parse(arguments)
    }

    /// Reads this process' command line; prints and exits when there is nothing to run.
    ///
    /// Help and version go to standard output with exit code 0, problems to standard error with 2.
    public func parseOrExit() -> ParsedCommand {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch parse(arguments: arguments, environment: processEnvironment()) {
        case .parsed(let parsed):
            return parsed
        case .help(let text), .version(let text):
            do {
                try StandardOutput.write(text)
            } catch {
                if error.isReaderGone { ProcessStart.endBySIGPIPE() }
                StandardError.write("\(name): \(error)")
                ExitCode.failure.exit()
            }
            ExitCode.success.exit()
        case .failure(let message, let usage):
            StandardError.write("\(name): \(message)\n\(usage)")
            ExitCode.usage.exit()
        }
    }
}

/// What a command line asks for.
public enum CommandLineOutcome: Sendable {
    /// To run.
    case parsed(ParsedCommand)
    /// To print this help; no line feed at the end.
    case help(String)
    /// To print this version; no line feed at the end.
    case version(String)
    /// Nothing that can be done: every problem, one a line, and how it is used.
    case failure(message: String, usage: String)
}
