import Testing

@testable import PortfolioFiles

@Suite struct JSONParserTests {
    private func parse(
        _ text: String,
        nesting: Int = 64,
        nodes: Int = 1_000
    ) throws -> (tape: JSONTape, problems: [FileProblem]) {
        let log = ProblemLog(limits: .default)
        let source = try SourceText(name: "t.json", bytes: Array(text.utf8), limits: .default)
        var parser = JSONParser(source: source, nesting: nesting, maximumNodes: nodes, log: log)
        try parser.parse()
        if parser.peek() != nil { throw parser.unexpected("the end") }
        return (parser.tape, log.problems)
    }

    private func failure(_ text: String, nesting: Int = 64) -> JSONSyntaxError? {
        do {
            _ = try parse(text, nesting: nesting)
            return nil
        } catch {
            return error as? JSONSyntaxError
        }
    }

    @Test("keeps line and offset of every value")
    func positions() throws {
        let tape = try parse("{\n  \"a\": [1,\n 22],\n\"b\": \"x\"}").tape
        let inner = tape.nodes[tape.find("a[1]", from: 0)]
        #expect(inner.line == 3)
        #expect(tape.source.column(of: inner.range.lowerBound) == 2)
        #expect(tape.text(of: tape.nodes[tape.find("b", from: 0)]) == "x")
        #expect(tape.find("a[7].x", from: 0) == tape.find("a", from: 0))
    }

    @Test("counts columns in characters")
    func columns() throws {
        let tape = try parse("[\"äöü\", 1]").tape
        #expect(tape.source.column(of: tape.nodes[2].range.lowerBound) == 9)
    }

    @Test("resolves escapes")
    func escapes() throws {
        let tape = try parse(#"["\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"]"#).tape
        #expect(tape.text(of: tape.nodes[1]) == "\"\\/\u{8}\u{c}\n\r\té😀")
    }

    @Test(
        "refuses what JSON does not allow",
        arguments: [
            "{", "[", "[1,]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "[01]", "[1.]", "[.5]", "[+1]",
            "[1e]", "[\"a]", "[\"\\x\"]", "[\"\\ud800\"]", "[\"\\udc00\"]", "[\"\\u12g4\"]",
            "[tru]", "['a']", "[1 2]", "[\"\u{1}\"]", "[\"a\nb\"]", "{} {}", "]", "[-]", "\"\\",
        ]
    )
    func grammar(text: String) {
        #expect(failure(text) != nil)
    }

    @Test("names the place of a broken text")
    func place() throws {
        let error = try #require(failure("{\"a\": 1\n \"b\": 2}"))
        #expect(error.line == 2)
        #expect(error.offset == 9)
        #expect(error.problem == "a double quote is out of place")
        #expect(error.expected == "\",\" or \"}\"")
    }

    @Test("bounds nesting and the number of values")
    func bounds() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(failure(deep)?.problem == "lists and objects nest too deep")
        #expect(failure("[[1]]", nesting: 2) == nil)
        #expect(failure("[[[1]]]", nesting: 2) != nil)
        #expect(throws: JSONSyntaxError.self) { try parse("[1,2,3]", nodes: 3) }
    }

    @Test("finds names that occur twice, few or many, escaped or not")
    func duplicates() throws {
        let few = try parse("{\"a\": 1,\n \"a\": 2}").problems
        #expect(
            few.map(\.description)
                == ["t.json:2:2: a: the name occurs twice; expected it once, as on line 1"]
        )
        let many = (0..<40).map { "\"k\($0)\": 1" }.joined(separator: ",")
        #expect(try parse("{\(many), \"k7\": 1}").problems.map(\.field) == ["k7"])
        #expect(try parse(#"{"a": 1, "\u0061": 2}"#).problems.map(\.field) == ["a"])
    }
}
