/// Finds the most similar name.
enum Suggestion {
    /// `; did you mean 'X'?` for the most similar name; empty when no name is similar.
    static func text(for word: String, in names: [String], prefix: String = "") -> String {
        let limit = max(1, word.count / 3)
        let near = names.map { (name: $0, distance: distance($0, word)) }
            .filter { $0.distance <= limit || (word.count > 2 && $0.name.hasPrefix(word)) }
            .min { $0.distance < $1.distance }
        guard let near else { return "" }
        return "; did you mean '\(prefix)\(near.name)'?"
    }

    /// How many letters differ: inserted, deleted, replaced or exchanged with the next.
    static func distance(_ first: String, _ second: String) -> Int {
        let left = Array(first.utf8)
        let right = Array(second.utf8)
        var rows = [Array(0...right.count)]
        for row in left.indices {
            var next = [row + 1]
            for column in right.indices {
                let replaced = rows[row][column] + (left[row] == right[column] ? 0 : 1)
                var best = min(replaced, next[column] + 1, rows[row][column + 1] + 1)
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    best = min(best, rows[row - 1][column - 1] + 1)
                }
                next.append(best)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }
}
