/// Reads the arguments of one command line: no clock, no output; files only for secrets.
struct CommandLineParser {
    private let environment: [String: String]
    /// From the program to the subcommand in use.
    private var chain: [Command]
    private var positional: [String] = []
    private var given: [String: [String]] = [:]
    private var problems: [String] = []
    private var wantsHelp = false
    private var unknownCommand: String?

    init(program: Command, environment: [String: String]) {
        chain = [program]
        self.environment = environment
    }

    mutating func parse(_ arguments: [String]) -> CommandLineOutcome {
        var rest = arguments[...]
        var optionsEnded = false
        while let argument = rest.popFirst() {
            if optionsEnded || !argument.hasPrefix("-") || argument == "-" {
                takePlain(argument)
            } else if argument == "--" {
                optionsEnded = true
            } else if argument == "--help" || argument == "-h" {
                wantsHelp = true
            } else if argument == "--version" {
                return .version("\(chain[0].name) \(BuildInformation.version)")
            } else {
                takeOption(argument, &rest)
            }
        }
        let help = CommandHelp(chain: chain)
        if wantsHelp { return .help(help.text) }
        checkArguments()
        let values = resolve()
        // Arguments of an unknown command cannot be checked.
        if let unknownCommand { problems = [unknownCommand] }
        guard problems.isEmpty else {
            let name = chain.map(\.name).joined(separator: " ")
            return .failure(
                message: problems.joined(separator: "\n"),
                usage: "\(help.usage)Try '\(name) --help'."
            )
        }
        return .parsed(
            ParsedCommand(
                path: chain.dropFirst().map(\.name),
                arguments: positional,
                options: options,
                values: values
            )
        )
    }

    // MARK: Arguments

    private var command: Command { chain[chain.count - 1] }

    private var options: [Option] { chain.reversed().flatMap(\.options) }

    private mutating func takePlain(_ argument: String) {
        guard unknownCommand == nil else { return }
        guard !command.subcommands.isEmpty else {
            positional.append(argument)
            return
        }
        if let next = command.subcommands.first(where: { $0.name == argument }) {
            chain.append(next)
        } else if argument == "help" {
            wantsHelp = true
        } else {
            let names = command.subcommands.map(\.name)
            let hint = Suggestion.text(for: argument, in: names)
            unknownCommand = "unknown command '\(argument)'\(hint)"
        }
    }

    private mutating func takeOption(_ argument: String, _ rest: inout ArraySlice<String>) {
        guard argument.hasPrefix("--") else {
            problems.append("unknown option '\(argument)'; options begin with --")
            return
        }
        let parts = argument.dropFirst(2).split(
            separator: "=",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let name = String(parts[0])
        let inline = parts.count > 1 ? String(parts[1]) : nil
        if let option = options.first(where: { $0.name == name }) {
            if option.kind == .flag {
                add(inline ?? "true", to: option)
            } else if let inline {
                add(inline, to: option)
            } else if let next = rest.first, !next.hasPrefix("--") {
                add(rest.removeFirst(), to: option)
            } else {
                problems.append("--\(name) needs a value: --\(name) \(option.placeholder)")
            }
        } else if name.hasPrefix("no-"), inline == nil,
            let option = options.first(where: { $0.name == name.dropFirst(3) && $0.kind == .flag })
        {
            add("false", to: option)
        } else {
            skipValue(of: inline, &rest)
            let hint = Suggestion.text(for: name, in: options.map(\.name), prefix: "--")
            problems.append("unknown option '--\(name)'\(hint)")
        }
    }

    /// The text after an unknown option is most likely its value, not an argument.
    private func skipValue(of inline: String?, _ rest: inout ArraySlice<String>) {
        guard inline == nil, command.subcommands.isEmpty, let next = rest.first,
            !next.hasPrefix("-"), rest.count + positional.count > command.arguments.count
        else { return }
        rest.removeFirst()
    }

    private mutating func add(_ text: String, to option: Option) {
        given[option.name, default: []].append(text)
    }

    private mutating func checkArguments() {
        guard command.subcommands.isEmpty else {
            guard problems.isEmpty else { return }
            let names = command.subcommands.map(\.name).joined(separator: ", ")
            problems.append("a command is missing, one of \(names)")
            return
        }
        for argument in command.arguments.dropFirst(positional.count) where argument.isRequired {
            problems.append("\(argument.name) is missing")
        }
        if !(command.arguments.last?.isRepeated ?? false) {
            for extra in positional.dropFirst(command.arguments.count) {
                problems.append("unexpected argument '\(extra)'")
            }
        }
    }

    // MARK: Values

    /// Every option's value and origin; adds a problem for each that is wrong or missing.
    private mutating func resolve() -> [String: ParsedCommand.Value] {
        var values: [String: ParsedCommand.Value] = [:]
        for option in options where values[option.name] == nil {
            if let texts = given[option.name] {
                refuseSecrets(texts, of: option)
                let read = texts.map { secret($0, of: option) }
                let areFiles = option.isSecret && texts.allSatisfy { $0.hasPrefix("@") }
                values[option.name] = .init(texts: read, origin: areFiles ? .file : .flag)
                check(read, of: option, named: "--\(option.name)")
            } else if let text = environment[option.environment], !text.isEmpty {
                let read = secret(text, of: option)
                values[option.name] = .init(texts: [read], origin: .environment)
                check([read], of: option, named: option.environment)
            } else if option.isSecret, let path = environment[option.environment + "_FILE"],
                !path.isEmpty
            {
                let read = secret("@" + path, of: option)
                values[option.name] = .init(texts: [read], origin: .environment)
                check([read], of: option, named: option.environment + "_FILE")
            } else if let text = option.default {
                values[option.name] = .init(texts: [text], origin: .default)
            } else if option.isRequired {
                problems.append(
                    "--\(option.name) \(option.placeholder) is missing"
                        + " (or the environment variable \(option.environment))"
                )
            }
        }
        return values
    }

    private mutating func check(_ texts: [String], of option: Option, named name: String) {
        for text in texts {
            guard let problem = option.problem(with: text) else { continue }
            problems.append("\(name): \(problem)")
        }
    }

    private mutating func refuseSecrets(_ texts: [String], of option: Option) {
        guard option.isHiddenFromArguments, !texts.allSatisfy({ $0.hasPrefix("@") }) else { return }
        problems.append(
            "--\(option.name): a secret on the command line can be seen by every user of the"
                + " machine; give @FILE, \(option.environment)_FILE or \(option.environment)"
        )
    }

    /// The text of a secret's file when it is given as `@FILE`.
    private mutating func secret(_ text: String, of option: Option) -> String {
        guard option.isSecret, text.hasPrefix("@") else { return text }
        let path = String(text.dropFirst())
        guard let bytes = contents(ofFile: path) else {
            problems.append("--\(option.name): cannot read the file '\(path)'")
            return ""
        }
        let contents = String(decoding: bytes, as: UTF8.self)
        let end = contents.lastIndex { !$0.isNewline }
        return end.map { String(contents[...$0]) } ?? ""
    }
}
