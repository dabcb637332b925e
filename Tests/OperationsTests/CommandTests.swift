import Foundation
import Operations
import Testing

@Suite struct CommandTests {
    static let command = Command(
        name: "tool",
        summary: "Does things.",
        options: [Option(name: "log-level", help: "Level.", default: "info")],
        subcommands: [
            Command(
                name: "submit",
                summary: "Submits.",
                arguments: [
                    PositionalArgument(name: "FILE", help: "What."),
                    PositionalArgument(name: "OTHER", help: "More.", isRequired: false),
                ],
                options: [
                    Option(name: "market", placeholder: "PATH", help: "Market.", isRequired: true),
                    Option(
                        name: "http-port",
                        placeholder: "PORT",
                        help: "Port.",
                        default: "8000",
                        kind: .int(0...65_535)
                    ),
                    Option(name: "deadline", placeholder: "TIME", help: "When.", kind: .duration),
                    Option(name: "metrics", placeholder: "LIST", help: "Which.", kind: .list),
                    Option(name: "wait", help: "Waits.", kind: .flag),
                    Option(name: "mode", help: "How.", default: "a", kind: .choice(["a", "b"])),
                    Option(name: "password", help: "Secret.", isSecret: true),
                    Option(
                        name: "hidden",
                        help: "Secret that is no argument.",
                        isSecret: true,
                        isHiddenFromArguments: true
                    ),
                ]
            ),
            Command(name: "status", summary: "Says."),
        ]
    )

    private func outcome(
        _ arguments: String,
        _ environment: [String: String] = [:]
    ) -> CommandLineOutcome {
        Self.command.parse(
            arguments: arguments.split(separator: " ").map(String.init),
            environment: environment
        )
    }

    private func parsed(
        _ arguments: String,
        _ environment: [String: String] = [:]
    ) throws -> ParsedCommand {
        guard case .parsed(let parsed) = outcome(arguments, environment) else {
            throw Unexpected(outcome: "\(outcome(arguments, environment))")
        }
        return parsed
    }

    private func problems(
        _ arguments: String,
        _ environment: [String: String] = [:]
    ) -> [String] {
        guard case .failure(let message, _) = outcome(arguments, environment) else { return [] }
        return message.split(separator: "\n").map(String.init)
    }

    private struct Unexpected: Error { var outcome: String }

    @Test func readsTypedValues() throws {
        let parsed = try parsed(
            "--log-level debug submit p.json --market=m --http-port 0 --deadline 1500ms "
                + "--metrics NPV,ParRate --metrics Vega --wait --mode b"
        )
        #expect(parsed.path == ["submit"])
        #expect(parsed.arguments == ["p.json"])
        #expect(parsed.string("log-level") == "debug")
        #expect(parsed.string("market") == "m")
        #expect(parsed.int("http-port") == 0)
        #expect(parsed.duration("deadline") == .milliseconds(1500))
        #expect(parsed.list("metrics") == ["NPV", "ParRate", "Vega"])
        #expect(parsed.flag("wait"))
        #expect(parsed.string("mode") == "b")
        #expect(parsed.optionalString("password") == nil)
    }

