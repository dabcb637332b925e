internal import Finance
internal import Glibc

/// Carries out a script: waits, dies, and spoils answers.
struct ScriptedPricer {
    /// What a piece of work gets instead of its results.
    enum Spoiled {
        /// Bytes that are no reply.
        case garbage
        case refusal
        case results([TradeResult])
    }

    /// How often it is looked whether a file is still there, in microseconds.
    private static let interval: UInt32 = 2_000

    private let script: PricerScript
    /// Pieces of work so far.
    private var work = 0

    init(_ script: PricerScript) {
        self.script = script
    }

    /// Carries out what is to happen before the greeting.
    func start() {
        for rule in script.rules where rule.moment == .start { obey(rule) }
    }

    /// Carries out what a piece of work asks for.
    ///
    /// - Parameters:
    ///   - trades: their positions in the batch.
    ///   - price: prices them as a sound pricer does.
    /// - Returns: what is answered.
    mutating func answer(
        to trades: Range<Int>,
        price: () throws -> [TradeResult]
    ) rethrows -> Spoiled {
        work += 1
        let rules = script.rules(forWork: work, of: trades).filter { obey($0) }
        if rules.contains(where: { $0.action == .garble }) { return .garbage }
        if rules.contains(where: { $0.action == .refuse }) { return .refusal }
        var results = try price()
        for rule in rules {
            let positions: Range<Int>
            if case .trade(let position) = rule.moment {
                positions = position - trades.lowerBound..<position - trades.lowerBound + 1
            } else {
                positions = results.indices
            }
            for index in positions where results.indices.contains(index) {
                results[index] = Self.spoil(results[index], rule.action)
            }
            guard case .count(let count) = rule.action, let last = results.last else { continue }
            results = (0..<count).map { $0 < results.count ? results[$0] : last }
        }
        return .results(results)
    }

    // MARK: - Private

    /// Does what a rule says, as far as it is no matter of the answer; returns whether it applies.
    @discardableResult
    private func obey(_ rule: PricerScript.Rule) -> Bool {
        guard isThere(rule.file) else { return false }
        switch rule.action {
        case .after(let duration):
            let end = ContinuousClock.now + duration
            while ContinuousClock.now < end {
                let left = ContinuousClock.now.duration(to: end) / .microseconds(1)
                usleep(UInt32(max(0, min(left, 1e6))))
            }
        case .hang: while isThere(rule.file) { usleep(Self.interval) }
        case .die(let signal):
            kill(getpid(), signal)
            // One that is held back comes all the same.
            while true { usleep(Self.interval) }
        case .exit(let code): exit(code)
        case .eatMemory: BatchPricer.eatMemory()
        case .garble, .refuse, .count, .value, .grow: break
        }
        return true
    }

    private func isThere(_ file: String?) -> Bool {
        guard let file else { return true }
        return access(file, F_OK) == 0
    }

    private static func spoil(_ result: TradeResult, _ action: PricerScript.Action) -> TradeResult {
        guard case .priced(let values) = result.outcome else { return result }
        var spoiled = result
        switch action {
        case .value(let number):
            spoiled.outcome = .priced(
                values.map { value in
                    var value = value
                    value.value = number
                    value.baseValue = number
                    return value
                }
            )
        case .grow(let bytes):
            let name = String(repeating: "x", count: 1_000)
            let factors = (0...bytes / name.count).map { Factor(name: "\($0)\(name)", value: 1) }
            spoiled.outcome = .priced(
                values.enumerated().map { index, value in
                    var value = value
                    if index == 0 { value.factors += factors }
                    return value
                }
            )
        default: break
        }
        return spoiled
    }
}
