import Foundation
import GridAPI
import HTTP
import TestBed
import Testing

/// `valgrid up` with its own broker, aggregator and engines, and tokens for its API.
final class LocalPage: Sendable {
    private struct Token: Decodable { var token: String }

    let process: RunningProcess
    /// Without a slash at its end.
    let url: String
    private let scratch: Scratch

    init(_ scratch: Scratch, engines: Int = 2, more: [String] = []) async throws {
        let process = try RunningProcess(
            "valgrid",
            [
                "up", "--listen", "127.0.0.1:0", "--data", scratch.path("up"), "--engines",
                "\(engines)",
            ] + more,
            in: scratch.url
        )
        func printed(_ name: String) -> String? {
            process.standardOutput.split(separator: "\n")
                .first { $0.hasPrefix("\(name): ") }
                .map { String($0.dropFirst(name.count + 2)) }
        }
        try await eventually("the page says where it is", within: .seconds(30)) {
            guard process.isRunning else { throw TestBedError(process.standardError) }
            return printed("admin password") != nil
        }
        var address = try #require(printed("page"))
        if address.hasSuffix("/") { address.removeLast() }
        self.process = process
        self.scratch = scratch
        url = address
        try await awaitReady(process, url, within: .seconds(30))
    }

    /// Makes a token with a role, of the administrator, and returns the file that it is in.
    func tokenFile(_ role: String) async throws -> String {
        let session = try await PageSession(url, output: process.standardOutput)
        let answer = try await HTTPClient().send(
            HTTPCall(
                method: "POST",
                url: url + "/api/v1/tokens",
                headers: session.headers,
                body: .bytes(
                    Array("{\"name\":\"test\",\"role\":\"\(role)\",\"days\":1}".utf8),
                    contentType: "application/json"
                )
            )
        )
        let token: Token = try APIJSON.decoded(from: answer.body)
        let path = try scratch.write(token.token + "\n", to: "token-\(role)")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return path
    }

    /// Runs eodservice against the page.
    func eodservice(
        _ arguments: [String],
        token: String
    ) async throws -> (code: Int32, output: String, errors: String) {
        let process = try start(arguments, token: token)
        let code = try await process.end()
        return (code, process.standardOutput, process.standardError)
    }

    /// Starts eodservice against the page.
    func start(_ arguments: [String], token: String) throws -> RunningProcess {
        try RunningProcess(
            "eodservice",
            arguments + ["--server", url, "--token-file", token],
            in: scratch.url
        )
    }

    func stop() async throws {
        process.signal(SIGTERM)
        #expect(try await process.end(within: .seconds(60)) == 0, "\(process.standardError)")
    }
}
