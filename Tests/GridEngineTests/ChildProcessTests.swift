import Testing

@testable import GridEngine

@Suite(.timeLimit(.minutes(1))) struct ChildProcessTests {
    private func soon(_ limit: Duration = .seconds(20)) -> ContinuousClock.Instant { .now + limit }

    @Test func whatIsWrittenToCatComesBack() throws {
        let child = try ChildProcess(path: "/bin/cat", arguments: [])
        var chunk: [UInt8] = []
        #expect(child.write([1, 2, 3], before: soon()) == .done)
        #expect(child.read(into: &chunk, before: soon()) == .done)
        #expect(chunk == [1, 2, 3])
        #expect(child.residentBytes > 0)
        #expect(child.end(grace: .seconds(20)) == ChildExit(signal: 0, code: 0))
    }

    @Test func aProgramThatIsNotThereIsAnError() {
        #expect(throws: EngineError.self) {
            _ = try ChildProcess(path: "/no/such/program", arguments: [])
        }
    }

    @Test func aSilentProgramTimesOutAndIsKilled() throws {
        let child = try ChildProcess(path: "/bin/sleep", arguments: ["60"])
        var chunk: [UInt8] = []
        #expect(child.read(into: &chunk, before: soon(.milliseconds(50))) == .timedOut)
        #expect(child.end(grace: .zero).signal == 9)
    }

    @Test func theEndOfAProgramIsReported() throws {
        let child = try ChildProcess(path: "/bin/sh", arguments: ["-c", "exit 7"])
        var chunk: [UInt8] = []
        #expect(child.read(into: &chunk, before: soon()) == .closed)
        #expect(child.end(grace: .seconds(20)) == ChildExit(signal: 0, code: 7))
    }

    @Test func theSignalThatEndedAProgramIsReported() throws {
        let child = try ChildProcess(path: "/bin/sh", arguments: ["-c", "kill -SEGV $$"])
        var chunk: [UInt8] = []
        #expect(child.read(into: &chunk, before: soon()) == .closed)
        #expect(child.end(grace: .seconds(20)).signal == 11)
    }

    @Test func writingToAProgramThatDoesNotReadTimesOut() throws {
        let child = try ChildProcess(path: "/bin/sleep", arguments: ["60"])
        let much = [UInt8](repeating: 0, count: 1 << 20)
        #expect(child.write(much, before: soon(.milliseconds(50))) == .timedOut)
        _ = child.end(grace: .zero)
    }
}
