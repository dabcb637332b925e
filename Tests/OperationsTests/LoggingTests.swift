import Foundation
import Operations
import Synchronization
import Testing

@Suite struct LogLineTests {
    private let line = LogLine(
        time: 1_768_487_459_123_456,
        level: .warning,
        label: "valengine",
        message: "pricer lost",
        metadata: [.jobID: "eod-1", .error: "signal 11 \"SEGV\"\nat once", .batchIndex: "7"]
    )

    @Test func textIsOneLineWithFactsInOrderOfTheirKeys() {
        #expect(
            line.rendered(as: .text)
                == "2026-01-15T14:30:59.123Z WARNING valengine: pricer lost batch.index=7 "
                + "error=\"signal 11 \\\"SEGV\\\"\\nat once\" job.id=eod-1\n"
        )
    }

    @Test func jsonIsOneObjectThatReadsBack() throws {
        let text = line.rendered(as: .json)
        #expect(text.filter { $0 == "\n" }.count == 1)
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String]
        #expect(
            object == [
                "time": "2026-01-15T14:30:59.123Z", "level": "warning", "label": "valengine",
                "message": "pricer lost", "job.id": "eod-1", "batch.index": "7",
                "error": "signal 11 \"SEGV\"\nat once",
            ]
        )
    }

    @Test(arguments: ["", "ü", "a\u{0}b", "\u{1F}\u{7F}", "\\\"", "tab\tcr\r", "\u{2028}", "\r\n"])
    func everyStringReadsBackFromJSON(text: String) throws {
        let data = Data("[\(JSONWriter.quoted(text))]".utf8)
        #expect(try JSONSerialization.jsonObject(with: data) as? [String] == [text])
    }

    @Test func anEmptyFactIsQuoted() {
        let line = LogLine(time: 0, level: .info, label: "x", message: "y", metadata: ["k": ""])
        #expect(line.rendered(as: .text).hasSuffix("x: y k=\"\"\n"))
    }
}

@Suite struct LoggerTests {
    @Test func writesFromItsLevelOn() {
        let buffer = LogBuffer(capacity: 10)
        let logger = Logger(
            label: "t",
            level: .notice,
            descriptor: nil,
            sink: { buffer.append($0) }
        )
        logger.trace("a")
        logger.debug("b")
        logger.info("c")
        logger.notice("d")
        logger.warning("e")
        logger.error("f")
        #expect(buffer.drain().lines.map(\.message) == ["d", "e", "f"])
    }

    @Test func evaluatesNoFactsOfALineThatIsNotWritten() {
        let calls = Mutex(0)
        func fact() -> String {
            calls.withLock { $0 += 1 }
            return "x"
        }
        Logger(label: "t", level: .error, descriptor: nil).info("no", [.jobID: fact()])
        #expect(calls.withLock { $0 } == 0)
    }

    @Test func factsOfTheLineWinOverThoseOfTheLogger() {
        let buffer = LogBuffer(capacity: 10)
        var logger = Logger(label: "t", descriptor: nil, sink: { buffer.append($0) })
        logger[.jobID] = "old"
        logger.with([.engineID: "e1"]).info("x", [.jobID: "new"])
        logger.info("y")
        let lines = buffer.drain().lines
        #expect(lines.map(\.metadata) == [[.jobID: "new", .engineID: "e1"], [.jobID: "old"]])
    }

    @Test func writesWholeLinesFromManyThreads() async throws {
        let pipe = Pipe()
        let logger = Logger(
            label: "t",
            format: .json,
            descriptor: pipe.fileHandleForWriting.fileDescriptor
        )
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<50 {
                group.addTask { logger.info("line", [.count: String(index)]) }
            }
        }
        try pipe.fileHandleForWriting.close()
        let lines = try #require(try pipe.fileHandleForReading.readToEnd()).split(separator: 10)
        let counts = try lines.map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: String]
            return Int(object?["count"] ?? "")
        }
        #expect(Set(counts) == Set((0..<50).map { $0 }))
    }
}

@Suite struct LogBufferTests {
    @Test func dropsTheOldestWhenFullAndSaysHowMany() {
        let buffer = LogBuffer(capacity: 3)
        for index in 0..<5 {
            buffer.append(LogLine(time: Int64(index), level: .info, label: "", message: ""))
        }
        let first = buffer.drain(maximum: 2)
        #expect(first.lines.map(\.time) == [2, 3])
        #expect(first.dropped == 2)
        let second = buffer.drain()
        #expect(second.lines.map(\.time) == [4])
        #expect(second.dropped == 0)
    }
}
