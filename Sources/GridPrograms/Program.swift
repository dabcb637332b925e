internal import Glibc
internal import GridEngine
public import GridProtocol
internal import GridSubmission
public import KafkaClient
public import Operations
internal import PortfolioFiles

/// An error with the exit code that a program ends with.
public struct ProgramError: Error, CustomStringConvertible, Sendable {
    /// What the program exits with.
    public var code: ExitCode
    /// One line for people.
    public var reason: String

    /// Makes an error.
    public init(_ code: ExitCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The reason.
    public var description: String { reason }
}

/// A parsed command line, and what is made of it.
public struct Program: Sendable {
    /// The program's name.
    public let name: String
    /// The command line.
    public let settings: ParsedCommand
    /// Where lines go.
    public let logger: Logger

    /// Parses the command line, runs `body` and ends the process.
    ///
    /// Ends with 0 after `--help` and `--version`, with 2 and a line that says what was wrong for a
    /// command line that cannot be used, otherwise with what `body` returns or its error's code.
    public static func run(
        _ command: Command,
        body: @Sendable (Program) async throws -> ExitCode
    ) async -> Never {
        ProcessStart.prepare()
        let outcome = command.parse(
            arguments: Array(CommandLine.arguments.dropFirst()),
            environment: processEnvironment()
        )
        switch outcome {
        case .help(let text), .version(let text):
            do {
                try say(text)
            } catch {
                end(command, error)
            }
            exit(ExitCode.success.rawValue)
        case .failure(let message, let usage):
            complain("\(command.name): \(message)\n\(usage)")
            exit(ExitCode.usage.rawValue)
        case .parsed(let settings):
            let program = Program(
                name: command.name,
                settings: settings,
                logger: settings.makeLogger(label: command.name)
            )
            do {
                exit(try await body(program).rawValue)
            } catch {
                end(command, error)
            }
        }
    }

    /// How Kafka is reached, as the options say; the files that they name are looked at.
    ///
    /// - Throws: ``ProgramError`` that says what is missing or does not fit.
    public func kafkaConfiguration(clientID: String) throws -> KafkaConfiguration {
        KafkaConfiguration(
            bootstrapServers: settings.string("brokers"),
            clientID: clientID,
            properties: try kafkaProperties()
        )
    }

    /// The librdkafka properties that the options give.
    ///
    /// - Throws: ``ProgramError``, without any value that may be a secret.
    public func kafkaProperties() throws -> [String: String] {
        let further = try KafkaProperties(settings).values
        let security = try KafkaSecurity(settings).properties()
        if let name = security.keys.sorted().first(where: { further[$0] != nil }) {
            throw ProgramError(
                .usage,
                "--kafka-config: \(name) is what --kafka-security and the options about it say"
            )
        }
        return further.merging(security) { $1 }
    }

    /// The topics, as the options say.
    public var topics: Topics {
        var topics = Topics(prefix: settings.string("topic-prefix"))
        topics.batchPartitions = settings.int("partitions")
        return topics
    }

    /// Writes lines to standard error; what a terminal would obey is escaped.
    public static func complain(_ line: String) {
        StandardError.write(line)
    }

    /// Writes lines to standard output; what a terminal would obey is escaped.
    ///
    /// - Throws: `OutputError` when not all of it was taken.
    public static func say(_ line: String) throws(OutputError) {
        try StandardOutput.write(line)
    }

    // MARK: Private

    /// Ends the process after an error, with a sentence; without one when the reader of what is
    /// printed has gone.
    private static func end(_ command: Command, _ error: any Error) -> Never {
        if let error = error as? OutputError, error.isReaderGone { ProcessStart.endBySIGPIPE() }
        let (code, reason) = explain(error)
        complain(reason.contains("\n") ? reason : "\(command.name): \(reason)")
        exit(code.rawValue)
    }

    private static func explain(_ error: any Error) -> (ExitCode, String) {
        switch error {
        case let error as ProgramError: return (error.code, error.reason)
        case let error as FileProblems: return (.usage, error.description)
        case let error as SubmissionError:
            switch error.code {
            case .kafka: return (.unreachable, error.reason)
            case .cancelled: return (.incomplete, error.reason)
            default: return (.usage, error.reason)
            }
        case let error as KafkaError: return (code(of: error.code), error.reason)
        case let error as EngineError:
            return (error.kafka.map(code(of:)) ?? .failure, error.reason)
        default: return (.failure, "\(error)")
        }
    }

    private static func code(of error: KafkaError.Code) -> ExitCode {
        switch error {
        case .brokersUnavailable, .timedOut, .authentication, .authorization: .unreachable
        case .configuration: .usage
        default: .failure
        }
    }
}
