internal import GridProtocol
internal import GridTopics
internal import KafkaClient
internal import Synchronization

/// Follows the market topic and hands out snapshots by id.
final class SnapshotFetcher: Sendable {
    private struct Waiter {
        var id: String
        var continuation: CheckedContinuation<[UInt8]?, Never>
    }

    private struct State {
        var cache: SnapshotCache
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
        /// Whether all that the topic has was read.
        var isAtEnd = false
        /// The offset up to which the topic was read.
        var position: Int64 = 0
    }

    private let topic: String
    private let open: OpenReader
    private let state: Mutex<State>

    /// Makes a reader that has read nothing.
    ///
    /// - Parameters:
    ///   - topic: the topic of market data; it has one partition.
    ///   - limit: how many bytes of snapshots are kept.
    ///   - open: opens a reader of the topic.
    init(topic: String, limit: Int, open: @escaping OpenReader) {
        self.topic = topic
        self.open = open
        state = Mutex(State(cache: SnapshotCache(limit: limit)))
    }

    /// The topic's only partition.
    var partition: TopicPartition { TopicPartition(topic: topic, partition: 0) }

    /// The offset up to which it was read; its end, unless something was written a moment ago.
    var position: Int64 { state.withLock { $0.position } }

    /// Reads the topic until the task is cancelled.
    func run() async throws {
        let reader = try open([partition: .beginning])
        do {
            while !Task.isCancelled {
                let records = try await reader.nextBatch(maximum: 64, within: .milliseconds(500))
                for record in records { take(record) }
                let isAtEnd = reader.isAtEnd && !reader.brokersDown
                let position = reader.positions[partition]
                state.withLock { state in
                    state.isAtEnd = isAtEnd
                    state.position = position ?? state.position
                }
            }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
    }

    /// Returns the bytes of a snapshot, waiting for it up to `limit` after all that the topic has
    /// was read, and twenty times that in all; nil when it did not come or is wanted no longer.
    func bytes(
        of id: String,
        within limit: Duration,
        while isWanted: @escaping @Sendable () -> Bool = { true }
    ) async -> [UInt8]? {
        switch state.withLock({ $0.cache[id] }) {
        case .here(let bytes): return bytes
        case .evicted(let offset): return await reread(id, at: offset, within: limit)
        case .unknown: return await wait(for: id, within: limit, while: isWanted)
        }
    }

    // MARK: Private

    private func take(_ record: ConsumedRecord) {
        guard let key = record.key else { return }
        let id = String(decoding: key, as: UTF8.self)
        guard let value = record.value else {
            state.withLock { $0.cache.remove(id) }
            return
        }
        let served = state.withLock { state -> [Waiter] in
            state.cache.put(id, value, offset: record.offset)
            let served = state.waiters.filter { $0.value.id == id }
            for key in served.keys { state.waiters[key] = nil }
            return Array(served.values)
        }
        for waiter in served { waiter.continuation.resume(returning: value) }
    }

    private func wait(
        for id: String,
        within limit: Duration,
        while isWanted: @escaping @Sendable () -> Bool
    ) async -> [UInt8]? {
        let ticket = state.withLock { state -> UInt64 in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                await withCheckedContinuation { continuation in
                    let found = self.state.withLock { state -> [UInt8]? in
                        if case .here(let bytes) = state.cache[id] { return bytes }
                        state.waiters[ticket] = Waiter(id: id, continuation: continuation)
                        return nil
                    }
                    if let found { continuation.resume(returning: found) }
                }
            }
            group.addTask {
                await self.patience(limit, while: isWanted)
                let waiter = self.state.withLock { $0.waiters.removeValue(forKey: ticket) }
                waiter?.continuation.resume(returning: nil)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    /// Returns when a snapshot is not worth waiting for any longer, or the task is cancelled.
    private func patience(_ limit: Duration, while isWanted: @Sendable () -> Bool) async {
        let start = ContinuousClock.now
        var readAt: ContinuousClock.Instant?
        while start.duration(to: .now) < limit * 20, isWanted() {
            if state.withLock({ $0.isAtEnd }) {
                readAt = readAt ?? .now
            } else {
                readAt = nil
            }
            if let readAt, readAt.duration(to: .now) >= limit { return }
            do {
                try await Task.sleep(for: min(limit, .milliseconds(200)))
            } catch {
                return
            }
        }
    }

    private func reread(_ id: String, at offset: Int64, within limit: Duration) async -> [UInt8]? {
        guard let reader = try? open([partition: .offset(offset)]) else { return nil }
        let records = (try? await reader.nextBatch(maximum: 1, within: limit)) ?? []
        await reader.close()
        guard let record = records.first, let key = record.key, let value = record.value,
            String(decoding: key, as: UTF8.self) == id
        else { return nil }
        state.withLock { $0.cache.put(id, value, offset: offset) }
        return value
    }
}
