internal import GridProtocol
internal import GridSubmission
internal import Operations

/// The newest dead letters, without their bytes.
struct NewestLetters {
    private(set) var count = 0
    private let limit: Int
    private var kept: [StoredLetter] = []

    init(limit: Int) {
        self.limit = limit
    }

    mutating func add(_ stored: StoredLetter) {
        count += 1
        var stored = stored
        stored.letter.bytes = []
        kept.append(stored)
        if kept.count >= 2 * limit { kept = newest }
    }

    /// Oldest first.
    var letters: [StoredLetter] { newest }

    private var newest: [StoredLetter] {
        Array(kept.sorted { ($0.letter.at, $0.place) < ($1.letter.at, $1.place) }.suffix(limit))
    }
}

/// Dead letters as people read them.
enum LetterText {
    /// A line of headings and a line for each letter; empty if there is no letter.
    static func table(_ letters: [StoredLetter]) -> [String] {
        guard !letters.isEmpty else { return [] }
        var rows = [["LETTER", "AT", "CAUSE", "JOB", "BATCH", "TRADE", "WHY"]]
        for stored in letters {
            let letter = stored.letter
            rows.append([
                "\(stored.place)", Timestamp.iso8601(letter.at), shown(letter.cause),
                shown(letter.jobID), letter.jobID.isEmpty ? "-" : String(letter.batchIndex),
                shown(letter.tradeID), shown(letter.message),
            ])
        }
        return TextTable.lines(rows)
    }

    /// The fields of a letter, one per line.
    static func facts(_ stored: StoredLetter) -> [String] {
        let letter = stored.letter
        var lines = [
            "letter   \(stored.place)",
            "at       \(Timestamp.iso8601(letter.at))",
            "record   \(shown(letter.topic)) \(letter.partition)/\(letter.offset)",
            "cause    \(shown(letter.cause))",
            "why      \(shown(letter.message))",
        ]
        if !letter.jobID.isEmpty {
            lines.append("job      \(shown(letter.jobID)), batch \(letter.batchIndex)")
        }
        if !letter.tradeID.isEmpty { lines.append("trade    \(shown(letter.tradeID))") }
        if letter.signal != 0 { lines.append("signal   \(letter.signal)") }
        if letter.attempt > 0 { lines.append("attempt  \(letter.attempt)") }
        if !letter.engineID.isEmpty { lines.append("engine   \(shown(letter.engineID))") }
        lines.append("bytes    \(HumanText.count(letter.bytes.count))")
        return lines
    }

    /// The job that would be queued.
    static func plan(_ job: RedrivenJob) -> String {
        let ids = job.request.tradeIDs
        let more = ids.count > 20 ? ", ... \(ids.count - 20) more" : ""
        return "\(job.jobID): \(ids.count) trades of job \(job.request.sourceJobID) in "
            + "\(job.batchCount) batches, \(job.request.metrics.joined(separator: ",")): "
            + ids.prefix(20).map(shown).joined(separator: ", ") + more
    }

    /// Text from a topic, safe for a terminal; `-` for none.
    private static func shown(_ text: String) -> String {
        text.isEmpty ? "-" : JSONWriter.escaped(text)
    }
}
