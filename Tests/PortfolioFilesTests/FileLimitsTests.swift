import Finance
import Foundation
import PortfolioFiles
import Testing

@Suite(.timeLimit(.minutes(1))) struct FileLimitsTests {
    private func withFile(_ name: String, _ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "/portfolio-files-\(UUID().uuidString)-\(name)"
        defer { unlink(path) }
        try body(path)
    }

    @Test("refuses a line of 200 MB after reading its first 16 MiB")
    func longLine() throws {
        try withFile("long.json") { path in
            let file = try #require(fopen(path, "w"))
            fputs("[\n\"", file)
            let piece = [UInt8](repeating: 0x61, count: 1 << 20)
            for _ in 0..<200 { fwrite(piece, 1, piece.count, file) }
            fputs("\"]\n", file)
            fclose(file)
            let start = ContinuousClock.now
            #expect(
                problemLines { () throws(FileProblems) in try readPortfolio(at: path) } == [
                    "\(path):2: the line is longer than 16,777,216 bytes; expected shorter lines, "
                        + "such as one trade a line"
                ]
            )
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test("refuses a file over the limit without reading it")
    func largeFile() throws {
        try withFile("large.csv") { path in
            let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
            #expect(ftruncate(descriptor, 3 << 30) == 0)
            close(descriptor)
            #expect(
                problemLines { () throws(FileProblems) in try readPortfolio(at: path) } == [
                    "\(path): the file has 3,221,225,472 bytes; expected at most 1,073,741,824 bytes"
                ]
            )
        }
    }

    @Test("says why a file cannot be opened")
    func absent() {
        #expect(
            problemLines { () throws(FileProblems) in try readPortfolio(at: "/nowhere/p.csv") }
                == [
                    "/nowhere/p.csv: cannot be opened: No such file or directory; expected a readable file"
                ]
        )
        #expect(
            problemLines { () throws(FileProblems) in try readPortfolio(at: "/") }
                == ["/: is a directory; expected a file"]
        )
        #expect(problemLines { () throws(FileProblems) in try readPortfolio(at: "") }.count == 1)
    }

    @Test(
        "names the byte that is not UTF-8 and its line",
        arguments: [
            ([0xFC], "0xFC"), ([0xC0, 0x80], "0xC0"), ([0xED, 0xA0, 0x80], "0xED"),
            ([0xF4, 0x90, 0x80, 0x80], "0xF4"), ([0xE2, 0x82], "0xE2"), ([0x80], "0x80"),
            ([0xFF], "0xFF"),
        ] as [([UInt8], String)]
    )
    func notUTF8(bytes: [UInt8], name: String) {
        let text = Array("a,b\né,".utf8) + bytes
        #expect(
            problemLines { () throws(FileProblems) in try readPortfolio(bytes: text, name: "p.csv")
            }
                == ["p.csv:2: the byte \(name) at offset 7 is not UTF-8; expected UTF-8 text"]
        )
    }

    @Test("knows UTF-16")
    func utf16() {
        #expect(
            problemLines { () throws(FileProblems) in
                try readPortfolio(bytes: [0xFF, 0xFE, 0x61, 0], name: "p.csv")
            } == ["p.csv:1: the file is UTF-16; expected UTF-8"]
        )
    }

    @Test("leaves a file as it was when a trade cannot be written")
    func replacement() throws {
        try withFile("out.csv") { path in
            let swap = try portfolio(swapObject.replacing("\"TARGET\"", with: "\"USNY\"")).trades
            let sound = try portfolio(agreement("A")).trades
            try writePortfolio(sound, to: path)
            let before = try String(contentsOfFile: path, encoding: .utf8)
            #expect(throws: FileProblems.self) { try writePortfolio(swap, to: path) }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
            #expect(try readPortfolio(at: path).trades == sound)
        }
    }
}