    @Test func aFlagWinsOverTheEnvironmentAndThatOverTheDefault() throws {
        let environment = [
            "VALGRID_HTTP_PORT": "9000", "VALGRID_MARKET": "", "VALGRID_WAIT": "yes",
        ]
        let withBoth = try parsed("submit f --market m --http-port 7 --no-wait", environment)
        #expect(withBoth.int("http-port") == 7)
        #expect(!withBoth.flag("wait"))
        let withEnvironment = try parsed("submit f --market m", environment)
        #expect(withEnvironment.int("http-port") == 9000)
        #expect(withEnvironment.flag("wait"))
        #expect(try parsed("submit f --market m").int("http-port") == 8000)
        let origins = withBoth.settingsTable.map { "\($0.name)=\($0.value) \($0.origin)" }
        #expect(
            origins == [
                "market=m flag", "http-port=7 flag", "wait=false flag", "mode=a default",
                "log-level=info default",
            ]
        )
        #expect(withEnvironment.settingsText.contains("http-port  9000  (environment)\n"))
        #expect(withBoth.isGiven("http-port") && !withBoth.isGiven("mode"))
    }

    @Test func saysEverythingThatIsWrong() {
        #expect(
            problems("submit f g h --http-port 70000 --deadline soon --mode c") == [
                "unexpected argument 'h'",
                "--market PATH is missing (or the environment variable VALGRID_MARKET)",
                "--http-port: 70000 is not in 0...65535",
                "--deadline: 'soon' is not a duration such as 250ms, 30s, 5m or 2h; at most 3650d",
                "--mode: 'c' is not one of a, b",
            ]
        )
        #expect(
            problems("submit f --market m", ["VALGRID_HTTP_PORT": "x"]) == [
                "VALGRID_HTTP_PORT: 'x' is not a whole number"
            ]
        )
        #expect(problems("submit --market m") == ["FILE is missing"])
        #expect(problems("submit f --market").first == "--market needs a value: --market PATH")
    }

    @Test func guessesWhatWasMeant() {
        #expect(
            problems("submit f --markte m").first
                == "unknown option '--markte'; did you mean '--market'?"
        )
        #expect(problems("submti f") == ["unknown command 'submti'; did you mean 'submit'?"])
        #expect(problems("xyzzy") == ["unknown command 'xyzzy'"])
        #expect(problems("submit f --market m --qqq") == ["unknown option '--qqq'"])
        #expect(problems("submit f --market m -v").count == 1)
        #expect(problems("") == ["a command is missing, one of submit, status"])
    }

    @Test func whatFollowsTwoDashesIsNoOption() throws {
        let parsed = try parsed("submit --market m -- --wait -x")
        #expect(parsed.arguments == ["--wait", "-x"])
        #expect(!parsed.flag("wait"))
    }

    @Test func aNegativeValueIsAValue() throws {
        #expect(try parsed("submit f --market -5").string("market") == "-5")
    }

    @Test func secretsAreMaskedAndReadFromFiles() throws {
        let path = FileManager.default.temporaryDirectory.path + "/secret-\(UUID().uuidString)"
        try writeAtomically("pass word\n", to: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let variants = [
            try parsed("submit f --market m --password @\(path)"),
            try parsed("submit f --market m", ["VALGRID_PASSWORD_FILE": path]),
            try parsed("submit f --market m", ["VALGRID_PASSWORD": "@\(path)"]),
        ]
        for parsed in variants {
            #expect(parsed.string("password") == "pass word")
            #expect(
                parsed.settingsTable.contains { $0.name == "password" && $0.value == "********" }
            )
            #expect(!parsed.settingsText.contains("pass word"))
        }
        #expect(
            problems("submit f --market m --password @/no/such/file") == [
                "--password: cannot read the file '/no/such/file'"
            ]
        )
    }

    @Test func aSecretMayBeKeptOffTheCommandLine() throws {
        let refused = problems("submit f --market m --hidden hunter2")
        #expect(refused.count == 1)
        #expect(
            refused.first?.contains("give @FILE, VALGRID_HIDDEN_FILE or VALGRID_HIDDEN") == true
        )
        #expect(refused.first?.contains("hunter2") == false)
        #expect(problems("submit f --market m --hidden=hunter2") == refused)

        let path = FileManager.default.temporaryDirectory.path + "/secret-\(UUID().uuidString)"
        try writeAtomically("hunter2", to: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let byFile = try parsed("submit f --market m --hidden @\(path)")
        #expect(byFile.string("hidden") == "hunter2")
        #expect(!byFile.isArgument("hidden"))
        #expect(byFile.settingsText.contains("(file)"))
        let byEnvironment = try parsed("submit f --market m", ["VALGRID_HIDDEN": "hunter2"])
        #expect(byEnvironment.string("hidden") == "hunter2")
        #expect(!byEnvironment.settingsText.contains("hunter2"))
        #expect(try parsed("submit f --market m --password p").isArgument("password"))
    }

    @Test func helpShowsOptionsDefaultsVariablesAndExitCodes() throws {
        guard case .help(let text) = outcome("submit --help") else {
            Issue.record("no help")
            return
        }
        for part in [
            "tool submit: Submits.", "Usage: tool submit FILE [OTHER] --market PATH [options]",
            "--http-port PORT", "0...65535; default 8000; VALGRID_HTTP_PORT", "one of a, b",
            "required; VALGRID_MARKET", "Exit codes:", "  5  broker or service not reachable",
            "--log-level", "_FILE at the end",
        ] {
            #expect(text.contains(part), "\(part) is missing in\n\(text)")
        }
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
        guard case .help(let program) = outcome("help") else {
            Issue.record("no help")
            return
        }
        #expect(program.contains("Commands:\n  submit"))
    }

    @Test func helpWrapsAndAligns() throws {
        let command = Command(
            name: "t",
            summary: "S.",
            options: [
                Option(
                    name: "o",
                    placeholder: "X",
                    help: String(repeating: "word ", count: 60),
                    default: "1"
                )
            ]
        )
        guard case .help(let text) = command.parse(arguments: ["-h"], environment: [:]) else {
            Issue.record("no help")
            return
        }
        let lines = text.split(separator: "\n").filter { $0.contains("word word") }
        let columns = Set(lines.map { $0.range(of: "word")?.lowerBound.utf16Offset(in: $0) })
        #expect(lines.count > 3)
        #expect(columns.count == 1)
        #expect(lines.allSatisfy { $0.count <= 100 })
    }

    @Test func versionIsThatOfTheBuild() {
        guard case .version(let text) = outcome("--version") else {
            Issue.record("no version")
            return
        }
        #expect(text == "tool \(BuildInformation.version)")
    }

    @Test(
        arguments: [
            ("250ms", .milliseconds(250)), ("30s", .seconds(30)), ("5m", .seconds(300)),
            ("2h", .seconds(7200)), ("1d", .seconds(86_400)), ("1.5", .milliseconds(1500)),
            ("", nil), ("-1s", nil), ("s", nil), ("1x", nil), ("1..2s", nil), ("1e9s", nil),
            ("99999999999", nil), ("nan", nil), ("٣s", nil),
        ] as [(String, Duration?)]
    )
    func readsTimeSpans(text: String, expected: Duration?) {
        #expect(Duration(settingText: text) == expected)
    }

    @Test func theEnvironmentIsThatOfTheProcess() {
        #expect(processEnvironment()["PATH"] == ProcessInfo.processInfo.environment["PATH"])
    }
}
