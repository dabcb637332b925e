internal import Finance

/// Collects the problems of one reading; confined to the call that made it.
final class ProblemLog {
    private let limit: Int
    private(set) var problems: [FileProblem] = []
    private(set) var total = 0

    init(limits: FileLimits) {
        limit = max(1, limits.problems)
    }

    /// Counts a problem, and keeps it while there is room; `make` runs only then.
    func add(_ make: () -> FileProblem) {
        total += 1
        if problems.count < limit { problems.append(make()) }
    }

    /// Throws when anything was found.
    func check() throws(FileProblems) {
        guard total == 0 else { throw FileProblems(problems: problems, total: total) }
    }
}

/// Returns `text` in quotes for a message: cut to 40 characters, hidden characters as `\u{..}`.
func quoted(_ text: some StringProtocol) -> String {
    var shown = ""
    for (count, scalar) in text.unicodeScalars.prefix(41).enumerated() {
        if count == 40 {
            shown += "..."
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return "\"\(escaped(shown))\""
}

/// Returns `text` with hidden characters as `\u{..}`, for a message on one line.
func escaped(_ text: String) -> String {
    guard HiddenCharacter(in: text) != nil else { return text }
    var shown = ""
    for scalar in text.unicodeScalars {
        if HiddenCharacter.isHidden(scalar) {
            shown += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}

/// Returns a count with a comma between thousands.
func grouped(_ count: Int) -> String {
    var digits = Array(String(abs(count)))
    var position = digits.count - 3
    while position > 0 {
        digits.insert(",", at: position)
        position -= 3
    }
    return (count < 0 ? "-" : "") + String(digits)
}
