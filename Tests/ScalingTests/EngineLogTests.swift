import Operations
import Testing

@testable import Scaling

@Suite struct EngineLogTests {
    private func text(_ bytes: [UInt8]?) -> String? {
        bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        (1, "c\n"), (2, "b\nc\n"), (3, "a\nb\nc\n"), (9, "a\nb\nc\n"),
    ])
    func itGivesTheLastLines(lines: Int, expected: String) {
        let tail = EngineLog.tail(of: ArraySlice("a\nb\nc\n".utf8), lines: lines)
        #expect(text(Array(tail)) == expected)
    }

    @Test func aLineWithoutItsEndIsALine() {
        let tail = EngineLog.tail(of: ArraySlice("a\nb\nc".utf8), lines: 2)
        #expect(text(Array(tail)) == "b\nc")
    }

    @Test func aLogHasABoundedSize() throws {
        let directory = try TemporaryDirectory(prefix: "valgrid-log-")
        let path = directory.path + "/engine.log"
        var log = EngineLog(path: path, limit: 10)
        for line in ["one two\n", "three\n", "four\n", "five five five\n", "six\n"] {
            log.write(ArraySlice(line.utf8))
        }
        #expect(text(EngineLog.tail(of: path, lines: 9, bytes: 99)) == "six\n")
        #expect(
            text(EngineLog.tail(of: EngineLog.previous(of: path), lines: 9, bytes: 99))
                == "four\nfive five five\n"
        )
        #expect(EngineLog.tail(of: directory.path + "/none", lines: 9, bytes: 99) == nil)
    }

    @Test func aCutLineIsLeftOut() throws {
        let directory = try TemporaryDirectory(prefix: "valgrid-log-")
        let path = directory.path + "/engine.log"
        var log = EngineLog(path: path)
        log.write(ArraySlice("first\nsecond\nthird\n".utf8))
        #expect(text(EngineLog.tail(of: path, lines: 9, bytes: 15)) == "second\nthird\n")
        #expect(text(EngineLog.tail(of: path, lines: 9, bytes: 12)) == "third\n")
    }
}
