/// A CSV file with a header row, each row of which is a record.
struct CSVTable {
    /// A column: its field, its name in the header, and whether the header must have it.
    struct Column {
        var field: Field
        var name: String
        var isRequired: Bool

        init(_ field: Field, _ name: String? = nil, isRequired: Bool = false) {
            self.field = field
            self.name = name ?? field.name
            self.isRequired = isRequired
        }
    }

    private var reader: CSVReader
    private let log: ProblemLog
    /// The position of a field's cell in a row.
    private var positions = [Int?](repeating: nil, count: Field.allCases.count)
    private let names: [Field: String]
    private var width = 0

    /// Reads the header; nil when it cannot be used, which is reported.
    init?(source: SourceText, columns: [Column], limits: FileLimits, log: ProblemLog) {
        self.log = log
        reader = CSVReader(source: source, limits: limits, log: log)
        names = Dictionary(columns.map { ($0.field, $0.name) }) { first, _ in first }
        if let problem = source.problemAsCSV {
            log.add { problem }
            return nil
        }
        let before = log.total
        guard reader.next() else {
            if log.total == before { report(1, "", "there is no header row", "column names") }
            return nil
        }
        let headers = reader.cells.map { reader.text($0) }
        let line = reader.rowLine
        if headers[0].lowercased().hasPrefix("sep="), headers.count <= 2 {
            let text = headers[0] + (headers.count > 1 ? "," : "")
            report(
                line,
                "",
                "\(quoted(text)) is a line for Excel, not a header row",
                "column names with commas between them: delete this line"
            )
            return nil
        }
        if headers.count == 1, let separator = headers[0].first(where: { $0 == ";" || $0 == "\t" })
        {
            report(
                line,
                "",
                "columns are separated by \(separator == ";" ? "semicolons" : "tabs")",
                "commas"
            )
            return nil
        }
        width = headers.count
        let known = Dictionary(columns.map { (simplified($0.name), $0.field) }) { first, _ in first
        }
        for (position, header) in headers.enumerated() {
            guard let field = known[simplified(header)] else {
                let name = header.isEmpty ? "column \(position + 1)" : String(header.prefix(64))
                report(
                    line,
                    name,
                    header.isEmpty ? "it has no name" : "there is no such column",
                    expectation(
                        columns.map(\.name).joined(separator: ", "),
                        for: header,
                        among: columns.map(\.name)
                    )
                )
                continue
            }
            if positions[field.rawValue] != nil {
                report(line, header, "the column occurs twice", "it once")
            }
            positions[field.rawValue] = position
        }
        for column in columns where column.isRequired && positions[column.field.rawValue] == nil {
            report(line, column.name, "the column is missing", "it in the header row")
        }
        if log.total > before { return nil }
    }

    /// The next byte to read.
    var position: Int { reader.position }

    /// Reads the next row; nil at the end.
    ///
    /// Rows of the wrong width are reported and passed over.
    mutating func next() -> CSVFields? {
        while reader.next() {
            let extra = reader.cells.dropFirst(width).contains { !$0.range.isEmpty }
            if reader.cells.count < width || extra {
                report(
                    reader.rowLine,
                    "",
                    "the row has \(reader.cells.count) cells",
                    "\(width), as the header row has"
                )
                continue
            }
            return CSVFields(
                reader: reader,
                line: reader.rowLine,
                positions: positions,
                names: names,
                log: log
            )
        }
        return nil
    }

    private func report(_ line: Int, _ field: String, _ problem: String, _ expected: String) {
        log.add {
            FileProblem(
                file: reader.source.name,
                line: line,
                field: field,
                problem: problem,
                expected: expected
            )
        }
    }
}

/// A row of a CSV file as a record; an empty cell is an absent field.
struct CSVFields: FieldSource {
    private let reader: CSVReader
    /// The line on which the row begins.
    let line: Int
    private let positions: [Int?]
    private let names: [Field: String]
    private let log: ProblemLog

    init(
        reader: CSVReader,
        line: Int,
        positions: [Int?],
        names: [Field: String],
        log: ProblemLog
    ) {
        self.reader = reader
        self.line = line
        self.positions = positions
        self.names = names
        self.log = log
    }

    func contains(_ field: Field) -> Bool {
        cell(field).map { !$0.range.isEmpty } ?? false
    }

    func text(_ field: Field) -> String? {
        guard let cell = cell(field), !cell.range.isEmpty else { return nil }
        return reader.text(cell)
    }

    func number(_ field: Field, expected: String) -> Double? {
        guard let cell = cell(field), !cell.range.isEmpty else { return nil }
        let problem: String
        switch DecimalText.read(reader.source.bytes, cell.range) {
        case .value(let value): return value
        case .outOfRange: problem = "is out of the range of numbers"
        case .notFinite: problem = "is not finite"
        case .malformed: problem = "is not a number"
        }
        report(field, { "\(shown(field)) \(problem)" }, { expected })
        return nil
    }

    func shown(_ field: Field) -> String { quoted(text(field)?.prefix(64) ?? "") }

    func report(_ field: Field, _ problem: () -> String, _ expected: () -> String) {
        log.add {
            FileProblem(
                file: reader.source.name,
                line: line,
                field: names[field] ?? field.name,
                problem: problem(),
                expected: expected()
            )
        }
    }

    private func cell(_ field: Field) -> CSVReader.Cell? {
        positions[field.rawValue].map { reader.cells[$0] }
    }
}
