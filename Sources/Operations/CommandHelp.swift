/// The help of a command, wrapped at 100 columns.
struct CommandHelp {
    private static let width = 100
    private static let column = 30
    private let chain: [Command]

    /// - Parameter chain: from the program to the subcommand in use; not empty.
    init(chain: [Command]) {
        self.chain = chain
    }

    private var command: Command { chain[chain.count - 1] }
    private var name: String { chain.map(\.name).joined(separator: " ") }

    /// One line: the name, the arguments and what is required.
    var usage: String {
        var words = [name]
        if command.subcommands.isEmpty {
            words += command.arguments.map { argument in
                let shown = argument.name + (argument.isRepeated ? " ..." : "")
                return argument.isRequired ? shown : "[\(shown)]"
            }
        } else {
            words.append("COMMAND")
        }
        words += options.filter(\.isRequired).map { "--\($0.name) \($0.placeholder)" }
        words.append("[options]")
        return Self.wrapped(
            "Usage: " + words.joined(separator: " "),
            first: 0,
            rest: 7 + name.count + 1
        )
    }

    /// The whole help.
    var text: String {
        var sections = ["\(name): \(command.summary)\n", usage]
        if !command.discussion.isEmpty {
            let lines = command.discussion.split(separator: "\n", omittingEmptySubsequences: false)
            sections.append(lines.map { Self.wrapped(String($0), first: 0, rest: 0) }.joined())
        }
        add("Commands", command.subcommands.map { ($0.name, $0.summary) }, to: &sections)
        if command.subcommands.isEmpty {
            add("Arguments", command.arguments.map { ($0.name, $0.help) }, to: &sections)
        }
        let general = [("--help", "Prints this help."), ("--version", "Prints the version.")]
        add("Options", options.map(row) + general, to: &sections)
        let codes = command.exitCodes.map { (String($0.rawValue), $0.text) }
        add("Exit codes", codes, to: &sections, column: 6)
        if !command.examples.isEmpty {
            let lines = command.examples.map { "  \($0)\n" }.joined()
            sections.append("Examples:\n" + lines)
        }
        if options.contains(where: \.isSecret) {
            sections.append(
                Self.wrapped(
                    "A value of a secret option that begins with @ names a file to read it from; "
                        + "so does its environment variable with _FILE at the end.",
                    first: 0,
                    rest: 0
                )
            )
        }
        let text = sections.joined(separator: "\n")
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    // MARK: Rows

    private var options: [Option] { chain.reversed().flatMap(\.options) }

    private func row(_ option: Option) -> (String, String) {
        var left = "--\(option.name)"
        if option.kind != .flag { left += " \(option.placeholder)" }
        var notes: [String] = []
        switch option.kind {
        case .choice(let choices): notes.append("one of \(choices.joined(separator: ", "))")
        case .int(let range) where range.upperBound < Int.max && range.lowerBound > Int.min:
            notes.append("\(range.lowerBound)...\(range.upperBound)")
        case .int(let range) where range.lowerBound > Int.min:
            notes.append("at least \(range.lowerBound)")
        case .list: notes.append("commas between")
        default: break
        }
        if let text = option.default, !text.isEmpty, option.kind != .flag {
            notes.append("default \(option.shown(text))")
        }
        if option.isRequired { notes.append("required") }
        notes.append(option.environment)
        return (left, "\(option.help) [\(notes.joined(separator: "; "))]")
    }

    private func add(
        _ title: String,
        _ rows: [(String, String)],
        to sections: inout [String],
        column limit: Int = CommandHelp.column
    ) {
        guard !rows.isEmpty else { return }
        let column = min(limit, 4 + (rows.map(\.0.count).max() ?? 0))
        let lines = rows.map { left, right in
            let start = "  " + left
            guard start.count + 2 <= column else {
                let indent = String(repeating: " ", count: column)
                return start + "\n" + indent + Self.wrapped(right, first: column, rest: column)
            }
            return start.padded(to: column) + Self.wrapped(right, first: column, rest: column)
        }
        sections.append("\(title):\n" + lines.joined())
    }

    /// The words on lines that end before the width, with a line feed after the last.
    private static func wrapped(_ text: String, first: Int, rest: Int) -> String {
        var result = ""
        var used = first
        var isStart = true
        for word in text.split(separator: " ") {
            if !isStart, used + 1 + word.count > width {
                result += "\n" + String(repeating: " ", count: rest)
                used = rest
                isStart = true
            }
            result += isStart ? String(word) : " \(word)"
            used += word.count + (isStart ? 0 : 1)
            isStart = false
        }
        return result + "\n"
    }
}
