import Testing

@testable import GridEngine

/// What children write to standard error.
@Suite(.timeLimit(.minutes(1))) struct ErrorOutputTests {
    /// The lines of a shell script that has ended.
    private func lines(of script: String) throws -> ErrorOutput.Lines {
        let child = try ChildProcess(path: "/bin/sh", arguments: ["-c", script])
        var chunk: [UInt8] = []
        #expect(child.read(into: &chunk, before: .now + .seconds(20)) == .closed)
        _ = child.end(grace: .seconds(20))
        return child.takeErrorLines()
    }

    @Test func linesComeWholeAndInOrder() throws {
        let lines = try lines(of: "printf 'one\\ntw' >&2; printf 'o\\n\\nthree' >&2")
        #expect(lines == ErrorOutput.Lines(texts: ["one", "two", "three"]))
    }

    @Test func aLongLineIsCutBetweenCharacters() throws {
        // One byte, then characters of two bytes: the limit falls into one.
        let lines = try lines(of: "perl -e 'print STDERR \"a\", \"\\xc3\\xa9\" x 3000'")
        #expect(lines.texts.count == 2)
        #expect(lines.texts.joined() == "a" + String(repeating: "é", count: 3_000))
        #expect(lines.texts[0].utf8.count == ErrorOutput.longestLine + 1)
    }

    /// A pipe holds 64 KiB: a child that writes more must not wait for ever.
    @Test func aFloodHoldsNoChildUpAndIsBounded() throws {
        let lines = try lines(of: "perl -e 'print STDERR \"line $_\\n\" for 0..19999'")
        #expect(lines.texts.last == "line 19999")
        #expect(lines.texts.count <= ErrorOutput.mostLines)
        #expect(lines.texts.count + lines.dropped == 20_000)
    }
}
