import Glibc
import GridAPI
import Operations
import Testing

@testable import Scaling

/// Engines are shells here, which end at SIGTERM like engines.
@Suite(.timeLimit(.minutes(1))) struct LocalScalerTests {
    /// Says its id, drains at SIGTERM, and leaves nothing.
    static let drains = """
        trap 'echo drained; exit 0' TERM; echo started $1; while :; do sleep 0.02; done
        """
    static let ignoresTERM = "trap '' TERM; echo deaf; while :; do sleep 0.02; done"

    /// Runs a scaler over shells with this script, and ends it.
    private func withScaler(
        of script: String,
        count: Int,
        grace: Duration = .seconds(20),
        _ body: (LocalScaler) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory(prefix: "valgrid-scaler-")
        let scaler = try LocalScaler(
            configuration: LocalScaler.Configuration(
                program: "/bin/sh",
                idPrefix: "here",
                arguments: { ["-c", script, "engine", $0] },
                environment: ["PATH": "/usr/bin:/bin"],
                directory: directory.path + "/engines",
                host: "machine",
                count: count,
                limits: #require(ScaleLimits("1..4")),
                grace: grace
            ),
            logger: .silent
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await scaler.run() }
            do {
                try await body(scaler)
            } catch {
                await scaler.shutdown()
                throw error
            }
            await scaler.shutdown()
            try await group.waitForAll()
        }
        #expect(scaler.cluster().pods == [])
        #expect(scaler.scale().count == 0)
    }

    private func log(_ scaler: LocalScaler, _ id: String, previous: Bool = false) async -> String {
        let bytes = try? await scaler.log(ofPod: id, tail: 100, previous: previous)
        return String(decoding: bytes ?? [], as: UTF8.self)
    }

    @Test func itStartsDrainsAndEndsEngines() async throws {
        try await withScaler(of: Self.drains, count: 2) { scaler in
            try await eventually("both say that they run") {
                let first = await log(scaler, "here-1")
                let second = await log(scaler, "here-2")
                return first == "started here-1\n" && second == "started here-2\n"
            }
            let status = scaler.scale()
            #expect(status.kind == "local")
            #expect(status.count == 2)
            #expect(status.limits == ScaleStatus.Limits(least: 1, most: 4))
            let change = try await scaler.change(
                to: ScaleRequest(count: 3),
                ifMatch: status.etag,
                beyond: false
            )
            #expect(
                change
                    == ScaleChange(what: "local engines", before: "2 engines", after: "3 engines")
            )
            try await eventually("three run") { scaler.scale().count == 3 }
            let pods = scaler.cluster().pods
            #expect(pods.map(\.engine) == ["here-1", "here-2", "here-3"])
            #expect(pods.allSatisfy { $0.ready && $0.pid != nil && $0.startedAt != nil })
            let stale = await #expect(throws: ScalingError.self) {
                try await scaler.change(
                    to: ScaleRequest(count: 4),
                    ifMatch: status.etag,
                    beyond: false
                )
            }
            #expect(stale?.code == .changedMeanwhile)
            try await eventually("the third says that it runs") {
                await log(scaler, "here-3") == "started here-3\n"
            }
            _ = try await scaler.change(to: ScaleRequest(count: 1), ifMatch: nil, beyond: false)
            try await eventually("one is left") { scaler.cluster().pods.count == 1 }
            #expect(scaler.cluster().pods.map(\.name) == ["here-1"])
        }
    }

    @Test func aFailedEngineStartsAgainAndIsSaid() async throws {
        let script = "echo failing; sleep 0.05; exit 7"
        try await withScaler(of: script, count: 1) { scaler in
            try await eventually("it was started again") {
                scaler.cluster().pods.first?.restarts ?? 0 >= 2
            }
            let event = try #require(scaler.cluster().events.last)
            #expect(event.object == "engine/here-1")
            #expect(event.message == "engine exited with 7; next start in 0.5 s")
            #expect(await log(scaler, "here-1", previous: true) == "failing\n")
            try await eventually("the reason is said") {
                scaler.scale().reason == "engine here-1 exited with 7: it is started again"
            }
        }
    }

    @Test func anEngineThatDoesNotDrainIsKilled() async throws {
        try await withScaler(of: Self.ignoresTERM, count: 1, grace: .milliseconds(100)) { scaler in
            try await eventually("it runs") { await log(scaler, "here-1") == "deaf\n" }
            _ = try await scaler.endEngine("here-1", how: .drain)
            try await eventually("another runs in its place") {
                scaler.cluster().pods.first?.restarts == 1
            }
            #expect(scaler.cluster().events == [])
        }
    }

    @Test func anEngineIsEndedAtOnce() async throws {
        try await withScaler(of: Self.ignoresTERM, count: 1, grace: .milliseconds(100)) { scaler in
            try await eventually("it runs") { await log(scaler, "here-1") == "deaf\n" }
            let pid = scaler.cluster().pods.first?.pid
            _ = try await scaler.endEngine("here-1", how: .now)
            try await eventually("another runs in its place") {
                let pod = scaler.cluster().pods.first
                return pod?.restarts == 1 && pod?.pid != nil && pod?.pid != pid
            }
            let foreign = await #expect(throws: ScalingError.self) {
                try await scaler.endEngine("there-1", how: .now)
            }
            #expect(foreign?.code == .notOurs)
        }
    }

    @Test func itRefusesWhatItCannotDo() async throws {
        try await withScaler(of: Self.drains, count: 1) { scaler in
            for (request, code) in [
                (ScaleRequest(count: 5), ScalingError.Code.outOfBounds),
                (ScaleRequest(least: 1, most: 3), .notPossible),
                (ScaleRequest(giveBack: true), .notPossible),
            ] {
                let refused = await #expect(throws: ScalingError.self) {
                    try await scaler.change(to: request, ifMatch: nil, beyond: false)
                }
                #expect(refused?.code == code)
            }
            let tooMany = await #expect(throws: ScalingError.self) {
                try await scaler.change(to: ScaleRequest(count: 65), ifMatch: nil, beyond: true)
            }
            #expect(tooMany?.reason == "count 65: a machine runs at most 64 engines")
        }
    }

    @Test func aProgramThatIsNotThereIsSaid() async throws {
        let directory = try TemporaryDirectory(prefix: "valgrid-scaler-")
        var configuration = LocalScaler.Configuration(
            program: directory.path + "/none",
            idPrefix: "here",
            arguments: { _ in [] },
            environment: [:],
            directory: directory.path,
            host: "machine",
            count: 1,
            limits: try #require(ScaleLimits("1..4"))
        )
        configuration.grace = .seconds(20)
        let scaler = try LocalScaler(configuration: configuration, logger: .silent)
        async let end: Void = scaler.run()
        try await eventually("it says so") {
            scaler.scale().reason?.hasSuffix("none: No such file or directory: it is started again")
                == true
        }
        await scaler.shutdown()
        try await end
    }

    @Test func theSystemEndsAnEngineWithItsStarter() async throws {
        let directory = try TemporaryDirectory(prefix: "valgrid-scaler-")
        let path = directory.path + "/log"
        // The process belongs to the thread, which ends at once.
        let pid = try await Self.onOwnThread {
            try EngineProcess("/bin/sleep", ["600"], [:], logPath: path).pid
        }
        var status: Int32 = 0
        try await eventually("it has ended") { waitpid(pid, &status, WNOHANG) == pid }
        #expect(status & 0x7F == SIGKILL)
    }

    private static func onOwnThread(
        _ body: @escaping @Sendable () throws -> Int32
    ) async throws -> Int32 {
        let result = Results()
        await onNewThread { result.add(Result { try body() }) }
        return try result.first?.get() ?? 0
    }
}
