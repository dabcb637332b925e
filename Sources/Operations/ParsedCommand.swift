/// The settings of a program, checked.
///
/// Reading an option that the command does not declare is a programming error and ends the process.
public struct ParsedCommand: Sendable {
    /// Where a value comes from.
    public enum Origin: String, Hashable, Sendable {
        /// The command line.
        case flag
        /// A file that the command line names.
        case file
        /// An environment variable.
        case environment
        /// The program.
        case `default`
    }

    struct Value: Sendable {
        var texts: [String]
        var origin: Origin
    }

    /// The names of the subcommands, outermost first; empty for a program without subcommands.
    public let path: [String]
    /// The arguments without names, in order.
    public let arguments: [String]
    let options: [Option]
    let values: [String: Value]

    /// The text of an option; empty when it has none.
    public func string(_ name: String) -> String {
        optionalString(name) ?? ""
    }

    /// The text of an option, or nil when it has none.
    public func optionalString(_ name: String) -> String? {
        let option = declared(name)
        guard let texts = values[name]?.texts else { return nil }
        return option.kind == .list ? texts.joined(separator: ",") : texts.last
    }

    /// The number of an option of kind int; 0 when it has none.
    public func int(_ name: String) -> Int {
        optionalInt(name) ?? 0
    }

    /// The number of an option of kind int, or nil when it has none.
    public func optionalInt(_ name: String) -> Int? {
        optionalString(name).flatMap { Int($0) }
    }

    /// Whether a flag is given.
    public func flag(_ name: String) -> Bool {
        optionalString(name).flatMap(Option.truth) ?? false
    }

    /// The time span of an option of kind duration; zero when it has none.
    public func duration(_ name: String) -> Duration {
        optionalDuration(name) ?? .zero
    }

    /// The time span of an option of kind duration, or nil when it has none.
    public func optionalDuration(_ name: String) -> Duration? {
        optionalString(name).flatMap { Duration(settingText: $0) }
    }

    /// The texts of an option of kind list, in order; empty when it has none.
    public func list(_ name: String) -> [String] {
        _ = declared(name)
        return (values[name]?.texts ?? []).flatMap { $0.split(separator: ",") }
            .map { $0.trimmed }.filter { !$0.isEmpty }
    }

    /// Whether the option's value is not the program's default.
    public func isGiven(_ name: String) -> Bool {
        _ = declared(name)
        return values[name].map { $0.origin != .default } ?? false
    }

    /// Whether the option's value is on the command line, where every user of the machine can see
    /// it.
    public func isArgument(_ name: String) -> Bool {
        _ = declared(name)
        return values[name]?.origin == .flag
    }

    /// Every option that has a value: name, value with secrets masked, and where it comes from.
    public var settingsTable: [(name: String, value: String, origin: String)] {
        options.compactMap { option in
            guard let value = values[option.name] else { return nil }
            let texts = option.kind == .list ? value.texts : value.texts.suffix(1)
            let text = option.shown(texts.joined(separator: ","))
            return (option.name, text, value.origin.rawValue)
        }
    }

    /// The settings as aligned lines, secrets masked.
    public var settingsText: String {
        let table = settingsTable
        let nameWidth = table.map(\.name.count).max() ?? 0
        let valueWidth = min(48, table.map(\.value.count).max() ?? 0)
        return table.map { name, value, origin in
            "\(name.padded(to: nameWidth))  \(value.padded(to: valueWidth))  (\(origin))\n"
        }.joined()
    }

    /// Logs the settings in one line, secrets masked, with the origin of values that are not
    /// defaults.
    public func logSettings(to logger: Logger) {
        var facts: [LogKey: String] = [.version: BuildInformation.version]
        for (name, value, origin) in settingsTable {
            let mark = origin == Origin.default.rawValue ? "" : " (\(origin))"
            facts[LogKey(rawValue: "settings.\(name)")] = value + mark
        }
        logger.info("started", facts)
    }

    /// The logger that `--log-level` and `--log-format` ask for; see ``Option/logging``.
    public func makeLogger(label: String) -> Logger {
        Logger(
            label: label,
            level: LogLevel(rawValue: string("log-level")) ?? .info,
            format: LogFormat(rawValue: string("log-format")) ?? .text
        )
    }

    // MARK: Lookup

    private func declared(_ name: String) -> Option {
        guard let option = options.first(where: { $0.name == name }) else {
            preconditionFailure("no option --\(name) is declared")
        }
        return option
    }
}

extension StringProtocol {
    /// Without blanks at both ends.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// With blanks at its end, up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
