internal import Foundation
internal import GridAPI
internal import HTTP

/// What pages see change, as server-sent events.
///
/// Events are kept for a while, so that a page whose stream was cut goes on where it was. A page
/// that lags loses events, and is told that it did.
final class EventHub: Sendable {
    /// An event, encoded once for all.
    private struct Event {
        var number: Int
        /// What it is about: `jobs`, `grid`, `job:ID`.
        var topics: [String]
        var name: String
        var data: [UInt8]
    }

    private struct State {
        var ring: [Event] = []
        var next = 1
        /// The streams that are open, by a number.
        var readers: [Int: Reader] = [:]
        var nextReader = 1
        var isClosed = false
    }

    /// What a stream has sent.
    private struct Reader {
        var user: String
        var next: Int
        var hasGreeted = false
        var hasGap = false
    }

    static let kept = 4_096
    static let mostOfAUser = 8

    /// Tells this run's numbers from another's.
    let boot: String
    private let condition = NSCondition()
    /// Guarded by `condition`.
    nonisolated(unsafe) private var state = State()

    init(boot: String) {
        self.boot = boot
    }

    /// Publishes a value under a name to those who watch a topic.
    func publish(_ name: String, topic: String, _ value: some Encodable) {
        guard let data = try? APIJSON.line(value) else { return }
        add(name, [topic], data)
    }

    /// Publishes how a job stands.
    func publish(row: JobRow) {
        guard let data = try? APIJSON.line(["items": [row]]) else { return }
        add("rows", ["jobs", "job:\(row.id)"], data)
    }

    /// Forgets what was published: each stream that is open is told that it must ask anew.
    func lose() {
        condition.lock()
        state.ring = []
        state.next += 1
        condition.broadcast()
        condition.unlock()
    }

    /// Begins a stream; nil when a user has too many.
    func stream(of topics: Set<String>, for user: String, after id: String?) -> HTTPStream? {
        condition.lock()
        defer { condition.unlock() }
        guard state.readers.values.count(where: { $0.user == user }) < Self.mostOfAUser else {
            return nil
        }
        var reader = Reader(user: user, next: state.next)
        // What is still kept is sent again; with anything else lost, the page must ask anew.
        if let id {
            let parts = id.split(separator: ".")
            let first = state.ring.first?.number ?? state.next
            if parts.count == 2, parts[0] == boot, let last = Int(parts[1]), last < state.next,
                last >= first - 1
            {
                reader.next = last + 1
            } else {
                reader.hasGap = true
            }
        }
        let number = state.nextReader
        state.nextReader += 1
        state.readers[number] = reader
        return HTTPStream(keepAlive: Array(":\n\n".utf8)) { limit in
            self.next(number, topics, limit)
        } close: {
            self.end(number)
        }
    }

    /// How many streams are open.
    var count: Int {
        condition.lock()
        defer { condition.unlock() }
        return state.readers.count
    }

    /// Ends all streams.
    func close() {
        condition.lock()
        state.isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    // MARK: Private

    private func add(_ name: String, _ topics: [String], _ data: [UInt8]) {
        condition.lock()
        state.ring.append(Event(number: state.next, topics: topics, name: name, data: data))
        state.next += 1
        if state.ring.count > Self.kept + 512 { state.ring.removeFirst(512) }
        condition.broadcast()
        condition.unlock()
    }

    private func next(_ number: Int, _ topics: Set<String>, _ limit: Duration) -> HTTPStream.Part {
        condition.lock()
        defer { condition.unlock() }
        guard var reader = state.readers[number] else { return .end }
        if !reader.hasGreeted {
            reader.hasGreeted = true
            state.readers[number] = reader
            var text = "retry: 2000\nevent: hello\ndata: {\"boot\":\"\(boot)\"}\n\n"
            if reader.hasGap { text += "event: gap\ndata: {}\n\n" }
            return .bytes(Array(text.utf8))
        }
        let end = Date().addingTimeInterval(limit / .seconds(1))
        while true {
            guard state.readers[number] != nil, !state.isClosed else { return .end }
            let bytes = taken(&reader, topics)
            state.readers[number] = reader
            guard bytes.isEmpty else { return .bytes(bytes) }
            guard condition.wait(until: end) else { return .nothing }
        }
    }

    /// All events that are new to a reader, of each job the newest only.
    private func taken(_ reader: inout Reader, _ topics: Set<String>) -> [UInt8] {
        var bytes: [UInt8] = []
        let first = state.ring.first?.number ?? state.next
        if reader.next < first {
            reader.next = first
            bytes += Array("event: gap\ndata: {}\n\n".utf8)
        }
        let new = state.ring.dropFirst(max(0, reader.next - first))
        reader.next = state.next
        var seen: Set<[String]> = []
        var chosen: [Event] = []
        for event in new.reversed() where chosen.count < 200 {
            guard !topics.isDisjoint(with: event.topics) else { continue }
            // Of a state only the newest counts; lines of logs are all wanted.
            guard event.name == "lines" || seen.insert(event.topics).inserted else { continue }
            chosen.append(event)
        }
        for event in chosen.reversed() {
            bytes += Array("id: \(boot).\(event.number)\nevent: \(event.name)\ndata: ".utf8)
            bytes += event.data
            bytes.append(0x0A)
        }
        return bytes
    }

    private func end(_ number: Int) {
        condition.lock()
        state.readers[number] = nil
        condition.broadcast()
        condition.unlock()
    }
}
