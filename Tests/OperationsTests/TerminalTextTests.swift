import Foundation
import Testing

@testable import Operations

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("\u{1B}]0;x\u{7}", "\\u{1b}]0;x\\u{7}"), ("a\u{9B}2J", "a\\u{9b}2J"),
        ("a\u{202E}b\u{2066}", "a\\u{202e}b\\u{2066}"), ("a\u{200B}b\u{AD}", "a\\u{200b}b\\u{ad}"),
        ("a\r\nb\u{2028}", "a\\u{d}\\u{a}b\\u{2028}"), ("café 日本 e\u{301}", "café 日本 e\u{301}"),
    ])
    func whatATerminalWouldObeyIsEscaped(text: String, shown: String) {
        #expect(TerminalText.escaped(text).utf8.elementsEqual(shown.utf8))
        #expect(!TerminalText.escaped(text, keepsLines: true).contains("\u{1B}"))
    }

    @Test func jsonStaysJSON() throws {
        let json = "{\n\t\"a\": \"\u{9B}\u{202E}\u{E0041}é\"\n}"
        let escaped = TerminalText.escapedJSON(json)
        #expect(escaped == "{\n\t\"a\": \"\\u009b\\u202e\\udb40\\udc41é\"\n}")
        let read = try JSONDecoder().decode([String: String].self, from: Data(escaped.utf8))
        #expect(read == ["a": "\u{9B}\u{202E}\u{E0041}é"])
        #expect(JSONWriter.escaped("\u{9B}\"\n") == "\\u009b\\\"\\n")
    }

    @Test func logsHoldNoControlCharacter() {
        let line = LogLine(
            time: 0,
            level: .info,
            label: "t",
            message: "m",
            metadata: [LogKey(rawValue: "k"): "a\u{9B}b\u{202E}\u{1B}"]
        )
        #expect(line.rendered(as: .text).hasSuffix("k=\"a\\u009bb\\u202e\\u001b\"\n"))
        #expect(line.rendered(as: .json).hasSuffix("\"k\":\"a\\u009bb\\u202e\\u001b\"}\n"))
    }
}

@Suite struct TemporaryDirectoryTests {
    private func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private func parent() throws -> String {
        let path = NSTemporaryDirectory() + "valgrid-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test func goesWithItsOwnerAndAllThatIsInIt() throws {
        let parent = try parent()
        defer { try? FileManager.default.removeItem(atPath: parent) }
        var directory: TemporaryDirectory? = try TemporaryDirectory(prefix: "run-", in: parent)
        let path = try #require(directory?.path)
        try makeDirectory("\(path)/deep/er")
        try writeAtomically("x", to: "\(path)/deep/er/file")
        #expect(isThere(path))
        directory = nil
        #expect(!isThere(path))
    }

    @Test func staysWhenItIsKept() throws {
        let parent = try parent()
        defer { try? FileManager.default.removeItem(atPath: parent) }
        var directory: TemporaryDirectory? = try TemporaryDirectory(prefix: "run-", in: parent)
        let path = try #require(directory?.path)
        directory?.keep()
        directory = nil
        _ = try TemporaryDirectory(prefix: "run-", in: parent)
        #expect(isThere(path))
    }

    @Test func whatNobodyOwnsIsRemovedByTheNext() throws {
        let parent = try parent()
        defer { try? FileManager.default.removeItem(atPath: parent) }
        // As a process leaves it that was killed: nobody holds its lock.
        let abandoned = "\(parent)/run-abc"
        try makeDirectory(abandoned)
        try writeAtomically("", to: "\(abandoned)/.lock")
        try writeAtomically("x", to: "\(abandoned)/ledger.sqlite")
        let others = "\(parent)/run-mine"
        try makeDirectory(others)
        let first = try TemporaryDirectory(prefix: "run-", in: parent)
        #expect(!isThere(abandoned) && isThere(others))
        let second = try TemporaryDirectory(prefix: "run-", in: parent)
        #expect(isThere(first.path) && isThere(second.path))
    }
}
