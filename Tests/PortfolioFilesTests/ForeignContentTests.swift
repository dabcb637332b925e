import Finance
import Testing

@testable import PortfolioFiles

/// Files that are not what their names say, or nothing that valgrid reads.
@Suite struct ForeignContentTests {
    private func problems(_ bytes: [UInt8], _ name: String) -> [String] {
        problemLines { () throws(FileProblems) in try readPortfolio(bytes: bytes, name: name) }
    }

    private func problems(_ text: String, _ name: String) -> [String] {
        problems(Array(text.utf8), name)
    }

    @Test(
        arguments: [
            ([0x1F, 0x8B, 8, 0, 1, 2], "p.csv.gz", "the file is compressed with gzip"),
            ([0x28, 0xB5, 0x2F, 0xFD, 0], "p.csv", "the file is compressed with Zstandard"),
            (
                [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0], "p.csv",
                "the file is an Excel workbook (.xls)"
            ),
        ] as [([UInt8], String, String)]
    )
    func compressedFilesAreNamed(bytes: [UInt8], name: String, problem: String) {
        let lines = problems(bytes, name)
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("\(name): \(problem); expected ") == true)
    }

    @Test(arguments: [
        ("xl/workbook.xml", "an Excel workbook (.xlsx)"),
        ("mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet"),
        ("portfolio.csv", "compressed with ZIP"),
    ])
    func archivesAreNamedByWhatIsInThem(content: String, name: String) {
        let bytes: [UInt8] =
            [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 200) + Array(content.utf8) + [
                0, 0xFF,
            ]
        for file in ["p.xlsx", "p.csv", "p"] {
            #expect(problems(bytes, file).first?.hasPrefix("\(file): the file is \(name)") == true)
        }
    }

    @Test(arguments: [
        "sep=;\ntradeId;type\n", "sep=,\ntradeId,type\n", "SEP=;\r\ntradeId;type\r\n",
    ])
    func aLineForExcelIsNamed(text: String) throws {
        let line = try #require(problems(text, "p.csv").first)
        #expect(
            line.hasPrefix("p.csv:1: \"\(text.prefix(5))\" is a line for Excel, not a header row")
        )
        #expect(line.hasSuffix("delete this line"))
    }

    @Test(arguments: ["tradeId,type\rA,FRA\rB,FRA\r", "tradeId,type\rA,\"x\ny\"\r"])
    func linesThatEndWithCarriageReturnsAreNamed(text: String) {
        #expect(
            problems(text, "p.csv") == [
                "p.csv:1: the lines end with CR alone, as on old Macintosh computers; "
                    + "expected lines that end with LF or CRLF"
            ]
        )
        let objects = "\(agreement("A"))\r\(agreement("B"))\r"
        #expect(problems(objects, "p.jsonl").first?.contains("CR alone") == true)
        // Within a JSON document it is a blank as any other.
        #expect(problems("[\(agreement("A")),\r\(agreement("B"))]\r", "p.json").isEmpty)
    }

    @Test(arguments: ["[]", "\u{FEFF}\n {\"trades\": []}", "{\"tradeId\": \"A\"}"])
    func jsonNamedCSVIsNamed(text: String) {
        #expect(
            problems(text, "p.csv") == [
                "p.csv:1: the file holds JSON, not CSV; expected CSV, or a name that ends "
                    + "with .json (.jsonl for an object a line)"
            ]
        )
    }

    @Test(arguments: ["tradeId,type\nA,FRA\n", "\"tradeId\";\"type\"\n", "tradeId\ttype\n"])
    func csvNamedJSONIsNamed(text: String) {
        for name in ["p.json", "p.jsonl"] {
            #expect(
                problems(text, name) == [
                    "\(name):1: the file holds CSV, not JSON; expected JSON, or a name that "
                        + "ends with .csv"
                ]
            )
        }
        #expect(
            problemLines { () throws(FileProblems) in
                try readSnapshot(bytes: Array(text.utf8), name: "m.json")
            } == [
                "m.json:1: the file holds CSV, not JSON; expected JSON, or the directory of the "
                    + "market's CSV files"
            ]
        )
    }

    @Test(arguments: ["[\n\(agreement("A"))\n]\n", "{\"name\": \"x\",\n\"trades\": []}\n"])
    func aJSONDocumentNamedAsLinesIsNamed(text: String) {
        #expect(
            problems(text, "p.jsonl") == [
                "p.jsonl:1: the file is one JSON value, not a trade a line; expected a name that "
                    + "ends with .json"
            ]
        )
    }
}

/// Ids and names come back as they were written.
@Suite struct WrittenTextTests {
    private let composed = "caf\u{E9}"
    private let decomposed = "cafe\u{301}"

    @Test func composedAndDecomposedLettersAreTwoIdsAndComeBack() throws {
        let csv =
            csvHeader.replacing("tradeId,type,book", with: "tradeId,type,counterparty")
            + [composed, decomposed].map {
                "\($0),FRA,\($0),,,Long,1000000,0.02,EUR-EURIBOR-6M,2026-04-20,2026-10-20,,,,,,,\n"
            }.joined()
        let json =
            "[\([composed, decomposed].map { agreement($0, ["counterparty": "\"\($0)\""]) }.joined(separator: ","))]"
        for read in [try portfolio(csv, "p.csv"), try portfolio(json, "p.json")] {
            let written = [composed, decomposed].map { Array($0.utf8) }
            #expect(read.trades.map { Array($0.id.rawValue.utf8) } == written)
            #expect(read.trades.map { Array($0.counterparty.utf8) } == written)
        }
    }

    @Test(arguments: ["\u{200B}", "\u{202E}", "\u{AD}", "\u{9B}", "\u{2066}", "\u{FEFF}"])
    func hiddenCharactersInNamesAreRefusedWithTheirPlace(character: String) throws {
        let scalar = try #require(character.unicodeScalars.first)
        let code = String(scalar.value, radix: 16, uppercase: true)
        for field in ["tradeId", "book", "counterparty", "nettingSet"] {
            let text = "[\n\(agreement("A", [field: "\"X\(character)1\""]))]"
            let line = try #require(
                problemLines { () throws(FileProblems) in try portfolio(text) }.first
            )
            #expect(line.hasPrefix("p.json:2:") && line.contains(" \(field): "))
            #expect(line.contains("U+\(code.count < 4 ? "00" : "")\(code)"))
            #expect(!line.contains(character))
            // JSON's escapes say the same.
            let escaped = text.replacing(
                character,
                with: "\\u\(String(repeating: "0", count: 4 - code.count))\(code)"
            )
            #expect(
                problemLines { () throws(FileProblems) in try portfolio(escaped) }.first?
                    .contains("U+") == true
            )
        }
    }

    @Test func messagesHoldNoControlCharacterOfAFile() {
        let problem = FileProblem(
            file: "a\u{1B}[31m\n.csv",
            line: 1,
            field: "x\u{9B}",
            problem: "\u{202E}no",
            expected: "\u{7}yes"
        )
        #expect(
            problem.description
                == "a\\u{1b}[31m\\u{a}.csv:1: x\\u{9b}: \\u{202e}no; expected \\u{7}yes"
        )
    }
}
