/// One thing in a file that cannot be used, where it is, and what would be right.
public struct FileProblem: Hashable, Sendable {
    /// The file, as the caller named it.
    public var file: String
    /// The line, from 1; 0 when the problem is the file's as a whole.
    public var line: Int
    /// The column, from 1 and in characters, where one is more exact than the line.
    public var column: Int?
    /// The field: a JSON path such as `legs[0].notional`, or the name of a CSV column; empty when
    /// no single field is concerned.
    public var field: String
    /// What was found.
    public var problem: String
    /// What would be right.
    public var expected: String

    /// Makes a problem.
    public init(
        file: String,
        line: Int = 0,
        column: Int? = nil,
        field: String = "",
        problem: String,
        expected: String
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.field = field
        self.problem = problem
        self.expected = expected
    }
}

extension FileProblem: CustomStringConvertible {
    /// One line for people: `portfolio.csv:17: notional: "1e99" is out of range; expected ...`.
    public var description: String {
        var text = escaped(file)
        if line > 0 { text += ":\(line)" }
        if let column { text += ":\(column)" }
        text += ": "
        if !field.isEmpty { text += "\(escaped(field)): " }
        text += escaped(problem)
        if !expected.isEmpty { text += "; expected \(escaped(expected))" }
        return text
    }
}

/// Why a file cannot be used: its problems in the order found, up to a limit.
public struct FileProblems: Error, Hashable, Sendable {
    /// The first problems, at most ``FileLimits/problems`` of them.
    public var problems: [FileProblem]
    /// How many problems there are, those that are not listed included.
    public var total: Int

    /// Makes a report; `total` is at least the number of problems given.
    public init(problems: [FileProblem], total: Int) {
        self.problems = problems
        self.total = max(total, problems.count)
    }

    init(_ problem: FileProblem) {
        self.init(problems: [problem], total: 1)
    }
}

extension FileProblems: CustomStringConvertible {
    /// A line a problem, and a last one that says how many more there are.
    public var description: String {
        var lines = problems.map(\.description)
        if total > problems.count {
            lines.append("... and \(grouped(total - problems.count)) more")
        }
        return lines.joined(separator: "\n")
    }
}
