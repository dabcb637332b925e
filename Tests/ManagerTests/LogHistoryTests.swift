import Foundation
import GridAPI
import HTTP
import KafkaClient
import KafkaEmbedded
import Synchronization
import Testing

@testable import Manager

@Suite(.timeLimit(.minutes(1))) struct LogHistoryTests {
    private func line(_ number: Int, _ time: String, engine: String = "e-1") -> LogEntry {
        LogEntry(
            at: "2026-12-01T18:\(time).000Z",
            level: "info",
            program: "valengine",
            host: "h",
            engine: engine,
            pid: 1,
            sequence: number,
            message: "line \(number)",
            fields: [:],
            dropped: 0
        )
    }

    @Test func oldLinesAreReadForwardPageByPage() async throws {
        let cluster = try EmbeddedCluster()
        try cluster.createTopic("logs", partitions: 2)
        let configuration = KafkaConfiguration(
            bootstrapServers: cluster.bootstrapServers,
            clientID: "test"
        )
        let producer = try KafkaProducer(configuration: configuration)
        for number in 0..<30 {
            let minute = number < 10 ? "0\(number)" : "\(number)"
            _ = try await producer.send(
                ProducedRecord(
                    topic: "logs",
                    partition: Int32(number % 2),
                    key: nil,
                    value: try APIJSON.line(line(number, "\(minute):00", engine: "e-\(number % 2)"))
                )
            )
        }
        await producer.close()
        let history = LogHistory(configuration: configuration, topic: "logs")
        var filter = LogRing.Filter()
        filter.from = "2026-12-01T18:05:00.000Z"
        filter.to = "2026-12-01T18:25:00.000Z"
        var seen: [Int] = []
        var place: [Int32: Int64]?
        var pages = 0
        repeat {
            let page = try await history.page(filter, after: place, most: 7)
            #expect(page.lines.map(\.at) == page.lines.map(\.at).sorted())
            seen += page.lines.map(\.sequence)
            place = page.next
            pages += 1
            try #require(pages < 20)
        } while place != nil
        #expect(seen.sorted() == Array(5..<25), "each line once, none of other times")
        filter.engines = ["e-1"]
        let one = try await history.page(filter, after: nil, most: 500)
        #expect(one.lines.map(\.sequence) == [5, 7, 9, 11, 13, 15, 17, 19, 21, 23])
        #expect(one.next == nil)
    }

    @Test func aCursorIsOffsetsAsText() {
        let place: [Int32: Int64] = [2: 5, 0: 17]
        #expect(place.cursorText == "0:17,2:5")
        #expect([Int32: Int64](cursorText: "0:17,2:5") == place)
        for text in ["0", "0:x", "a:1", "0:-1", "0:1:2"] {
            #expect([Int32: Int64](cursorText: text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        ("2026-12-01T18:41:02.500Z", "2026-12-01T18:41:02.500Z"),
        ("2026-12-01T18:41:02Z", "2026-12-01T18:41:02.000Z"),
        ("2026-12-01T19:41:02+01:00", "2026-12-01T18:41:02.000Z"),
        ("2026-12-01T18:41", "2026-12-01T18:41:00.000Z"),
        ("2026-12-01T18:41:02", "2026-12-01T18:41:02.000Z"),
        ("2026-12-01", "2026-12-01T00:00:00.000Z"),
    ])
    func timesOfQueriesAreReadAsPeopleWriteThem(text: String, read: String) {
        #expect(QueryTime(text)?.text == read)
    }

    @Test(arguments: ["", "now", "18:41", "2026-13-01", "2026-12-01T25:00", "20261201"])
    func whatIsNoTimeIsRefused(text: String) {
        #expect(QueryTime(text) == nil)
    }

    @Test func linesBeforeTheRingComeFromKafka() async throws {
        try await onThread {
            let test = try TestAPI()
            let token = ["authorization": "Bearer \(try test.token(.viewer))"]
            struct Lines: Decodable {
                var items: [LogEntry]
                var direction: String
                var next: String?
            }
            func lines(_ query: [String: String]) throws -> Lines {
                let answer = try test.call("GET", "/logs", token, query: query)
                guard case .bytes(let bytes) = answer.body else { throw CancellationError() }
                return try APIJSON.decoded(Lines.self, from: bytes)
            }
            test.logs.forget()
            test.logs.add(line(9, "30:00"))
            test.grid.lines.withLock {
                $0 = LogHistory.Page(lines: [line(1, "10:00")], next: [0: 4])
            }
            let recent = try lines(["from": "2026-12-01T18:30:00Z"])
            #expect(recent.direction == "back")
            #expect(recent.items.map(\.sequence) == [9])
            let old = try lines(["from": "2026-12-01T18:00"])
            #expect(old.direction == "forward")
            #expect(old.items.map(\.sequence) == [1])
            // The cursor goes on in Kafka, with or without the time.
            let next = try #require(old.next)
            #expect(try lines(["cursor": next]).direction == "forward")
            #expect(
                try test.call("GET", "/logs", token, query: ["from": "yesterday"]).status == 400
            )
        }
    }
}
