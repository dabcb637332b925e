import Foundation
import HTTP
import Operations
import Synchronization
import Testing

@testable import Manager

/// Answers of the aggregator, as the page's API hands them on.
@Suite(.timeLimit(.minutes(1))) struct AggregatorSourceTests {
    private func source(_ server: HTTPServer) -> AggregatorSource {
        AggregatorSource(
            base: "http://127.0.0.1:\(server.port)",
            client: HTTPClient(),
            table: JobTable(),
            hub: EventHub(boot: "b"),
            logger: .silent
        )
    }

    /// The parts of a body, to its end or failure.
    private func parts(_ response: HTTPResponse) -> (text: String, last: HTTPStream.Part)? {
        guard case .stream(let stream) = response.body else { return nil }
        var text = ""
        while true {
            let part = stream.next(.seconds(10))
            guard case .bytes(let bytes) = part else {
                stream.close()
                return (text, part)
            }
            text += String(decoding: bytes, as: UTF8.self)
        }
    }

    @Test func aRangeOfAFileIsHandedOnAsOne() async throws {
        let directory = try Directory()
        let path = directory.path + "/results.jsonl"
        try writeAtomically("0123456789", to: path)
        let server = try HTTPServer(logger: .silent) { _ in
            HTTPResponse(contentType: "text/plain", body: .file(path: path, deleteAfter: false))
        }
        let (whole, part) = try await onThread {
            let source = source(server)
            return (
                try source.stream("/jobs/a/results.jsonl", headers: [:]),
                try source.stream("/jobs/a/results.jsonl", headers: ["range": "bytes=2-4"])
            )
        }
        #expect(whole.status == 200)
        #expect(whole.headers["ETag"]?.isEmpty == false)
        #expect(part.status == 206)
        #expect(part.headers["Content-Range"] == "bytes 2-4/10")
        let (text, last) = try await onThread { try #require(parts(part)) }
        #expect(text == "234")
        #expect(last == .end)
        _ = try await onThread { parts(whole) }
        await server.shutdown()
    }

    @Test func aFileThatBreaksOffFailsAndDoesNotEnd() async throws {
        let left = Mutex<[HTTPStream.Part]>([.bytes(Array("half".utf8)), .failure])
        let server = try HTTPServer(logger: .silent) { _ in
            HTTPResponse(
                contentType: "text/plain",
                body: .stream(
                    HTTPStream(keepAlive: []) { _ in
                        left.withLock { $0.isEmpty ? .end : $0.removeFirst() }
                    } close: {
                    }
                )
            )
        }
        let (text, last) = try await onThread {
            try #require(parts(try source(server).stream("/jobs/a/npv.csv", headers: [:])))
        }
        #expect(text == "half")
        #expect(last == .failure)
        await server.shutdown()
    }

    @Test func aRefusalIsAProblemWithTheAggregatorsReason() async throws {
        let server = try HTTPServer(logger: .silent) { _ in
            .json(
                "{\"error\":{\"code\":\"not_final\",\"message\":\"job a is running\"}}",
                status: 409
            )
        }
        await #expect(throws: Problem(409, "not_final", "job a is running")) {
            try await onThread { try source(server).stream("/jobs/a/npv.csv", headers: [:]) }
        }
        await server.shutdown()
    }

    @Test func anAggregatorThatIsAwayIsSaid() async throws {
        let server = try HTTPServer(logger: .silent) { _ in nil }
        let source = source(server)
        await server.shutdown()
        for isStream in [true, false] {
            let problem = try await onThread { () -> Problem? in
                do throws(Problem) {
                    _ =
                        isStream
                        ? try source.stream("/jobs/a", headers: [:])
                        : try source.get("/jobs/a", headers: [:])
                    return nil
                } catch {
                    return error
                }
            }
            #expect(problem?.code == "aggregator_away")
            #expect(problem?.detail.contains("connection refused") == true)
        }
    }
}
