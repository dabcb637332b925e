internal import Foundation
internal import Glibc
internal import TestBed

/// A broker, an aggregator, an engine with one pricer and a page, as programs.
struct BenchGrid {
    let brokers: String
    let page: Page
    private let processes: [RunningProcess]

    init(in scratch: Scratch) async throws {
        let broker = try RunningProcess("valgrid", ["broker"], in: scratch.url)
        try await eventually("the broker is up", within: .seconds(30)) {
            broker.standardOutput.contains("127.0.0.1:")
        }
        brokers = broker.standardOutput.split(separator: "\n").last.map(String.init) ?? ""
        let kafka = ["--brokers", brokers]
        let ports = (try Sockets.freePort(), try Sockets.freePort())
        let aggregator = try RunningProcess(
            "aggregator",
            kafka + ["--ledger", scratch.path("grid.sqlite"), "--http-port", "\(ports.0)"],
            in: scratch.url
        )
        let engine = try RunningProcess(
            "valengine",
            kafka + [
                "--pricers", "1", "--http-port", "\(ports.1)", "--delivery", "at-least-once",
            ],
            in: scratch.url
        )
        for (process, port) in [(aggregator, ports.0), (engine, ports.1)] {
            try await awaitReady(process, "http://127.0.0.1:\(port)", within: .seconds(60))
        }
        let tokens = try Page.writeUsers(in: scratch)
        let manager = try RunningProcess(
            "compute-manager",
            kafka + [
                "--aggregator", "http://127.0.0.1:\(ports.0)", "--listen", "127.0.0.1:0", "--data",
                scratch.path("manager"), "--delivery", "at-least-once", "--examples",
                Repository.path("examples"), "--behind-tls-proxy", "--public-host", "127.0.0.1",
            ],
            in: scratch.url
        )
        try await eventually("the page is up", within: .seconds(60)) {
            manager.standardOutput.contains("page: ")
        }
        page = Page(manager, tokens: tokens)
        processes = [manager, engine, aggregator, broker]
    }

    /// Ends all, the broker last.
    func end() async throws {
        for process in processes {
            process.signal(SIGTERM)
            try await process.end(within: .seconds(60))
        }
    }
}
