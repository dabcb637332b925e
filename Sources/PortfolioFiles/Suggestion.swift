internal import Finance

/// Returns the candidate that `text` most likely means, or nil when none is near.
///
/// Near is: equal but for case, spaces, `-` and `_`; or at most two letters changed, added,
/// dropped or swapped (one for short words).
func suggestion(for text: String, among candidates: some Sequence<String>) -> String? {
    guard !text.isEmpty, text.utf8.count <= 64 else { return nil }
    let wanted = simplified(text)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
        let distance = editDistance(Array(wanted.utf8), Array(simplified(candidate).utf8))
        let allowed = min(2, max(1, candidate.utf8.count / 3))
        if distance <= allowed, distance < best?.distance ?? .max {
            best = (candidate, distance)
        }
    }
    return best?.candidate
}

/// Returns `expected` preceded by the candidate that `text` may mean.
func expectation(
    _ expected: String,
    for text: String,
    among candidates: some Sequence<String>
) -> String {
    guard let near = suggestion(for: text, among: candidates), !near.isExactly(text) else {
        return expected
    }
    if near == text {
        return "\(expected) (there is \"\(near)\" in other bytes: letters with accents as one"
            + " character or as two)"
    }
    return "\(expected) (did you mean \"\(near)\"?)"
}

/// Returns the text in lower case, without spaces, `-` and `_`.
func simplified(_ text: some StringProtocol) -> String {
    String(text.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" })
}

/// Optimal string alignment distance.
private func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    if first == second { return 0 }
    if abs(first.count - second.count) > 2 { return .max }
    var beforeLast: [Int] = []
    var last = Array(0...second.count)
    for row in 0..<first.count {
        var current = [row + 1]
        current.reserveCapacity(second.count + 1)
        for column in 0..<second.count {
            var cost = min(
                last[column] + (first[row] == second[column] ? 0 : 1),
                last[column + 1] + 1,
                current[column] + 1
            )
            if row > 0, column > 0, first[row] == second[column - 1],
                first[row - 1] == second[column]
            {
                cost = min(cost, beforeLast[column - 1] + 1)
            }
            current.append(cost)
        }
        beforeLast = last
        last = current
    }
    return last[second.count]
}
