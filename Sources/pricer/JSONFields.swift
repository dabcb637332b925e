internal import Operations

/// A JSON object on one line, its fields in the order in which they are added.
struct JSONFields {
    private var fields: [String] = []

    /// The object.
    var text: String { "{\(fields.joined(separator: ","))}" }

    /// Adds JSON as it is.
    mutating func add(_ name: String, json: String) {
        fields.append("\"\(name)\":\(json)")
    }

    mutating func add(_ name: String, _ text: String?) {
        add(name, json: text.map(JSONWriter.quoted) ?? "null")
    }

    /// Adds a number; null when it is nil or not finite.
    mutating func add(_ name: String, _ number: Double?) {
        let number = number.flatMap { $0.isFinite ? $0 : nil }
        add(name, json: number.map { "\($0)" } ?? "null")
    }

    mutating func add(_ name: String, _ number: Int) { add(name, json: "\(number)") }

    mutating func add(_ name: String, _ flag: Bool) { add(name, json: "\(flag)") }

    mutating func add(_ name: String, _ objects: [JSONFields]) {
        add(name, json: "[\(objects.map(\.text).joined(separator: ","))]")
    }

    mutating func add(_ name: String, _ texts: [String]) {
        add(name, json: "[\(texts.map(JSONWriter.quoted).joined(separator: ","))]")
    }
}
