internal import Foundation
internal import HTTP

/// Carries a body from the thread that receives it to the one that sends it on, a few parts at a
/// time.
final class BodyPipe: Sendable {
    private struct State {
        var head: HTTPAnswer?
        var parts: [[UInt8]] = []
        var isEnded = false
        var isClosed = false
        var failure: String?
    }

    private static let most = 16

    private let condition = NSCondition()
    /// Guarded by `condition`.
    nonisolated(unsafe) private var state = State()

    var failure: String? { locked { $0.failure } }

    func begin(_ head: HTTPAnswer) {
        locked { if $0.head == nil { $0.head = head } }
    }

    /// Waits for room and adds a part; returns whether more is wanted.
    func write(_ part: [UInt8]) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        let limit = Date().addingTimeInterval(60)
        while state.parts.count >= Self.most, !state.isClosed {
            guard condition.wait(until: limit) else { return false }
        }
        guard !state.isClosed else { return false }
        state.parts.append(part)
        condition.broadcast()
        return true
    }

    func end() { locked { $0.isEnded = true } }

    func fail(_ reason: String) {
        locked { state in
            state.failure = reason
            state.isEnded = true
        }
    }

    func close() { locked { $0.isClosed = true } }

    /// Waits for the head; nil when there is none in time.
    func head(within limit: Duration) -> HTTPAnswer? {
        condition.lock()
        defer { condition.unlock() }
        let end = Date().addingTimeInterval(limit / .seconds(1))
        while state.head == nil, !state.isEnded {
            guard condition.wait(until: end) else { return nil }
        }
        return state.head
    }

    /// Waits for the next part.
    func next(within limit: Duration) -> HTTPStream.Part {
        condition.lock()
        defer { condition.unlock() }
        let end = Date().addingTimeInterval(limit / .seconds(1))
        while state.parts.isEmpty {
            guard state.failure == nil else { return .failure }
            if state.isEnded || state.isClosed { return .end }
            // A body has no keep-alive: it must come.
            guard condition.wait(until: end) else { return .failure }
        }
        let part = state.parts.removeFirst()
        condition.broadcast()
        return .bytes(part)
    }

    /// What is left of a body, up to a limit.
    func rest(atMost limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit, case .bytes(let part) = next(within: .seconds(5)) {
            bytes += part
        }
        return bytes
    }

    private func locked<Value>(_ body: (inout State) -> Value) -> Value {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return body(&state)
    }
}
