import Testing

@testable import PortfolioFiles

@Suite struct CSVReaderTests {
    private func rows(_ text: String) throws -> (rows: [[String]], lines: [Int], problems: [String])
    {
        let log = ProblemLog(limits: .default)
        let source = try SourceText(name: "t.csv", bytes: Array(text.utf8), limits: .default)
        var reader = CSVReader(source: source, limits: FileLimits(cellBytes: 100), log: log)
        var rows: [[String]] = []
        var lines: [Int] = []
        while reader.next() {
            rows.append(reader.cells.map { reader.text($0) })
            lines.append(reader.rowLine)
        }
        return (rows, lines, log.problems.map(\.description))
    }

    @Test("reads quoted cells, CRLF, a byte order mark and spaces as RFC 4180 and spreadsheets do")
    func reading() throws {
        let read = try rows("\u{FEFF}a, b ,c\r\n\"x,1\",\"say \"\"hi\"\"\",\" y \"\r\n1,,3")
        #expect(read.rows == [["a", "b", "c"], ["x,1", "say \"hi\"", " y "], ["1", "", "3"]])
        #expect(read.problems.isEmpty)
    }

    @Test("counts lines within quotes and passes over blank rows")
    func lines() throws {
        let read = try rows("a,b\n\n\"1\n2\",3\n , \nx,y\n")
        #expect(read.rows == [["a", "b"], ["1\n2", "3"], ["x", "y"]])
        #expect(read.lines == [1, 3, 6])
    }

    @Test("goes on after a broken row")
    func broken() throws {
        let open =
            "a\n\"" + String(repeating: "x", count: 50) + "\nb\n"
            + String(repeating: "c\n", count: 60)
        let read = try rows(open)
        #expect(read.rows.prefix(2) == [["a"], ["b"]])
        #expect(
            read.problems == [
                "t.csv:2: the quote opened in column 1 is not closed; expected a closing quote "
                    + "within 100 bytes"
            ]
        )
        let after = try rows("a\n\"b\"c\nd\n")
        #expect(after.rows == [["a"], ["d"]])
        #expect(
            after.problems == [
                "t.csv:2: there is text after a closing quote; expected a comma; a quote within "
                    + "quotes is doubled"
            ]
        )
    }

    @Test("bounds the cells of a row")
    func width() throws {
        let read = try rows(String(repeating: ",", count: 100_000) + "\na\n")
        #expect(read.rows == [["a"]])
        #expect(
            read.problems == [
                "t.csv:1: the row has over 256 cells; expected a cell for each column"
            ]
        )
    }
}
