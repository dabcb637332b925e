import Testing

@testable import Scaling

@Suite struct EngineFleetTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    /// A fleet whose engines run as processes 101, 102 and so on.
    private func fleet(of count: Int) -> EngineFleet {
        var fleet = EngineFleet(grace: .seconds(40))
        fleet.ask(for: count, at: at(0))
        for step in fleet.steps(at: at(0)) {
            guard case .start(let number) = step else { continue }
            fleet.started(number, pid: Int32(100 + number), at: at(0))
        }
        return fleet
    }

    @Test func itStartsAsManyAsAreAskedForOnce() {
        var fleet = EngineFleet(grace: .seconds(40))
        fleet.ask(for: 2, at: at(0))
        #expect(fleet.steps(at: at(0)) == [.start(number: 1), .start(number: 2)])
        #expect(fleet.steps(at: at(0)) == [])
        #expect(fleet.count == 2)
    }

    @Test func theYoungestDrainAndLeave() {
        var fleet = fleet(of: 4)
        fleet.ask(for: 2, at: at(1))
        #expect(fleet.steps(at: at(1)) == [.drain(pid: 104), .drain(pid: 103)])
        #expect(fleet.count == 2)
        #expect(fleet.draining == 2)
        #expect(fleet.ended(104, "exited with 0", at: at(5)) == .init(number: 4))
        #expect(fleet.ended(103, "exited with 0", at: at(6)) == .init(number: 3))
        #expect(fleet.members.map(\.number) == [1, 2])
        #expect(fleet.steps(at: at(100)) == [])
    }

    @Test func anEngineThatDrainsTooLongIsKilled() {
        var fleet = fleet(of: 1)
        fleet.ask(for: 0, at: at(10))
        #expect(fleet.steps(at: at(49)) == [.drain(pid: 101)])
        #expect(fleet.nextStep == at(50))
        #expect(fleet.steps(at: at(50)) == [.kill(pid: 101)])
        #expect(fleet.steps(at: at(51)) == [])
        #expect(fleet.nextStep == nil)
    }

    @Test func aNumberThatDrainsIsNotGivenAgain() {
        var fleet = fleet(of: 2)
        fleet.ask(for: 1, at: at(1))
        fleet.ask(for: 2, at: at(2))
        #expect(fleet.steps(at: at(2)) == [.drain(pid: 102), .start(number: 3)])
        _ = fleet.ended(102, "exited with 0", at: at(3))
        fleet.ask(for: 3, at: at(4))
        #expect(fleet.steps(at: at(4)) == [.start(number: 2)])
    }

    @Test func aFailedEngineStartsAgainAfterLongerAndLongerPauses() throws {
        var fleet = fleet(of: 1)
        var now = 0.0
        var pauses: [Duration] = []
        for attempt in 1...9 {
            now += 1
            let pid = Int32(attempt == 1 ? 101 : 200 + attempt)
            let ending = fleet.ended(pid, "exited with 2", at: at(now))
            let pause = try #require(ending?.pause)
            pauses.append(pause)
            #expect(fleet.steps(at: at(now)) == [])
            now += pause / .seconds(1)
            #expect(fleet.steps(at: at(now)) == [.start(number: 1)])
            fleet.started(1, pid: Int32(201 + attempt), at: at(now))
        }
        #expect(pauses.map { $0 / .seconds(1) } == [0.5, 1, 2, 4, 8, 16, 30, 30, 30])
        #expect(fleet.members[0].restarts == 9)
        // A minute of work makes up for it.
        #expect(fleet.ended(210, "exited with 2", at: at(now + 60))?.pause == .milliseconds(500))
    }

    @Test func anEndedEngineIsReplacedAtOnce() {
        var fleet = fleet(of: 2)
        let drains = fleet.end(1, atOnce: false, at: at(1))
        #expect(drains)
        #expect(fleet.steps(at: at(1)) == [.drain(pid: 101)])
        #expect(fleet.count == 2)
        #expect(fleet.ended(101, "exited with 0", at: at(2)) == .init(number: 1))
        #expect(fleet.steps(at: at(2)) == [.start(number: 1)])
        let ends = fleet.end(2, atOnce: true, at: at(3))
        #expect(ends)
        #expect(fleet.steps(at: at(3)) == [.kill(pid: 102)])
        let isKnown = fleet.end(7, atOnce: true, at: at(3))
        #expect(!isKnown)
    }

    @Test func anEngineThatStartsWhileItIsUnwantedDrains() {
        var fleet = EngineFleet(grace: .seconds(40))
        fleet.ask(for: 1, at: at(0))
        #expect(fleet.steps(at: at(0)) == [.start(number: 1)])
        fleet.stop(at: at(0))
        #expect(!fleet.isOver)
        fleet.started(1, pid: 101, at: at(1))
        #expect(fleet.steps(at: at(1)) == [.drain(pid: 101)])
        _ = fleet.ended(101, "exited with 0", at: at(2))
        #expect(fleet.isOver)
    }

    @Test func aStoppedFleetStartsNothing() {
        var fleet = fleet(of: 1)
        _ = fleet.ended(101, "exited with 2", at: at(1))
        fleet.stop(at: at(1))
        #expect(fleet.isOver)
        fleet.ask(for: 3, at: at(2))
        #expect(fleet.steps(at: at(9)) == [])
    }

    @Test func aProgramThatCannotBeStartedIsTriedAgain() {
        var fleet = EngineFleet(grace: .seconds(40))
        fleet.ask(for: 1, at: at(0))
        _ = fleet.steps(at: at(0))
        #expect(fleet.couldNotStart(1, "no such file", at: at(0)) == .milliseconds(500))
        #expect(fleet.nextStep == at(0.5))
        #expect(fleet.members[0].lastFailure == "no such file")
    }
}
