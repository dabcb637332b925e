internal import Foundation
internal import GridProtocol
internal import KafkaClient
internal import Operations
internal import PortfolioFiles
internal import TestBed

/// Carries out what a plan breaks, and puts it right again.
struct Injector: Sendable {
    let grid: FaultGrid
    let brokers: Brokers
    /// Whether who starts may not reach a broker for a while.
    let hidesBroker: Bool

    /// Breaks something; returns when it is mended.
    ///
    /// - Returns: what happened, for people.
    func carryOut(_ fault: Fault) async throws -> String {
        let note: String
        switch fault {
        case .killEngine(let slot, let back, let keepsID):
            guard try await grid.killEngine(slot) else { return "\(fault): there was none" }
            try await pause(back)
            try await grid.startEngine(slot, keepsID: keepsID)
            note = ""
        case .killPricer(let slot):
            note = await grid.killPricer(ofEngine: slot) ? "" : ": there was none"
        case .killAggregator(let back):
            guard try await grid.killAggregator() else { return "\(fault): there was none" }
            try await pause(back)
            try await grid.startAggregator()
            note = ""
        case .killBroker(let topic, let back):
            let partition = try await leadingPartition(topic)
            guard let broker = try await brokers.kill(leading: partition) else {
                return "\(fault): there was none"
            }
            try await pause(back)
            try await brokers.restart(broker)
            note = ": broker \(broker) of \(partition)"
        case .stopEngine(let slot, let time):
            guard let process = await grid.stopEngine(slot) else {
                return "\(fault): there was none"
            }
            defer { process.signal(SIGCONT) }
            try await pause(time)
            note = ""
        case .cut(let cut, let time):
            defer { brokers.proxies.forEach { $0.mend() } }
            let before = brokers.cutCommits
            brokers.proxies.forEach { $0.cut(cut) }
            if cut == .commit {
                // The time counts from the commit; where none comes, there is nothing to cut off.
                try? await eventually("a commit passes", within: .seconds(10)) {
                    brokers.cutCommits > before
                }
            }
            try await pause(time)
            note = cut == .commit && brokers.cutCommits == before ? ": there was none" : ""
        case .storm(let time, let every, let seed):
            note = ": \(try await storm(for: time, every: every, seed: seed)) engines came"
        }
        return "\(fault)\(note)"
    }

    // MARK: - Private

    /// Engines come and go in turn; returns how many came.
    private func storm(for time: Double, every: Double, seed: UInt64) async throws -> Int {
        var random = SplitMix64(seed: seed, item: 0)
        let end = ContinuousClock.now + .seconds(time)
        var extraEngines: [RunningProcess] = []
        var leaving: [RunningProcess] = []
        var count = 0
        while ContinuousClock.now < end {
            // At most two at a time.
            let leaves = extraEngines.count == 2 || !extraEngines.isEmpty && random.chance(50)
            if leaves {
                let extraEngine = extraEngines.removeFirst()
                extraEngine.expectEnd()
                if random.chance(50) {
                    extraEngine.signal(SIGKILL)
                } else {
                    extraEngine.signal(SIGTERM)
                    leaving.append(extraEngine)
                }
            } else {
                extraEngines.append(try await grid.startExtraEngine())
                count += 1
            }
            try await pause(every)
        }
        for extraEngine in extraEngines {
            extraEngine.expectEnd()
            extraEngine.signal(SIGTERM)
        }
        for extraEngine in leaving + extraEngines {
            let code = try await extraEngine.end(within: .seconds(40))
            // One that had not got as far as to listen to the signal dies of it.
            let isUnreached = hidesBroker && code == ExitCode.unreachable.rawValue
            guard code == 0 || code == -SIGTERM || isUnreached else {
                throw FaultTestError(
                    "\(extraEngine.name) ended with \(code): \(extraEngine.lastWords)"
                )
            }
        }
        return count
    }

    /// The partition of a topic that most was written to.
    private func leadingPartition(_ topic: LedTopic) async throws -> TopicPartition {
        let name = topic == .results ? grid.topics.results : grid.topics.batches
        let count = topic == .results ? grid.topics.resultPartitions : grid.topics.batchPartitions
        let start = (0..<count).map {
            (TopicPartition(topic: name, partition: Int32($0)), StartOffset.end)
        }
        guard brokers.count > 1 else { return start[0].0 }
        let reader = try KafkaReader(
            configuration: KafkaConfiguration(bootstrapServers: brokers.bootstrap),
            isolation: .readUncommitted,
            start: Dictionary(uniqueKeysWithValues: start)
        )
        let ends = try await reader.endOffsets()
        await reader.close()
        return ends.max { $0.value.high < $1.value.high }?.key ?? start[0].0
    }

    private func pause(_ seconds: Double) async throws {
        try await Task.sleep(for: .seconds(seconds))
    }
}
