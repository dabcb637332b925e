import Foundation
import HTTP
import TestBed
import Testing

/// The programs on a secure broker, each with its own certificate or password.
final class SecureGrid {
    let kafka: SecureKafka
    let way: Way
    let scratch: Scratch
    private(set) var processes: [RunningProcess] = []
    /// Where each long-running program answers.
    private(set) var urls: [String: String] = [:]

    init(_ kafka: SecureKafka, _ way: Way) throws {
        self.kafka = kafka
        self.way = way
        scratch = try Scratch()
    }

    deinit {
        for process in processes { process.signal(SIGKILL) }
    }

    /// The environment of a program that gets its password from a file.
    func passwordFromFile(_ user: String) -> [String: String] {
        way == .mutualTLS ? [:] : ["VALGRID_KAFKA_PASSWORD_FILE": kafka.passwordFile(user)]
    }

    /// Starts a program that stays, and waits until it is ready.
    @discardableResult
    func start(
        _ program: String,
        _ more: [String] = [],
        environment: [String: String]? = nil
    ) async throws -> RunningProcess {
        let port = try Sockets.freePort()
        let url = "http://127.0.0.1:\(port)"
        let process = try RunningProcess(
            program,
            kafka.options(way, as: program) + ["--http-port", String(port)] + more,
            in: scratch.url,
            environment: environment ?? passwordFromFile(program)
        )
        processes.append(process)
        urls[program] = url
        try await eventually("\(program) is ready: \(process.standardError)", within: .seconds(90))
        {
            guard process.isRunning else {
                throw TestBedError("\(program) ended: \(process.standardError)")
            }
            let answer = try? await HTTPClient().get("\(url)/readyz", timeout: .seconds(2))
            return answer?.status == 200
        }
        return process
    }

    /// Runs a program to its end.
    func run(
        _ program: String,
        as user: String,
        _ arguments: [String],
        limit: Duration = .seconds(120)
    ) async throws -> (code: Int32, process: RunningProcess) {
        let process = try RunningProcess(
            program,
            arguments,
            in: scratch.url,
            environment: passwordFromFile(user)
        )
        processes.append(process)
        return (try await process.end(within: limit), process)
    }

    func stop(_ program: RunningProcess) async throws {
        program.signal(SIGTERM)
        #expect(try await program.end(within: .seconds(60)) == 0, "\(program.standardError)")
    }

    func page(_ program: String, _ path: String) async throws -> [UInt8] {
        let url = try #require(urls[program])
        let answer = try await HTTPClient().get(url + path, timeout: .seconds(10))
        #expect(answer.status == 200)
        return answer.body
    }
}
