import Testing

@testable import GridEngine

@Suite(.timeLimit(.minutes(1))) struct ChildProcessTests {
    private func soon(_ limit: Duration = .seconds(20)) -> ContinuousClock.Instant { .now + limit }

    /// How the child ended, whatever memory it had.
    private static func end(_ child: ChildProcess) -> ChildExit {
        let exit = child.end(grace: .seconds(20))
        return ChildExit(signal: exit.signal, code: exit.code)
    }

    @Test func whatIsWrittenToCatComesBack() throws {
        let child = try ChildProcess(path: "/bin/cat", arguments: [])
        var chunk: [UInt8] = []
        #expect(child.write([1, 2, 3], before: soon()) == .done)
        #expect(child.read(into: &chunk, before: soon()) == .done)
        #expect(chunk == [1, 2, 3])
        #expect(child.residentBytes > 0)
        #expect(Self.end(child) == ChildExit(signal: 0, code: 0))
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
        #expect(Self.end(child) == ChildExit(signal: 0, code: 7))
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

    @Test func aProgramGetsNoMoreDataThanItsLimit() throws {
        let child = try ChildProcess(
            path: "/usr/bin/perl",
            arguments: ["-e", "my $all = 'x' x (200 << 20); print STDOUT 'done'"],
            memoryLimit: 64 << 20
        )
        var chunk: [UInt8] = []
        #expect(child.read(into: &chunk, before: soon()) == .closed)
        #expect(Self.end(child) != ChildExit(signal: 0, code: 0))
    }

    @Test func thePeakOfAProgramIsReported() throws {
        let child = try ChildProcess(
            path: "/usr/bin/perl",
            arguments: ["-e", "my $all = 'x' x (700 << 20); exit 1"]
        )
        var chunk: [UInt8] = []
        #expect(child.read(into: &chunk, before: soon()) == .closed)
        let exit = child.end(grace: .seconds(20))
        #expect(exit.code == 1)
        #expect((700 << 20...2_000 << 20).contains(exit.peakBytes), "\(exit.peakBytes)")
    }
}
