internal import Finance

/// Names in the order of their first use, by position.
struct NameTable {
    private(set) var names: [String] = []
    private var positions: [ExactText: UInt32] = [:]
    private var last: (name: String, position: UInt32) = ("", UInt32.max)

    /// Returns the position of `name`, which is added when it is new.
    mutating func position(of name: String) -> UInt32 {
        if last.position != .max, last.name.isExactly(name) { return last.position }
        let position: UInt32
        if let known = positions[ExactText(name)] {
            position = known
        } else {
            position = UInt32(names.count)
            names.append(name)
            positions[ExactText(name)] = position
        }
        last = (name, position)
        return position
    }
}

/// What names at positions mean, worked out once for each.
struct ResolvedNames<Value> {
    private var values: [UInt32: Value] = [:]
    private var last: (position: UInt32, value: Value)?

    /// Returns what the name at `position` means; `kind` is for the error's sentence: `a currency`.
    mutating func value(
        at position: UInt32,
        in names: [String],
        _ kind: StaticString,
        _ make: (String) -> Value?
    ) throws(WireError) -> Value {
        if let last, last.position == position { return last.value }
        if let value = values[position] {
            last = (position, value)
            return value
        }
        let name = try names.name(at: position)
        guard let value = make(name) else { throw .invalid("`\(name)` is not \(kind)") }
        values[position] = value
        last = (position, value)
        return value
    }
}

extension [String] {
    /// Returns the name at a position that came from outside.
    func name(at position: UInt32) throws(WireError) -> String {
        guard Int(position) < count else {
            throw .invalid("position \(position) is past the end of \(count) names")
        }
        return self[Int(position)]
    }
}
