/// A JSON object as a record.
struct JSONFields: FieldSource {
    private let tape: JSONTape
    private let log: ProblemLog
    private let object: Int
    /// What precedes the fields' names in messages: `legs[0].`.
    private let prefix: String
    private let slots: [Int32]

    /// Checks an object's names; those that are not allowed are reported.
    ///
    /// `kind` is what the object is, for messages: `a Swap`.
    init(
        tape: JSONTape,
        object: Int,
        prefix: String = "",
        allowed: [Field],
        kind: String,
        log: ProblemLog
    ) {
        self.tape = tape
        self.log = log
        self.object = object
        self.prefix = prefix
        var slots = [Int32](repeating: 0, count: Field.allCases.count)
        var key = object + 1
        while key < tape.nodes[object].next {
            let node = tape.nodes[key]
            let value = key + 1
            if let field = Field.named(tape.source.bytes[node.range]), allowed.contains(field) {
                let isNull = tape.nodes[value].kind == .null
                if slots[field.rawValue] == 0, !isNull { slots[field.rawValue] = Int32(value) }
            } else {
                Self.refuse(node, tape, prefix, allowed, kind, log)
            }
            key = tape.nodes[value].next
        }
        self.slots = slots
    }

    /// Returns the field of an object before its other names are known.
    static func peek(_ field: Field, in object: Int, of tape: JSONTape) -> Int? {
        var key = object + 1
        while key < tape.nodes[object].next {
            if Field.named(tape.source.bytes[tape.nodes[key].range]) == field { return key + 1 }
            key = tape.nodes[key + 1].next
        }
        return nil
    }

    func contains(_ field: Field) -> Bool { slots[field.rawValue] != 0 }

    func text(_ field: Field) -> String? {
        guard let node = node(field) else { return nil }
        guard node.kind == .string else {
            report(field, { "\(tape.rawText(of: node)) is not text" }, { "text in quotes" })
            return nil
        }
        return tape.text(of: node)
    }

    func number(_ field: Field, expected: String) -> Double? {
        guard let node = node(field) else { return nil }
        guard node.kind == .number, case .value(let value) = node.number else {
            report(field, { problem(ofNumber: node) }, { expected })
            return nil
        }
        return value
    }

    /// A field that is true or false; `default` when it is absent or wrong.
    func flag(_ field: Field, default value: Bool) -> Bool {
        guard let node = node(field) else { return value }
        switch node.kind {
        case .yes: return true
        case .no: return false
        default:
            report(field, { "\(tape.rawText(of: node)) is not true or false" }, { "true or false" })
            return value
        }
    }

    /// The node of an object or array; nil when it is absent (reported when required) or of
    /// another kind.
    func container(_ field: Field, _ kind: JSONTape.Kind, isRequired: Bool, expected: String)
        -> Int?
    {
        guard let node = node(field) else {
            if isRequired { reportMissing(field, expected) }
            return nil
        }
        guard node.kind == kind else {
            report(field, { "\(tape.rawText(of: node)) is of another kind" }, { expected })
            return nil
        }
        return Int(slots[field.rawValue])
    }

    func shown(_ field: Field) -> String { node(field).map { tape.rawText(of: $0) } ?? "" }

    func report(_ field: Field, _ problem: () -> String, _ expected: () -> String) {
        let slot = Int(slots[field.rawValue])
        tape.report(
            slot == 0 ? object : slot,
            field: prefix + field.name,
            problem(),
            expected(),
            to: log
        )
    }

    private func node(_ field: Field) -> JSONTape.Node? {
        let slot = slots[field.rawValue]
        return slot == 0 ? nil : tape.nodes[Int(slot)]
    }

    private func problem(ofNumber node: JSONTape.Node) -> String {
        let shown = tape.rawText(of: node)
        return switch node.number {
        case .outOfRange: "\(shown) is out of the range of numbers"
        case .notFinite: "\(shown) is not finite"
        default: "\(shown) is \(node.kind == .string ? "text, " : "")not a number"
        }
    }

    private static func refuse(
        _ key: JSONTape.Node,
        _ tape: JSONTape,
        _ prefix: String,
        _ allowed: [Field],
        _ kind: String,
        _ log: ProblemLog
    ) {
        log.add {
            let name = String(tape.text(of: key).prefix(64))
            return FileProblem(
                file: tape.source.name,
                line: key.line,
                column: tape.source.column(of: key.range.lowerBound - 1),
                field: "\(prefix)\(name.isEmpty ? "\"\"" : name)",
                problem: "it is not a field of \(kind)",
                expected: expectation(
                    allowed.map(\.name).joined(separator: ", "),
                    for: name,
                    among: allowed.lazy.map(\.name)
                )
            )
        }
    }
}

extension JSONTape {
    /// Adds a problem at a node's place, which is looked for only when the problem is listed.
    func report(
        _ index: @autoclosure () -> Int,
        field: String,
        _ problem: @autoclosure () -> String,
        _ expected: @autoclosure () -> String,
        to log: ProblemLog
    ) {
        log.add {
            let node = nodes[index()]
            let isText = node.kind == .string || node.kind == .key
            return FileProblem(
                file: source.name,
                line: node.line,
                column: source.column(of: node.range.lowerBound - (isText ? 1 : 0)),
                field: field,
                problem: problem(),
                expected: expected()
            )
        }
    }
}
