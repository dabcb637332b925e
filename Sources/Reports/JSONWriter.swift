/// JSON with a line for each field, in the order given.
struct JSONWriter {
    /// A value that fits on a line.
    enum Value {
        case text(String)
        case integer(Int)
        case number(Double?)
        case boolean(Bool)
        case texts([String])
        case integers([Int])
        case null
    }

    private(set) var depth = 0
    private var needsComma = false
    var text = UTF8Builder()

    mutating func begin(_ bracket: StaticString) {
        text.append(bracket)
        depth += 1
        needsComma = false
    }

    mutating func end(_ bracket: StaticString) {
        depth -= 1
        newLine()
        text.append(bracket)
        needsComma = true
    }

    /// Begins a field, or with no name an element.
    mutating func key(_ name: StaticString) {
        if needsComma { text.append(",") }
        newLine()
        if name.utf8CodeUnitCount > 0 {
            text.append("\"")
            text.append(name)
            text.append("\": ")
        }
        needsComma = true
    }

    mutating func field(_ name: StaticString, _ value: Value) {
        key(name)
        append(value)
    }

    mutating func field(_ name: StaticString, _ value: String) { field(name, .text(value)) }
    mutating func field(_ name: StaticString, _ value: Int) { field(name, .integer(value)) }
    mutating func field(_ name: StaticString, _ value: Double?) { field(name, .number(value)) }
    mutating func field(_ name: StaticString, _ value: Bool) { field(name, .boolean(value)) }
    mutating func field(_ name: StaticString, _ value: [String]) { field(name, .texts(value)) }
    mutating func field(_ name: StaticString, _ value: [Int]) { field(name, .integers(value)) }

    /// Appends an object on one line.
    mutating func field(_ name: StaticString, inline fields: [(StaticString, Value)]) {
        key(name)
        append(fields)
    }

    /// Appends a list of objects, each on a line.
    mutating func field(_ name: StaticString, _ list: [[(StaticString, Value)]]) {
        key(name)
        guard !list.isEmpty else { return text.append("[]") }
        begin("[")
        for fields in list {
            key("")
            append(fields)
        }
        end("]")
    }

    // MARK: Private

    private mutating func newLine() {
        text.append("\n")
        for _ in 0..<depth { text.append("  ") }
    }

    private mutating func append(_ fields: [(StaticString, Value)]) {
        text.append("{")
        for (position, field) in fields.enumerated() {
            text.append(position == 0 ? "\"" : ", \"")
            text.append(field.0)
            text.append("\": ")
            append(field.1)
        }
        text.append("}")
    }

    private mutating func append(_ value: Value) {
        switch value {
        case .text(let value): text.append(json: value)
        case .integer(let value): text.append(value)
        case .number(let value): text.append(json: value)
        case .null: text.append("null")
        case .boolean(let value): text.append(value ? "true" : "false")
        case .texts(let values):
            text.append("[")
            for (position, value) in values.enumerated() {
                if position > 0 { text.append(", ") }
                text.append(json: value)
            }
            text.append("]")
        case .integers(let values):
            text.append("[")
            for (position, value) in values.enumerated() {
                if position > 0 { text.append(", ") }
                text.append(value)
            }
            text.append("]")
        }
    }
}
