internal import Glibc
internal import Operations

/// What a pricer does wrong on purpose, and when: the rules of `pricer --script FILE`.
///
/// A rule is a line `MOMENT ACTION [while PATH]`; docs/pricer-frames.md lists them.
struct PricerScript: Sendable {
    /// When a rule applies.
    enum Moment: Hashable, Sendable {
        /// Before the greeting.
        case start
        /// At each piece of work.
        case all
        /// At the n-th piece of work of this process, from 1.
        case work(Int)
        /// At each piece of work that has this trade, by its position in the batch.
        case trade(Int)
    }

    /// What a rule has the pricer do.
    enum Action: Hashable, Sendable {
        case after(Duration)
        case hang
        case die(Int32)
        case exit(Int32)
        case eatMemory
        case garble
        case refuse
        /// Answers with so many results.
        case count(Int)
        /// Answers with this number as the value of every metric.
        case value(Double)
        /// Answers with a result of at least so many bytes.
        case grow(Int)
    }

    /// A line of the script.
    struct Rule: Hashable, Sendable {
        var moment: Moment
        var action: Action
        /// The rule applies only while there is this file.
        var file: String?
    }

    /// A line that is no rule.
    struct Problem: Error, Hashable, CustomStringConvertible {
        var line: Int
        var reason: String
        var description: String { "line \(line): \(reason)" }
    }

    let rules: [Rule]

    init(_ text: String) throws(Problem) {
        var rules: [Rule] = []
        var number = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            let content = line.prefix { $0 != "#" }
            var words = content.split(whereSeparator: \.isWhitespace).map(String.init)
            guard !words.isEmpty else { continue }
            words.reverse()
            do throws(WordProblem) {
                rules.append(try Self.rule(&words))
            } catch {
                throw Problem(line: number, reason: error.reason)
            }
        }
        self.rules = rules
    }

    /// The rules for a piece of work, as they stand in the script.
    ///
    /// - Parameters:
    ///   - number: of the piece in this process, from 1.
    ///   - trades: their positions in the batch.
    /// - Returns: the rules, whose files are not looked at yet.
    func rules(forWork number: Int, of trades: Range<Int>) -> [Rule] {
        rules.filter { rule in
            switch rule.moment {
            case .start: false
            case .all: true
            case .work(let wanted): wanted == number
            case .trade(let position): trades.contains(position)
            }
        }
    }

    // MARK: - Private

    private struct WordProblem: Error {
        var reason: String
    }

    private static let signals: [String: Int32] = [
        "ABRT": SIGABRT, "BUS": SIGBUS, "FPE": SIGFPE, "ILL": SIGILL, "KILL": SIGKILL,
        "SEGV": SIGSEGV, "TERM": SIGTERM,
    ]

    /// Reads a rule from the end of its words turned round.
    private static func rule(_ words: inout [String]) throws(WordProblem) -> Rule {
        let moment: Moment
        switch words.removeLast() {
        case "start": moment = .start
        case "all": moment = .all
        case "work": moment = .work(try integer(&words, "work", 1...1_000_000))
        case "trade": moment = .trade(try integer(&words, "trade", 0...1_000_000))
        case let word:
            throw WordProblem(reason: "`\(word)`; expected start, all, work N or trade N")
        }
        let action = try action(&words)
        guard let word = words.popLast() else { return Rule(moment: moment, action: action) }
        guard word == "while", let file = words.popLast(), words.isEmpty else {
            throw WordProblem(reason: "`\(word)`; expected `while PATH` or the end of the line")
        }
        return Rule(moment: moment, action: action, file: file)
    }

    private static func action(_ words: inout [String]) throws(WordProblem) -> Action {
        switch words.popLast() {
        case "after":
            guard let duration = words.popLast().flatMap(Duration.init(settingText:)) else {
                throw WordProblem(reason: "after: expected a time such as 250ms")
            }
            return .after(duration)
        case "hang": return .hang
        case "die":
            let word = words.popLast() ?? ""
            guard let signal = signals[word] else {
                let names = signals.keys.sorted().joined(separator: ", ")
                throw WordProblem(reason: "die: `\(word)`; expected one of \(names)")
            }
            return .die(signal)
        case "exit": return .exit(Int32(try integer(&words, "exit", 0...255)))
        case "eat-memory": return .eatMemory
        case "garble": return .garble
        case "refuse": return .refuse
        case "count": return .count(try integer(&words, "count", 0...1_000_000))
        case "grow": return .grow(try integer(&words, "grow", 1...(1 << 26)))
        case "value":
            let word = words.popLast() ?? ""
            guard let value = Double(word) else {
                throw WordProblem(reason: "value: `\(word)`; expected a number, nan or inf")
            }
            return .value(value)
        case let word:
            throw WordProblem(
                reason: "`\(word ?? "")`; expected after, hang, die, exit, eat-memory, garble,"
                    + " refuse, count, value or grow"
            )
        }
    }

    private static func integer(
        _ words: inout [String],
        _ name: String,
        _ range: ClosedRange<Int>
    ) throws(WordProblem) -> Int {
        let word = words.popLast() ?? ""
        guard let number = Int(word), range.contains(number) else {
            throw WordProblem(
                reason: "\(name): `\(word)`; expected a whole number in"
                    + " \(range.lowerBound)...\(range.upperBound)"
            )
        }
        return number
    }
}
