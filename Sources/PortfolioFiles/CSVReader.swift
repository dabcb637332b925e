/// Reads rows of comma-separated values as RFC 4180 describes them.
///
/// Rows end with a line feed or CRLF; blank rows are skipped. Spaces around a cell that is not
/// quoted do not count. A cell in quotes may have commas, doubled quotes and line breaks.
struct CSVReader {
    /// A cell: the bytes of its text, without quotes.
    struct Cell {
        var range: Range<Int>
        /// Whether doubled quotes stand for one.
        var hasDoubledQuotes: Bool
    }

    /// The most cells that a row may have.
    static let maximumCells = 256

    let source: SourceText
    /// The cells of the row read last.
    private(set) var cells: [Cell] = []
    /// The line on which that row begins.
    private(set) var rowLine = 0

    /// The next byte to read.
    private(set) var position: Int
    private var line = 1
    private let cellBytes: Int
    private let log: ProblemLog

    init(source: SourceText, limits: FileLimits, log: ProblemLog) {
        self.source = source
        self.log = log
        position = source.start
        cellBytes = limits.cellBytes
    }

    /// Reads the next valid row; false at the end of the text.
    mutating func next() -> Bool {
        while position < source.bytes.count {
            rowLine = line
            guard readRow() else {
                skipLine()
                continue
            }
            if cells.contains(where: { !$0.range.isEmpty }) { return true }
        }
        return false
    }

    /// Returns the text of a cell.
    func text(_ cell: Cell) -> String {
        let text = source.text(cell.range)
        guard cell.hasDoubledQuotes else { return text }
        var result: [UInt8] = []
        var isSecond = false
        for byte in source.bytes[cell.range] {
            if byte == 0x22 {
                isSecond.toggle()
                if !isSecond { continue }
            }
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }

    // MARK: Private

    /// Reads one row up to and with its line break; false when it is broken, at the broken place.
    private mutating func readRow() -> Bool {
        let bytes = source.bytes
        cells.removeAll(keepingCapacity: true)
        while true {
            guard cells.count < Self.maximumCells else {
                report("the row has over \(Self.maximumCells) cells", "a cell for each column")
                return false
            }
            while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 {
                position += 1
            }
            if position < bytes.count, bytes[position] == 0x22 {
                guard readQuotedCell() else { return false }
            } else {
                readPlainCell()
            }
            guard position < bytes.count else { return true }
            let separator = bytes[position]
            position += 1
            if separator == 0x2C { continue }
            line += 1
            return true
        }
    }

    private mutating func readPlainCell() {
        let bytes = source.bytes
        let start = position
        while position < bytes.count, bytes[position] != 0x2C, bytes[position] != 0x0A {
            position += 1
        }
        var end = position
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        cells.append(Cell(range: start..<end, hasDoubledQuotes: false))
    }

    private mutating func readQuotedCell() -> Bool {
        let bytes = source.bytes
        let opening = position
        var current = opening + 1
        var breaks = 0
        var hasDoubledQuotes = false
        while true {
            guard current < bytes.count, current - opening <= cellBytes else {
                report(
                    "the quote opened in column \(source.column(of: opening)) is not closed",
                    "a closing quote within \(grouped(cellBytes)) bytes"
                )
                return false
            }
            if bytes[current] == 0x22 {
                guard current + 1 < bytes.count, bytes[current + 1] == 0x22 else { break }
                hasDoubledQuotes = true
                current += 1
            } else if bytes[current] == 0x0A {
                breaks += 1
            }
            current += 1
        }
        cells.append(
            Cell(range: opening + 1..<current, hasDoubledQuotes: hasDoubledQuotes)
        )
        line += breaks
        position = current + 1
        while position < bytes.count, isBlank(bytes[position]), bytes[position] != 0x0A {
            position += 1
        }
        guard position < bytes.count, bytes[position] != 0x2C, bytes[position] != 0x0A else {
            return true
        }
        report(
            "there is text after a closing quote",
            "a comma; a quote within quotes is doubled"
        )
        return false
    }

    private mutating func skipLine() {
        while position < source.bytes.count {
            let byte = source.bytes[position]
            position += 1
            if byte == 0x0A {
                line += 1
                return
            }
        }
    }

    private func report(_ problem: String, _ expected: String) {
        log.add {
            FileProblem(file: source.name, line: line, problem: problem, expected: expected)
        }
    }
}
