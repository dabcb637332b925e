import HTTP
import Testing

@testable import Manager

@Suite struct EventHubTests {
    private func row(_ id: String, done: Int) -> [String: String] { [id: "\(done)"] }

    private func text(_ part: HTTPStream.Part) -> String {
        guard case .bytes(let bytes) = part else { return "\(part)" }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func aStreamGoesOnWhereItWasCut() throws {
        let hub = EventHub(boot: "b")
        let first = try #require(hub.stream(of: ["grid"], for: "u", after: nil))
        #expect(text(first.next(.zero)).contains("event: hello"))
        hub.publish("grid", topic: "grid", row("a", done: 1))
        hub.publish("engines", topic: "engines", row("e", done: 1))
        #expect(text(first.next(.zero)).contains("id: b.1\nevent: grid\ndata: {\"a\":\"1\"}\n\n"))
        first.close()
        hub.publish("grid", topic: "grid", row("a", done: 2))
        let again = try #require(hub.stream(of: ["grid"], for: "u", after: "b.1"))
        #expect(!text(again.next(.zero)).contains("gap"))
        #expect(text(again.next(.zero)).contains("{\"a\":\"2\"}"))
        #expect(again.next(.zero) == .nothing)
        let other = try #require(hub.stream(of: ["grid"], for: "u", after: "other.1"))
        #expect(text(other.next(.zero)).contains("event: gap"))
    }

    /// The number is a stranger's: it may be any.
    @Test(arguments: [
        "b.9223372036854775807", "b.-9223372036854775808", "b.1.2", "b.", ".", "", "b.x", "b.2",
    ])
    func aPlaceThatNobodyWasGivenIsAGap(id: String) throws {
        let hub = EventHub(boot: "b")
        hub.publish("grid", topic: "grid", row("a", done: 1))
        let stream = try #require(hub.stream(of: ["grid"], for: "u", after: id))
        #expect(text(stream.next(.zero)).contains("event: gap"))
        #expect(stream.next(.zero) == .nothing)
    }

    @Test func whoLagsGetsTheNewestAndIsToldOfTheRest() throws {
        let hub = EventHub(boot: "b")
        let stream = try #require(hub.stream(of: ["grid"], for: "u", after: nil))
        _ = stream.next(.zero)
        for number in 0..<(EventHub.kept + 2_000) {
            hub.publish("grid", topic: "grid", row("a", done: number))
        }
        let said = text(stream.next(.zero))
        #expect(said.hasPrefix("event: gap"))
        #expect(said.contains("{\"a\":\"\(EventHub.kept + 1_999)\"}"))
        #expect(said.split(separator: "event: grid").count == 2)
    }

    @Test func whatIsLostIsSaidOnceToEachStream() throws {
        let hub = EventHub(boot: "b")
        let stream = try #require(hub.stream(of: ["grid"], for: "u", after: nil))
        _ = stream.next(.zero)
        hub.publish("grid", topic: "grid", row("a", done: 1))
        hub.lose()
        #expect(text(stream.next(.zero)) == "event: gap\ndata: {}\n\n")
        #expect(stream.next(.zero) == .nothing)
        hub.publish("grid", topic: "grid", row("a", done: 2))
        #expect(!text(stream.next(.zero)).contains("gap"))
        // One that was cut before cannot go on.
        let again = try #require(hub.stream(of: ["grid"], for: "u", after: "b.1"))
        #expect(text(again.next(.zero)).contains("gap"))
    }

    @Test func aUserHasEightStreamsAndClosedOnesAreFree() throws {
        let hub = EventHub(boot: "b")
        let streams = (0..<8).compactMap { _ in hub.stream(of: ["grid"], for: "u", after: nil) }
        #expect(streams.count == 8)
        #expect(hub.stream(of: ["grid"], for: "u", after: nil) == nil)
        #expect(hub.stream(of: ["grid"], for: "v", after: nil) != nil)
        streams[0].close()
        streams[0].close()
        #expect(hub.stream(of: ["grid"], for: "u", after: nil) != nil)
        #expect(hub.stream(of: ["grid"], for: "u", after: nil) == nil)
        hub.close()
        _ = streams[1].next(.zero)
        #expect(streams[1].next(.seconds(10)) == .end)
    }
}
