/// Which local engines there are to be, and what to do next for it: start, ask to drain, kill.
///
/// It knows neither processes nor clocks: its owner says what happened and does what ``steps(at:)``
/// says. An engine keeps its number over restarts, so that a successor fences its predecessor.
struct EngineFleet {
    typealias Instant = ContinuousClock.Instant

    /// Something for the owner to do at once.
    enum Step: Hashable {
        /// Start the engine of this number.
        case start(number: Int)
        /// Ask this process to drain.
        case drain(pid: Int32)
        /// Kill this process.
        case kill(pid: Int32)
    }

    /// What an engine does.
    enum Phase: Hashable {
        /// It is started at this time.
        case waiting(until: Instant)
        /// Its process is being started.
        case starting
        case running(pid: Int32, since: Instant)
        /// It has been asked to drain and is killed at this time.
        case draining(pid: Int32, killAt: Instant)
        /// It has been killed and has not ended yet.
        case killed(pid: Int32)
    }

    struct Member: Hashable {
        let number: Int
        var phase: Phase
        /// Whether no process follows when this one has ended.
        var isLeaving = false
        /// Times that it was started again.
        var restarts = 0
        /// Failures in a row, each soon after a start.
        var failures = 0
        /// How it last failed, for people.
        var lastFailure: String?

        /// Its process, if it has one.
        var pid: Int32? {
            switch phase {
            case .waiting, .starting: nil
            case .running(let pid, _), .draining(let pid, _), .killed(let pid): pid
            }
        }
    }

    /// The end of a process.
    struct Ending: Hashable {
        var number: Int
        /// After how long it starts again; nil when it was asked to end.
        var pause: Duration?
    }

    /// How long an engine may drain before it is killed.
    private let grace: Duration
    /// The oldest first; those that leave are among them.
    private(set) var members: [Member] = []
    /// Engines that are to be there.
    private(set) var desired = 0
    private(set) var isStopped = false
    private var pending: [Step] = []

    /// A fleet without engines.
    init(grace: Duration) {
        self.grace = grace
    }

    /// Engines that stay.
    var count: Int { members.count { !$0.isLeaving } }

    /// Engines that leave.
    var draining: Int { members.count { $0.isLeaving } }

    /// Whether it was stopped and every process has ended.
    var isOver: Bool { isStopped && members.isEmpty }

    /// Asks for a number of engines: missing ones start, the youngest drain.
    mutating func ask(for number: Int, at now: Instant) {
        guard !isStopped else { return }
        desired = number
        for index in members.indices.reversed() where count > number && !members[index].isLeaving {
            leave(index, at: now)
        }
        while count < number {
            members.append(Member(number: freeNumber, phase: .waiting(until: now)))
        }
    }

    /// Ends an engine; another starts in its place unless it leaves anyway.
    ///
    /// - Returns: whether it has a process.
    mutating func end(_ number: Int, atOnce: Bool, at now: Instant) -> Bool {
        guard let index = members.firstIndex(where: { $0.number == number }) else { return false }
        switch (members[index].phase, atOnce) {
        case (.running(let pid, _), false):
            drain(index, pid, at: now)
        case (.running(let pid, _), true), (.draining(let pid, _), true):
            pending.append(.kill(pid: pid))
            members[index].phase = .killed(pid: pid)
        case (.draining, false), (.killed, _):
            break
        case (.waiting, _), (.starting, _):
            return false
        }
        return true
    }

    /// Drains every engine; none starts any more.
    mutating func stop(at now: Instant) {
        ask(for: 0, at: now)
        isStopped = true
    }

    /// Says that a process was started.
    mutating func started(_ number: Int, pid: Int32, at now: Instant) {
        guard let index = members.firstIndex(where: { $0.number == number }) else { return }
        members[index].phase = .running(pid: pid, since: now)
        if members[index].isLeaving { drain(index, pid, at: now) }
    }

    /// Says that a process could not be started, and why.
    ///
    /// - Returns: after how long it is tried again; nil when it is not.
    mutating func couldNotStart(_ number: Int, _ reason: String, at now: Instant) -> Duration? {
        guard let index = members.firstIndex(where: { $0.number == number }) else { return nil }
        guard !members[index].isLeaving else {
            members.remove(at: index)
            return nil
        }
        return fail(index, reason, at: now)
    }

    /// Says that a process has ended, and how.
    ///
    /// - Returns: nil when it is none of the fleet's.
    mutating func ended(_ pid: Int32, _ how: String, at now: Instant) -> Ending? {
        guard let index = members.firstIndex(where: { $0.pid == pid }) else { return nil }
        let number = members[index].number
        guard !members[index].isLeaving else {
            members.remove(at: index)
            return Ending(number: number)
        }
        members[index].restarts += 1
        guard case .running(_, let since) = members[index].phase else {
            members[index].phase = .waiting(until: now)
            return Ending(number: number)
        }
        if now - since >= Self.provenAfter { members[index].failures = 0 }
        return Ending(number: number, pause: fail(index, how, at: now))
    }

    /// What to do now; each step is said once.
    mutating func steps(at now: Instant) -> [Step] {
        var steps = pending
        pending = []
        for index in members.indices {
            switch members[index].phase {
            case .waiting(let until) where until <= now:
                members[index].phase = .starting
                steps.append(.start(number: members[index].number))
            case .draining(let pid, let killAt) where killAt <= now:
                members[index].phase = .killed(pid: pid)
                steps.append(.kill(pid: pid))
            default:
                break
            }
        }
        return steps
    }

    /// When the clock alone gives something to do; nil for never.
    var nextStep: Instant? {
        members.compactMap { member in
            switch member.phase {
            case .waiting(let until): until
            case .draining(_, let killAt): killAt
            default: nil
            }
        }.min()
    }

    // MARK: Private

    /// An engine that ran as long has no failures in a row.
    private static let provenAfter = Duration.seconds(60)
    private static let firstPause = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(30)

    /// The lowest that no process may still have.
    private var freeNumber: Int {
        let taken = Set(members.map(\.number))
        return (1...members.count + 1).first { !taken.contains($0) } ?? members.count + 1
    }

    private mutating func leave(_ index: Int, at now: Instant) {
        members[index].isLeaving = true
        switch members[index].phase {
        case .waiting: members.remove(at: index)
        case .running(let pid, _): drain(index, pid, at: now)
        case .starting, .draining, .killed: break
        }
    }

    private mutating func drain(_ index: Int, _ pid: Int32, at now: Instant) {
        pending.append(.drain(pid: pid))
        members[index].phase = .draining(pid: pid, killAt: now + grace)
    }

    private mutating func fail(_ index: Int, _ reason: String, at now: Instant) -> Duration {
        let pause = min(
            Self.firstPause * (1 << min(members[index].failures, 10)),
            Self.longestPause
        )
        members[index].failures += 1
        members[index].lastFailure = reason
        members[index].phase = .waiting(until: now + pause)
        return pause
    }
}
