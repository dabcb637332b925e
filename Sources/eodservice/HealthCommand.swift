internal import GridPrograms
internal import Operations
internal import HTTP

/// `eodservice health`: checks a program's health, for images with neither a shell nor curl.
enum HealthCommand {
    static let command = Command(
        name: "health",
        summary: "Checks the health of a program of the grid; exits with 0 or 1.",
        discussion: """
            For health checks of containers. Without a URL it checks the program that listens on \
            --http-host and --http-port, or on the values of their environment variables.
            """,
        arguments: [
            PositionalArgument(
                name: "URL",
                help: "the URL to check; default: /readyz of this machine",
                isRequired: false
            )
        ],
        options: [
            Option(
                name: "delay",
                placeholder: "TIME",
                help: "how long to wait before the check; in a preStop hook, time for load"
                    + " balancers to notice that the container stops",
                default: "0s",
                kind: .duration
            ),
            Option(
                name: "answer-limit",
                placeholder: "TIME",
                help: "how long the answer may take",
                default: "3s",
                kind: .duration
            ),
        ] + Option.operations.filter { ["http-host", "http-port"].contains($0.name) }
            + CommonOptions.quietLogging,
        examples: [
            "eodservice health  # is the program of this container ready?",
            "eodservice health http://aggregator:8000/livez",
        ],
        exitCodes: [.success, .failure, .usage]
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let settings = program.settings
        let url =
            settings.arguments.first
            ?? address(host: settings.string("http-host"), port: settings.int("http-port"))
        try await Task.sleep(for: settings.duration("delay"))
        let answer: HTTPAnswer
        do throws(HTTPClientError) {
            answer = try await HTTPClient(maximumBodyBytes: 1 << 20)
                .get(url, timeout: settings.duration("answer-limit"))
        } catch {
            throw ProgramError(error.code == .badAddress ? .usage : .failure, error.reason)
        }
        guard answer.status == 200 else {
            Program.complain("\(url) answered \(answer.status): \(answer.text)")
            return .failure
        }
        return .success
    }

    /// Where a program of this machine that listens at `host` is asked.
    private static func address(host: String, port: Int) -> String {
        switch host {
        case "", "0.0.0.0", "::": "http://127.0.0.1:\(port)/readyz"
        case _ where host.contains(":"): "http://[\(host)]:\(port)/readyz"
        default: "http://\(host):\(port)/readyz"
        }
    }
}
