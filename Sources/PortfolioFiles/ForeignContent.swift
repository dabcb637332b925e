/// What a file is when it is neither JSON nor CSV, as its first bytes tell.
struct ForeignContent {
    /// What the file is: `is compressed with gzip`.
    let problem: String
    /// What can be done about it.
    let expected: String

    /// Looks at a file's bytes; nil for what may be text.
    init?(_ bytes: FileBytes) {
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
            self = Self.archive(bytes)
            return
        }
        guard let known = Self.known.first(where: { bytes.starts(with: $0.signature) }) else {
            return nil
        }
        self = known.content
    }

    private init(_ problem: String, _ expected: String) {
        self.problem = problem
        self.expected = expected
    }

    // MARK: Private

    private static let known: [(signature: [UInt8], content: ForeignContent)] = [
        ([0x1F, 0x8B], compressed("gzip", "gunzip")),
        (Array("BZh".utf8), compressed("bzip2", "bunzip2")),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], compressed("xz", "unxz")),
        ([0x28, 0xB5, 0x2F, 0xFD], compressed("Zstandard", "unzstd")),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], compressed("7-Zip", "7z x")),
        (
            [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
            ForeignContent("the file is an Excel workbook (.xls)", saveAsCSV)
        ),
        (
            Array("PAR1".utf8),
            ForeignContent("the file is Apache Parquet", "CSV or JSON made of it")
        ),
        (Array("%PDF".utf8), ForeignContent("the file is a PDF", "CSV or JSON")),
        (
            Array("SQLite format 3".utf8),
            ForeignContent("the file is an SQLite database", "CSV or JSON made of it")
        ),
        (Array("<?xml".utf8), ForeignContent("the file is XML", "CSV or JSON")),
        (Array("<".utf8), ForeignContent("the file is XML or HTML", "CSV or JSON")),
    ]

    private static func compressed(_ format: String, _ command: String) -> ForeignContent {
        ForeignContent(
            "the file is compressed with \(format)",
            "the file inside it: unpack it first, with \(command)"
        )
    }

    private static let saveAsCSV =
        "CSV: in the spreadsheet, save the sheet as CSV in UTF-8 with commas between the columns"

    /// A ZIP archive names its files at both ends.
    private static func archive(_ bytes: FileBytes) -> ForeignContent {
        let ends = [bytes.prefix(65_536), bytes.suffix(65_536)]
        func names(_ text: String) -> Bool {
            let wanted = Array(text.utf8)
            return ends.contains { end in
                end.indices.contains { end[$0] == wanted[0] && end[$0...].starts(with: wanted) }
            }
        }
        if names("xl/workbook") || names("xl/worksheets") {
            return ForeignContent("the file is an Excel workbook (.xlsx)", saveAsCSV)
        }
        if names("opendocument.spreadsheet") {
            return ForeignContent("the file is an OpenDocument spreadsheet (.ods)", saveAsCSV)
        }
        return compressed("ZIP", "unzip")
    }
}

extension SourceText {
    /// The first byte that is not blank; nil for a blank text.
    var firstByte: UInt8? { bytes[start...].first { !isBlank($0) } }

    /// Whether the text begins as JSON's lists and objects do.
    var beginsAsJSON: Bool { firstByte == 0x7B || firstByte == 0x5B }

    /// Whether the text begins as CSV does: not as JSON, and with a separator on its first line.
    var beginsAsCSV: Bool {
        guard !beginsAsJSON, let first = bytes[start...].firstIndex(where: { !isBlank($0) })
        else { return false }
        return bytes[first...].prefix { $0 != 0x0A && $0 != 0x0D }
            .contains { $0 == 0x2C || $0 == 0x3B || $0 == 0x09 }
    }

    /// Whether the first line ends with a carriage return alone, as lines of old spreadsheets do.
    var hasCarriageReturnLines: Bool {
        let line = bytes[start...].prefix { $0 != 0x0A }
        guard let end = line.firstIndex(of: 0x0D) else { return false }
        return bytes[end...].first { $0 != 0x0D } != 0x0A
            && bytes[end...].contains { !isBlank($0) }
    }

    /// What the text is instead of CSV; nil when it may be CSV.
    var problemAsCSV: FileProblem? {
        if beginsAsJSON {
            return FileProblem(
                file: name,
                line: 1,
                problem: "the file holds JSON, not CSV",
                expected: "CSV, or a name that ends with .json (.jsonl for an object a line)"
            )
        }
        return hasCarriageReturnLines ? carriageReturns : nil
    }

    /// What the text is instead of JSON; nil when it may be JSON.
    ///
    /// - Parameters:
    ///   - asLines: whether each line is to be a value.
    ///   - expected: what would be right instead of CSV.
    /// - Returns: the problem.
    func problemAsJSON(asLines: Bool, expected: String) -> FileProblem? {
        if beginsAsCSV {
            return FileProblem(
                file: name,
                line: 1,
                problem: "the file holds CSV, not JSON",
                expected: expected
            )
        }
        return asLines && hasCarriageReturnLines ? carriageReturns : nil
    }

    private var carriageReturns: FileProblem {
        FileProblem(
            file: name,
            line: 1,
            problem: "the lines end with CR alone, as on old Macintosh computers",
            expected: "lines that end with LF or CRLF"
        )
    }
}
