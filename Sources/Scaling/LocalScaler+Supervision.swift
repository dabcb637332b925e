internal import GridAPI
internal import Glibc
internal import Operations
internal import Synchronization

extension LogKey {
    /// The process id of an engine.
    static let enginePID: LogKey = "engine.pid"
}

/// The thread that starts the engines: the system ends them with it.
extension LocalScaler {
    /// Does what the fleet says until it is over.
    func supervise() {
        var processes: [Int32: EngineProcess] = [:]
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let (steps, next, isOver) = state.withLock { state in
                (state.fleet.steps(at: .now), state.fleet.nextStep, state.fleet.isOver)
            }
            for step in steps {
                switch step {
                case .start(let number):
                    if let process = start(number) { processes[process.pid] = process }
                case .drain(let pid): processes[pid]?.signal(SIGTERM)
                case .kill(let pid): processes[pid]?.signal(SIGKILL)
                }
            }
            if isOver { return }
            // What was started may have to drain already.
            guard steps.isEmpty else { continue }
            wait(until: next, for: processes, &chunk)
            for process in processes.values {
                guard let how = process.end() else { continue }
                // What it said last, and no more than that: others may still have its output.
                for _ in 0..<16 where !process.moveOutput(by: &chunk) { break }
                processes[process.pid] = nil
                noteEnd(of: process.pid, how)
            }
        }
    }

    // MARK: Private

    private static let mostEvents = 100
    /// Between looks for ended processes where the system does not tell.
    private static let lookInterval: Int32 = 200

    private func start(_ number: Int) -> EngineProcess? {
        let id = engineID(number)
        do throws(ScalingError) {
            let process = try EngineProcess(
                configuration.program,
                configuration.arguments(id),
                configuration.environment,
                logPath: logPath(of: number)
            )
            state.withLock { state in
                state.fleet.started(number, pid: process.pid, at: .now)
                state.startedAt[process.pid] = Timestamp.now
            }
            logger.notice("engine started", [.engineID: id, .enginePID: String(process.pid)])
            return process
        } catch {
            let pause = state.withLock { state in
                state.fleet.couldNotStart(number, error.reason, at: .now)
            }
            note(id, "FailedStart", error.reason, pause)
            logger.warning(
                "engine cannot be started",
                [.engineID: id, .error: error.reason, .seconds: Self.seconds(pause)]
            )
            return nil
        }
    }

    private func noteEnd(of pid: Int32, _ how: String) {
        let ending = state.withLock { state in
            state.startedAt[pid] = nil
            return state.fleet.ended(pid, how, at: .now)
        }
        guard let ending else { return }
        let id = engineID(ending.number)
        guard let pause = ending.pause else {
            logger.notice("engine ended", [.engineID: id, .enginePID: String(pid), .value: how])
            return
        }
        note(id, "Failed", "engine \(how)", pause)
        logger.warning(
            "engine failed and is started again",
            [
                .engineID: id, .enginePID: String(pid), .error: how,
                .seconds: Self.seconds(pause),
            ]
        )
    }

    private func note(_ id: String, _ reason: String, _ message: String, _ pause: Duration?) {
        let then = pause.map { "; next start in \(Self.seconds($0)) s" } ?? ""
        let event = ClusterStatus.Event(
            at: Timestamp.iso8601(Timestamp.now),
            object: "engine/\(id)",
            reason: reason,
            message: message + then,
            count: 1
        )
        state.withLock { state in
            state.events.append(event)
            if state.events.count > Self.mostEvents { state.events.removeFirst() }
        }
    }

    private static func seconds(_ duration: Duration?) -> String {
        duration.map { String($0 / .seconds(1)) } ?? ""
    }

    /// Waits for the bell, an end, output, or the time; moves output to the logs.
    private func wait(
        until next: ContinuousClock.Instant?,
        for processes: [Int32: EngineProcess],
        _ chunk: inout [UInt8]
    ) {
        var entries = [pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0)]
        var talking: [EngineProcess] = []
        for process in processes.values where process.output >= 0 {
            talking.append(process)
            entries.append(pollfd(fd: process.output, events: Int16(POLLIN), revents: 0))
        }
        for process in processes.values {
            entries.append(pollfd(fd: process.ending, events: Int16(POLLIN), revents: 0))
        }
        var limit: Int32 = -1
        if let next {
            let left = max(.zero, ContinuousClock.now.duration(to: next))
            limit = Int32(clamping: Int((left / .milliseconds(1)).rounded(.up)))
        }
        if processes.values.contains(where: { $0.ending < 0 }) {
            limit = limit < 0 ? Self.lookInterval : min(limit, Self.lookInterval)
        }
        guard poll(&entries, nfds_t(entries.count), limit) > 0 else { return }
        if entries[0].revents != 0 { bell.silence() }
        for (process, entry) in zip(talking, entries.dropFirst()) where entry.revents != 0 {
            process.moveOutput(by: &chunk)
        }
    }
}
