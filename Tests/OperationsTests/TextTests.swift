import Foundation
import Synchronization
import Testing

@testable import Operations

@Suite struct HumanTextTests {
    @Test(
        arguments: [
            (.microseconds(1500), "1.5 ms"), (.milliseconds(850), "850 ms"), (.zero, "0.0 ms"),
            (.milliseconds(4200), "4.2 s"), (.milliseconds(59_990), "1 min 0 s"),
            (.seconds(185), "3 min 5 s"), (.seconds(7800), "2 h 10 min"),
            (.seconds(273_600), "3 d 4 h"), (.seconds(-5), "-5.0 s"),
        ] as [(Duration, String)]
    )
    func writesDurations(duration: Duration, text: String) {
        #expect(HumanText.duration(duration) == text)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567"),
        (Int.min, "-9,223,372,036,854,775,808"),
    ])
    func writesCounts(count: Int, text: String) {
        #expect(HumanText.count(count) == text)
    }

    @Test(arguments: [
        (0.25, "0.25/s"), (12.34, "12.3/s"), (1234.4, "1,234/s"), (99.96, "100/s"),
        (.infinity, "-/s"),
    ])
    func writesRates(rate: Double, text: String) {
        #expect(HumanText.rate(rate) == text)
    }

    @Test(arguments: [
        (512, "512 B"), (1536, "1.5 KiB"), (8 << 20, "8.0 MiB"), ((1 << 20) - 1, "1.0 MiB"),
    ])
    func writesBytes(bytes: Int, text: String) {
        #expect(HumanText.bytes(bytes) == text)
    }

    @Test(arguments: [
        (1_234_567.891, "1,234,567.89"), (-0.001, "0.00"), (-1234.5, "-1,234.50"),
        (1e20, "100000000000000000000.00"), (.nan, "nan"), (-.infinity, "-inf"),
    ])
    func writesNumbers(value: Double, text: String) {
        #expect(HumanText.number(value) == text)
    }
}

@Suite struct ProgressLineTests {
    private final class Screen: Sendable {
        let text = Mutex("")
        let time = Mutex(ContinuousClock.now)

        func line(isTerminal: Bool, width: Int = 10) -> ProgressLine {
            ProgressLine(
                isTerminal: isTerminal,
                width: width,
                interval: .seconds(1),
                now: { self.time.withLock { $0 } },
                output: { new in self.text.withLock { $0 += new } }
            )
        }

        func wait(_ duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
        var shown: String { text.withLock { $0 } }
    }

    @Test func aTerminalHasOneLineThatChanges() {
        let screen = Screen()
        let line = screen.line(isTerminal: true)
        line.show("one")
        screen.wait(.seconds(1))
        line.show("a text that is too long")
        line.finish()
        #expect(screen.shown == "\rone\u{1B}[K\ra text tha\u{1B}[K\n")
    }

    @Test func elsewhereThereArePlainLinesNowAndThen() {
        let screen = Screen()
        let line = screen.line(isTerminal: false)
        line.show("one")
        line.show("two")
        screen.wait(.seconds(1))
        line.show("three\nmore")
        line.show("four")
        line.finish()
        #expect(screen.shown == "one\nthree\nfour\n")
    }

    @Test func finishingWithoutTextShowsNothing() {
        let screen = Screen()
        screen.line(isTerminal: true).finish()
        #expect(screen.shown.isEmpty)
    }

    @Test func clearingMakesRoomForOtherText() {
        let screen = Screen()
        let line = screen.line(isTerminal: true)
        line.show("one")
        line.clear()
        line.show("two")
        #expect(screen.shown == "\rone\u{1B}[K\r\u{1B}[K\rtwo\u{1B}[K")
    }
}

@Suite struct AtomicFileTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/files-\(UUID().uuidString)"
        try makeDirectory(path + "/a/b")
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path + "/a/b")
    }

    private func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory)
    }

    @Test func replacesWhatWasThere() throws {
        try withDirectory { directory in
            try writeAtomically("old", to: directory + "/f")
            try writeAtomically(Array("new".utf8), to: directory + "/f")
            #expect(FileManager.default.contents(atPath: directory + "/f") == Data("new".utf8))
            #expect(try names(in: directory) == ["f"])
        }
    }

    @Test func leavesNothingWithoutCommit() throws {
        try withDirectory { directory in
            do {
                var file = try AtomicFile(path: directory + "/f")
                try file.write(String(repeating: "x", count: 100_000))
                #expect(try names(in: directory).count == 1)
            }
            #expect(try names(in: directory).isEmpty)
        }
    }

    @Test func writesManyPartsInOrder() throws {
        try withDirectory { directory in
            var file = try AtomicFile(path: directory + "/f")
            for index in 0..<50_000 { try file.write("\(index)\n") }
            try file.commit()
            let expected = (0..<50_000).map { "\($0)\n" }.joined()
            #expect(FileManager.default.contents(atPath: directory + "/f") == Data(expected.utf8))
        }
    }

    @Test func saysWhyItCannotWrite() throws {
        let error = thrown(FileError.self) {
            try writeAtomically("x", to: "/no/such/directory/f")
        }
        #expect(
            error?.reason == "cannot write /no/such/directory/f: No such file or directory"
        )
        try withDirectory { directory in
            try writeAtomically("x", to: directory + "/f")
            #expect(throws: FileError.self) { try makeDirectory(directory + "/f/g") }
            #expect(throws: FileError.self) { try makeDirectory(directory + "/f") }
            try makeDirectory(directory)
        }
    }
}
