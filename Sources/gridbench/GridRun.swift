internal import CProcess
internal import Foundation
internal import Glibc

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

    func measure() throws -> GridCost {
        let prefix = "bench\(getpid())-\(round)."
        var started: [Process] = []
        defer { for process in started.reversed() where process.isRunning { process.terminate() } }
        var address = brokers ?? ""
        if brokers == nil {
            let (broker, output) = try start("valgrid", ["broker", "--topic-prefix", prefix])
            started.append(broker)
            address = try firstLine(of: output)
        }
        let kafka = ["--brokers", address, "--topic-prefix", prefix]
        let ledger = "\(directory)/ledger-\(round).sqlite"
        let ports = (18_000 + Int(getpid()) % 1_000 * 2, 18_001 + Int(getpid()) % 1_000 * 2)
        let aggregator = try start(
            "aggregator",
            kafka + ["--ledger", ledger, "--http-port", String(ports.0)]
        ).0
        started.append(aggregator)
        let engine = try start(
            "valengine",
            kafka + ["--pricers", "2", "--http-port", String(ports.1)]
                + (brokers == nil ? ["--delivery", "at-least-once"] : [])
        ).0
        started.append(engine)
        for port in [ports.0, ports.1] { try waitReady(port) }

        // What the processes used before the job is theirs, not the job's.
        let before = (
            cpu(aggregator.processIdentifier), cpu(engine.processIdentifier), pricerCPU(engine)
        )
        let clock = ContinuousClock.now
        let submit = try start(
            "eodservice",
            [
                "submit", portfolio, "--market", market, "--metrics", "NPV", "--wait",
                "--job-id", "bench-\(round)", "--aggregator", "http://127.0.0.1:\(ports.0)",
            ] + kafka
        ).0
        started.append(submit)
        let childBefore = childCPU()
        submit.waitUntilExit()
        guard submit.terminationStatus == 0 else {
            throw BenchmarkError(description: "eodservice ended with \(submit.terminationStatus)")
        }
        var cost = GridCost()
        let share = 1e6 / Double(trades)
        let time = clock.duration(to: .now)
        cost.seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        cost.eodservice = (childCPU() - childBefore) * share
        cost.aggregator = (cpu(aggregator.processIdentifier) - before.0) * share
        cost.valengine = (cpu(engine.processIdentifier) - before.1) * share
        cost.pricers = (pricerCPU(engine) - before.2) * share
        // The broker last: members that leave a group need it.
        for process in started.reversed() where process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        return cost
    }

    // MARK: Private

    private func start(_ name: String, _ arguments: [String]) throws -> (Process, URL) {
        let output = URL(fileURLWithPath: "\(directory)/\(name)-\(round).out")
        let errors = URL(fileURLWithPath: "\(directory)/\(name)-\(round).err")
        for file in [output, errors] {
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent(name)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        return (process, output)
    }

    private func firstLine(of file: URL) throws -> String {
        for _ in 0..<500 {
            if let text = try? String(contentsOf: file, encoding: .utf8), text.hasSuffix("\n") {
                return text.trimmingCharacters(in: .whitespacesAndNewlines)
            }
            usleep(20_000)
        }
        throw BenchmarkError(description: "the embedded broker printed no address within 10 s")
    }

    private func waitReady(_ port: Int) throws {
        for _ in 0..<600 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let connected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if connected {
                let request = "GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n"
                _ = request.withCString { write(descriptor, $0, strlen($0)) }
                var answer = [UInt8](repeating: 0, count: 64)
                let count = read(descriptor, &answer, answer.count)
                if count > 12, String(decoding: answer[9..<12], as: UTF8.self) == "200" { return }
            }
            usleep(50_000)
        }
        throw BenchmarkError(description: "nothing is ready at port \(port) within 30 s")
    }

    /// User and system time of a process in seconds.
    private func cpu(_ pid: Int32) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return 0 }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13])
        else {
            return 0
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private func pricerCPU(_ engine: Process) -> Double {
        let path = "/proc/\(engine.processIdentifier)/task"
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return tasks.reduce(0) { sum, task in
            let children =
                (try? String(contentsOfFile: "\(path)/\(task)/children", encoding: .utf8)) ?? ""
            return sum
                + children.split(separator: " ").compactMap { Int32($0) }.reduce(0) { $0 + cpu($1) }
        }
    }

    private func childCPU() -> Double {
        cprocess_children_cpu_seconds()
    }
}
