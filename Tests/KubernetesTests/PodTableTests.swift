import Testing

@testable import Kubernetes

@Suite struct PodTableTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func watched() -> PodTable {
        var table = PodTable()
        table.replace(by: [], at: "10")
        return table
    }

    @Test func aWatchAddsChangesAndRemoves() {
        var table = watched()
        #expect(table.resourceVersion == "10")
        let added = table.apply(bytes(Recorded.line("ADDED", Recorded.pod("a", version: "11"))))
        #expect(added == .changed)
        #expect(table.resourceVersion == "11")
        let line = Recorded.line("MODIFIED", Recorded.pod("a", version: "12", phase: "Failed"))
        _ = table.apply(bytes(line))
        #expect(table.pods["a"]?.status?.phase == "Failed")
        _ = table.apply(bytes(Recorded.line("DELETED", Recorded.pod("a", version: "13"))))
        #expect(table.pods.isEmpty)
        #expect(table.resourceVersion == "13")
    }

    @Test func aBookmarkOnlyMovesOn() {
        var table = watched()
        let line = """
            {"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"99"}}}
            """
        let outcome = table.apply(bytes(line))
        #expect(outcome == .unchanged)
        #expect(table.resourceVersion == "99")
    }

    @Test func anExpiredWatchListsAgain() {
        var table = watched()
        let outcome = table.apply(bytes(Recorded.gone))
        #expect(outcome == .expired)
        #expect(table.resourceVersion == nil)
        // What comes after it does not count.
        let late = table.apply(bytes(Recorded.line("ADDED", Recorded.pod("a"))))
        #expect(late == .expired)
        #expect(table.resourceVersion == nil)
        #expect(table.pods.isEmpty)
    }

    @Test func whatIsNoEventIsPassedOver() {
        var table = watched()
        for text in ["", "{", "{}", "[1]", #"{"type":"ADDED","object":{"spec":1}}"#] {
            let outcome = table.apply(bytes(text))
            #expect(outcome == .unchanged)
        }
        #expect(table.resourceVersion == "10")
    }

    @Test func itKeepsABoundedNumber() throws {
        var table = watched()
        for number in 0..<PodTable.limit + 3 {
            _ = table.apply(bytes(Recorded.line("ADDED", Recorded.pod("p\(number)"))))
        }
        #expect(table.pods.count == PodTable.limit)
        #expect(table.omitted == 3)
    }
}

@Suite struct LineSplitterTests {
    @Test(arguments: 1...8)
    func itFindsLinesHoweverTheyAreCut(size: Int) {
        var splitter = LineSplitter(limit: 100)
        var lines: [[UInt8]] = []
        let text = Array("one\n\ntwo two\nthree".utf8)
        for start in stride(from: 0, to: text.count, by: size) {
            lines += splitter.add(Array(text[start..<min(start + size, text.count)]))
        }
        lines += splitter.add([0x0A])
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["one", "two two", "three"])
        #expect(!splitter.hasOverflowed)
    }

    @Test func aLineThatIsTooLongIsDropped() {
        var splitter = LineSplitter(limit: 5)
        let first = splitter.add(Array("123456".utf8))
        let second = splitter.add(Array("78\nabc\n".utf8))
        #expect(first == [])
        #expect(second == [Array("abc".utf8)])
        #expect(splitter.hasOverflowed)
    }
}

@Suite struct QuantityTests {
    @Test(arguments: [
        ("250m", 250), ("1", 1_000), ("0.5", 500), ("49876543n", 50), ("12u", 1), ("2k", 2_000_000),
        ("0", 0),
    ])
    func itReadsCPU(text: String, millicores: Int) {
        #expect(Quantity.millicores(text) == millicores)
    }

    @Test(arguments: ["", "m", "x", "1Mi", "-1", "1.2.3", "1e3"])
    func itRefusesOthers(text: String) {
        #expect(Quantity.millicores(text) == nil)
    }
}
