internal import CProcess
internal import Foundation
internal import TestBed

/// CPU microseconds per trade, by program.
struct GridCost {
    var eodservice = 0.0
    var valengine = 0.0
    var pricers = 0.0
    var aggregator = 0.0
    var seconds = 0.0

    var total: Double { eodservice + valengine + pricers + aggregator }

    /// What each program used.
    static let parts: [(name: String, value: @Sendable (GridCost) -> Double)] = [
        ("eodservice", { $0.eodservice }), ("valengine", { $0.valengine }),
        ("pricers", { $0.pricers }), ("aggregator", { $0.aggregator }),
    ]
}

/// One run of the separate programs on a broker.
struct GridRun {
    var directory: String
    var brokers: String?
    var portfolio: String
    var market: String
    var trades: Int
    var round: Int

    func measure() async throws -> GridCost {
        let prefix = "bench\(getpid())-\(round)."
        var started: [RunningProcess] = []
        var address = brokers ?? ""
        if brokers == nil {
            let broker = try start("valgrid", ["broker", "--topic-prefix", prefix])
            started.append(broker)
            try await eventually("the broker prints its address", within: .seconds(10)) {
                broker.standardOutput.hasSuffix("\n")
            }
            address = broker.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let kafka = ["--brokers", address, "--topic-prefix", prefix]
        let ledger = "\(directory)/ledger-\(round).sqlite"
        let ports = (try Sockets.freePort(), try Sockets.freePort())
        let aggregator = try start(
            "aggregator",
            kafka + ["--ledger", ledger, "--http-port", String(ports.0)]
        )
        started.append(aggregator)
        let engine = try start(
            "valengine",
            kafka + ["--pricers", "2", "--http-port", String(ports.1)]
                + (brokers == nil ? ["--delivery", "at-least-once"] : [])
        )
        started.append(engine)
        for (process, port) in [(aggregator, ports.0), (engine, ports.1)] {
            try await awaitReady(process, "http://127.0.0.1:\(port)", within: .seconds(30))
        }

        // What the processes used before the job is theirs, not the job's.
        let before = (
            cpu(aggregator), cpu(engine), pricerCPU(engine)
        )
        let clock = ContinuousClock.now
        let submit = try start(
            "eodservice",
            [
                "submit", portfolio, "--market", market, "--metrics", "NPV", "--wait",
                "--job-id", "bench-\(round)", "--aggregator", "http://127.0.0.1:\(ports.0)",
            ] + kafka
        )
        started.append(submit)
        let childBefore = childCPU()
        let code = try await submit.end(within: .seconds(3_600))
        guard code == 0 else {
            throw TestBedError("eodservice ended with \(code): \(submit.lastWords)")
        }
        var cost = GridCost()
        let share = 1e6 / Double(trades)
        let time = clock.duration(to: .now)
        cost.seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        cost.eodservice = (childCPU() - childBefore) * share
        cost.aggregator = (cpu(aggregator) - before.0) * share
        cost.valengine = (cpu(engine) - before.1) * share
        cost.pricers = (pricerCPU(engine) - before.2) * share
        // The broker last: an engine that leaves its group needs it.
        for process in started.reversed() where process.isRunning {
            process.signal(SIGTERM)
            try await process.end(within: .seconds(60))
        }
        return cost
    }

    // MARK: Private

    private func start(_ name: String, _ arguments: [String]) throws -> RunningProcess {
        try RunningProcess(
            Programs.path(name),
            arguments,
            name: "\(name)-\(round)",
            in: directory
        )
    }

    private func cpu(_ process: RunningProcess) -> Double {
        ProcessFacts.cpuSeconds(of: process.pid)
    }

    private func pricerCPU(_ engine: RunningProcess) -> Double {
        engine.children.reduce(0) { $0 + ProcessFacts.cpuSeconds(of: $1) }
    }

    private func childCPU() -> Double {
        cprocess_children_cpu_seconds()
    }
}
