/// A setting of a program: a flag, an environment variable or a default, in this order.
public struct Option: Hashable, Sendable {
    /// What values an option takes.
    public enum Kind: Hashable, Sendable {
        /// Any text.
        case string
        /// A whole number within a range.
        case int(ClosedRange<Int>)
        /// Given or not; `--no-NAME` negates it.
        case flag
        /// A duration such as `250ms`, `30s`, `5m`, `2h`, `1d`; a number alone is seconds.
        case duration
        /// Texts with commas between; may be given several times.
        case list
        /// One of these.
        case choice([String])
    }

    /// The name without dashes, as `http-port`.
    public var name: String
    /// The placeholder of the value in the help, such as `PORT`.
    public var placeholder: String
    /// One or two sentences.
    public var help: String
    /// The value when neither the flag nor the environment variable is given.
    public var `default`: String?
    /// Whether a value must be given.
    public var isRequired: Bool
    /// Whether the value is never shown; it may then be read from a file.
    ///
    /// `--NAME @FILE` and the environment variable with `_FILE` at its end read the file's text
    /// without the line feed at its end.
    public var isSecret: Bool
    /// Whether a secret is refused on the command line, where every user of the machine can see it;
    /// `@FILE` is accepted.
    public var isHiddenFromArguments: Bool
    /// What values it takes.
    public var kind: Kind
    /// The environment variable: `http-port` is `VALGRID_HTTP_PORT` unless told otherwise.
    public var environment: String

    /// An option.
    ///
    /// - Parameters:
    ///   - name: without dashes.
    ///   - placeholder: the placeholder of the value in the help; default `VALUE`.
    ///   - help: one or two sentences.
    ///   - default: the value when none is given.
    ///   - isRequired: whether a value must be given.
    ///   - isSecret: whether the value is never shown.
    ///   - isHiddenFromArguments: whether a secret is refused on the command line.
    ///   - kind: what values it takes.
    ///   - environment: the environment variable; default: derived from the name.
    public init(
        name: String,
        placeholder: String = "",
        help: String,
        default: String? = nil,
        isRequired: Bool = false,
        isSecret: Bool = false,
        isHiddenFromArguments: Bool = false,
        kind: Kind = .string,
        environment: String? = nil
    ) {
        self.name = name
        self.placeholder = placeholder.isEmpty && kind != .flag ? "VALUE" : placeholder
        self.help = help
        self.default = `default`
        self.isRequired = isRequired
        self.isSecret = isSecret
        self.isHiddenFromArguments = isHiddenFromArguments
        self.kind = kind
        self.environment =
            environment
            ?? "VALGRID_" + name.uppercased().split(separator: "-").joined(separator: "_")
    }
}

extension Option {
    /// Options of every long-running program: logs, health and metrics.
    public static let operations: [Option] =
        [
            Option(
                name: "http-host",
                placeholder: "ADDRESS",
                help: "Address of /livez, /readyz and /metrics.",
                default: "127.0.0.1"
            ),
            Option(
                name: "http-port",
                placeholder: "PORT",
                help: "Port of /livez, /readyz and /metrics; 0 takes any free port.",
                default: "8000",
                kind: .int(0...65_535)
            ),
        ] + logging

    /// How logs are written, for every program.
    public static let logging: [Option] = [
        Option(
            name: "log-level",
            placeholder: "LEVEL",
            help: "Lowest level that is logged.",
            default: LogLevel.info.rawValue,
            kind: .choice(LogLevel.allCases.map(\.rawValue))
        ),
        Option(
            name: "log-format",
            placeholder: "FORMAT",
            help: "Log format: text for people, json for collectors.",
            default: LogFormat.text.rawValue,
            kind: .choice(LogFormat.allCases.map(\.rawValue))
        ),
    ]

    /// Why a text is not a value of this option, or nil.
    func problem(with text: String) -> String? {
        switch kind {
        case .string, .list:
            return nil
        case .flag:
            return Self.truth(text) == nil ? "'\(text)' is neither true nor false" : nil
        case .int(let range):
            guard let number = Int(text) else { return "'\(shown(text))' is not a whole number" }
            guard !range.contains(number) else { return nil }
            return "\(number) is not in \(range.lowerBound)...\(range.upperBound)"
        case .duration:
            guard Duration(settingText: text) == nil else { return nil }
            return "'\(shown(text))' is not a duration such as 250ms, 30s, 5m or 2h; at most 3650d"
        case .choice(let choices):
            guard !choices.contains(text) else { return nil }
            return "'\(shown(text))' is not one of \(choices.joined(separator: ", "))"
        }
    }

    /// The value as it is shown, secrets masked.
    func shown(_ text: String) -> String {
        isSecret && !text.isEmpty ? "********" : text
    }

    /// The value of a flag's text, or nil.
    static func truth(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: nil
        }
    }
}

extension Duration {
    /// A duration as settings write it: `250ms`, `30s`, `5m`, `2h`, `1d`, or seconds alone.
    ///
    /// - Parameter settingText: a number, 0 or more, and its unit; at most ten years.
    public init?(settingText: String) {
        let number = settingText.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let units = ["ms": 0.001, "": 1, "s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400]
        guard let value = Double(number),
            let unit = units[String(settingText.dropFirst(number.count))],
            value * unit <= 3_650 * 86_400
        else { return nil }
        self = .seconds(value * unit)
    }
}
