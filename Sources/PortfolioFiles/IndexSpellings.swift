internal import Finance

/// What a snapshot's files have said of indices, to find an index that two spellings name
/// differently: `EUR-EURIBOR-12M` and `EUR-EURIBOR-1Y` are one.
struct IndexSpellings<Value: Equatable> {
    /// What an index has, and perhaps on what day.
    struct Key: Hashable {
        var index: InterestRateIndex
        var date: CalendarDate?
    }

    /// What to do with a value.
    enum Verdict {
        /// To be used.
        case new
        /// Said already, of the index's other spelling.
        case known
        /// Another value was said of the index.
        case contradicted(problem: String, expected: String)
    }

    private struct Entry {
        var spelling: String
        var value: Value
        var line: Int
    }

    private var entries: [Key: Entry] = [:]

    /// Takes what a spelling of an index has, and says what to do with it.
    ///
    /// `what` names the value in messages, `show` writes it.
    mutating func take(
        _ value: Value,
        of key: Key,
        spelling: String,
        line: Int,
        what: String,
        show: (Value) -> String
    ) -> Verdict {
        guard let first = entries[key] else {
            entries[key] = Entry(spelling: spelling, value: value, line: line)
            return .new
        }
        let day = key.date.map { " on \($0)" } ?? ""
        if first.spelling == spelling { return .new }
        if first.value == value { return .known }
        return .contradicted(
            problem: "\(quoted(spelling)) and \(quoted(first.spelling)) are one index, with the "
                + "\(what)s \(show(value)) and \(show(first.value))\(day)",
            expected: "one \(what) for an index\(day.isEmpty ? "" : " and day"); "
                + "the first is on line \(first.line)"
        )
    }
}
