internal import Finance

/// Reads a portfolio from JSON: a list of trades, an object with `trades`, or a trade a line.
struct JSONPortfolioReader {
    private var parser: JSONParser
    private let source: SourceText
    private let log: ProblemLog
    private let trades: JSONTradeReader
    private(set) var collection: TradeCollection
    private var progress = ReadingProgress()
    private(set) var name: String?

    init(
        source: SourceText,
        limits: FileLimits,
        log: ProblemLog,
        collection: TradeCollection
    ) {
        self.collection = collection
        self.source = source
        self.log = log
        trades = JSONTradeReader(log: log)
        parser = JSONParser(
            source: source,
            nesting: limits.nesting,
            maximumNodes: limits.valuesPerTrade,
            log: log
        )
    }

    /// Reads to the end of the text or to where it cannot be understood any more.
    mutating func read(asLines: Bool) {
        let expected = "JSON, or a name that ends with .csv"
        if let problem = source.problemAsJSON(asLines: asLines, expected: expected) {
            return log.add { problem }
        }
        do throws(JSONSyntaxError) {
            if asLines, parser.peek() == 0x5B || parser.peek() == 0x7B && isDocument() {
                log.add {
                    FileProblem(
                        file: source.name,
                        line: 1,
                        problem: "the file is one JSON value, not a trade a line",
                        expected: "a name that ends with .json"
                    )
                }
            } else if asLines {
                readLines()
            } else if parser.take(0x5B) {
                try readElements()
                try expectEnd()
            } else if parser.peek() == 0x7B, isDocument() {
                try readDocument()
                try expectEnd()
            } else {
                readSequence()
            }
        } catch {
            report(error)
        }
    }

    // MARK: Shapes

    /// Whether the object that begins here is a portfolio rather than a trade, by its first name.
    private func isDocument() -> Bool {
        var ahead = parser.lookingAhead()
        guard ahead.take(0x7B), let first = try? ahead.parseKey() else { return false }
        guard first == "schema" else { return first == "trades" || first == "name" }
        guard (try? ahead.parse()) != nil, let node = ahead.tape.nodes.first else { return false }
        return node.kind == .string && ahead.tape.text(of: node).hasPrefix("portfolio")
    }

    /// Reads a trade a line; lines do not depend on each other.
    private mutating func readLines() {
        while parser.peek() != nil {
            parser.endWithLine()
            do throws(JSONSyntaxError) {
                try parser.parse()
                guard parser.peek() == nil else { throw parser.unexpected("the end of the line") }
                takeTrade()
            } catch {
                report(error)
            }
            parser.leaveLine()
        }
    }

    /// Reads trades one after the other; after a broken one, goes on with the next line that
    /// begins with an object.
    private mutating func readSequence() {
        while parser.peek() != nil {
            do throws(JSONSyntaxError) {
                try parser.parse()
                takeTrade()
            } catch {
                report(error)
                guard parser.skipToNextObjectLine() else { return }
            }
        }
    }

    private mutating func readElements() throws(JSONSyntaxError) {
        if parser.take(0x5D) { return }
        repeat {
            try parser.parse()
            takeTrade()
        } while parser.take(0x2C)
        guard parser.take(0x5D) else { throw parser.unexpected("\",\" or \"]\" after a trade") }
    }

    /// Reads the trade that was parsed last.
    private mutating func takeTrade() {
        trades.read(parser.tape, into: &collection)
        progress.reached(parser.position, in: source.bytes)
    }

    private mutating func readDocument() throws(JSONSyntaxError) {
        _ = parser.take(0x7B)
        var seen = Set<String>()
        repeat {
            let key = try parser.parseKey()
            let keyTape = parser.tape
            if !seen.insert(key).inserted {
                keyTape.report(0, field: key, "the name occurs twice", "it once", to: log)
            }
            switch key {
            case "trades":
                guard parser.take(0x5B) else {
                    throw parser.unexpected("a list of trades in \"[\" and \"]\"")
                }
                try readElements()
            case "schema":
                _ = try readText(key, expected: "\"portfolio/1\"") { $0 == "portfolio/1" }
            case "name":
                name = try readText(key, expected: "a name of at most 128 printable characters") {
                    $0.utf8.count <= 512 && $0.count <= 128 && HiddenCharacter(in: $0) == nil
                }
            default:
                try parser.parse()
                keyTape.report(
                    0,
                    field: String(key.prefix(64)),
                    "it is not a field of a portfolio",
                    expectation(
                        "schema, name or trades",
                        for: key,
                        among: ["schema", "name", "trades"]
                    ),
                    to: log
                )
            }
        } while parser.take(0x2C)
        guard parser.take(0x7D) else { throw parser.unexpected("\",\" or \"}\"") }
        if !seen.contains("trades") {
            log.add {
                FileProblem(
                    file: source.name,
                    line: 1,
                    field: "trades",
                    problem: "it is missing",
                    expected: "a list of trades"
                )
            }
        }
    }

    private mutating func readText(
        _ key: String,
        expected: String,
        isRight: (String) -> Bool
    ) throws(JSONSyntaxError) -> String? {
        try parser.parse()
        let tape = parser.tape
        let node = tape.nodes[0]
        if node.kind == .string, isRight(tape.text(of: node)) { return tape.text(of: node) }
        tape.report(
            0,
            field: key,
            "\(tape.rawText(of: node)) is not understood",
            expected,
            to: log
        )
        return nil
    }

    private mutating func expectEnd() throws(JSONSyntaxError) {
        guard parser.peek() == nil else { throw parser.unexpected("the end of the file") }
    }

    private func report(_ error: JSONSyntaxError) {
        log.add {
            FileProblem(
                file: source.name,
                line: error.line,
                column: source.column(of: error.offset),
                problem: error.problem,
                expected: error.expected
            )
        }
    }
}
