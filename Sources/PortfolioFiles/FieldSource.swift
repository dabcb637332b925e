internal import Finance

/// A record of a file, JSON object or CSV row, from which typed terms are read.
///
/// What cannot be read is reported to the record's log; the value returned then is nil or the
/// default, and the caller drops the record when the log has grown.
protocol FieldSource {
    /// Whether the record has the field.
    func contains(_ field: Field) -> Bool
    /// The text of a field; nil when it is absent, or reported when it is not text.
    func text(_ field: Field) -> String?
    /// The number in a field; nil when it is absent, or reported when it is not a finite number.
    func number(_ field: Field, expected: String) -> Double?
    /// The value of a field as it is in the file, in quotes, for messages.
    func shown(_ field: Field) -> String
    /// Reports what is wrong with a field, at its place.
    func report(_ field: Field, _ problem: () -> String, _ expected: () -> String)
}

extension FieldSource {
    /// The text of a field that must be there.
    func requiredText(_ field: Field, expected: @autoclosure () -> String) -> String? {
        if contains(field) { return text(field) }
        reportMissing(field, expected())
        return nil
    }

    /// The number in a field that must be there.
    func requiredNumber(_ field: Field, expected: String) -> Double? {
        if contains(field) { return number(field, expected: expected) }
        reportMissing(field, expected)
        return nil
    }

    /// A number above 0 and below a power of ten that must be there.
    func amount(_ field: Field, below limit: Int = 15) -> Double? {
        let expected = "a number above 0 and below 1e\(limit)"
        let value = requiredNumber(field, expected: expected)
        guard let value, !(value > 0 && value < DecimalText.powersOfTen[limit]) else {
            return value
        }
        report(field, { "\(shown(field)) is out of range" }, { expected })
        return nil
    }

    /// A decimal within -1...1, or nil when the field is absent or wrong.
    func optionalRate(_ field: Field) -> Double? {
        let expected = "a decimal within -1...1; 0.025 is 2.5 %"
        let value = number(field, expected: expected)
        guard let value, abs(value) > 1 else { return value }
        report(field, { "\(shown(field)) is out of range" }, { expected })
        return nil
    }

    /// A decimal within -1...1 that must be there.
    func rate(_ field: Field) -> Double? {
        if contains(field) { return optionalRate(field) }
        reportMissing(field, "a decimal; 0.025 is 2.5 %")
        return nil
    }

    /// A field whose text `parse` understands; reported when it does not.
    func parsed<Value>(
        _ field: Field,
        expected: @autoclosure () -> String,
        _ parse: (String) -> Value?
    ) -> Value? {
        guard let text = text(field) else { return nil }
        if let value = parse(text) { return value }
        report(field, { "\(quoted(text)) is not understood" }, expected)
        return nil
    }

    /// A field that must be there and that `parse` understands.
    func requiredParsed<Value>(
        _ field: Field,
        expected: @autoclosure () -> String,
        _ parse: (String) -> Value?
    ) -> Value? {
        guard contains(field) else {
            reportMissing(field, expected())
            return nil
        }
        return parsed(field, expected: expected(), parse)
    }

    /// One of an enumeration's spellings; `default` when the field is absent or wrong.
    func choice<Value: FileSpelling>(_ field: Field, default value: Value) -> Value {
        optionalChoice(field) ?? value
    }

    /// One of an enumeration's spellings, or nil when the field is absent or wrong.
    func optionalChoice<Value: FileSpelling>(_ field: Field) -> Value? {
        guard let text = text(field) else { return nil }
        if let value = Value(spelling: text) { return value }
        if let refusal = Value.refusal(of: text) {
            report(field, { "\(quoted(text)) is not supported: \(refusal)" }, { Value.expectation })
            return nil
        }
        report(field, { "\(quoted(text)) is not known" }) {
            expectation(Value.expectation, for: text, among: Value.spellings)
        }
        return nil
    }

    /// One of an enumeration's spellings; the field must be there.
    func choice<Value: FileSpelling>(_ field: Field) -> Value? {
        guard contains(field) else {
            reportMissing(field, Value.expectation)
            return nil
        }
        return optionalChoice(field)
    }

    /// A day, or nil when the field is absent or wrong.
    func optionalDate(_ field: Field) -> CalendarDate? {
        guard let text = text(field) else { return nil }
        if let date = CalendarDate(iso: text) { return date }
        let hasForm =
            text.utf8.count == 10
            && zip(text.utf8, "0000-00-00".utf8).allSatisfy { byte, pattern in
                pattern == 0x2D ? byte == 0x2D : (0x30...0x39).contains(byte)
            }
        report(field, { "\(quoted(text)) is not a day\(hasForm ? " of the calendar" : "")" }) {
            hasForm ? "a day that exists, from 1901 to 2199" : Self.dateForm
        }
        return nil
    }

    /// A day that must be there.
    func date(_ field: Field) -> CalendarDate? {
        if contains(field) { return optionalDate(field) }
        reportMissing(field, Self.dateForm)
        return nil
    }

    /// A currency that must be there.
    func currency(_ field: Field) -> Currency? {
        requiredParsed(field, expected: "an ISO 4217 code such as EUR", Currency.init(rawValue:))
    }

    /// An index that must be there.
    func index(_ field: Field) -> InterestRateIndex? {
        requiredParsed(field, expected: InterestRateIndex.expectation) {
            InterestRateIndex(name: $0)
        }
    }

    /// A tenor, or nil when the field is absent or wrong.
    func optionalTenor(_ field: Field) -> Tenor? {
        parsed(field, expected: "a tenor such as 6M or 1Y", tenor(spelling:))
    }

    /// A short name, such as a book: at most 128 characters, all of which can be seen.
    func label(_ field: Field) -> String {
        guard let text = text(field), isLabel(text, field) else { return "" }
        return text
    }

    /// Whether a text is short and has no hidden character; reported when not.
    func isLabel(_ text: String, _ field: Field) -> Bool {
        let expected = "at most 128 printable characters"
        guard text.utf8.count <= 512, text.count <= 128 else {
            report(field, { "\(quoted(text)) is too long" }, { expected })
            return false
        }
        guard let hidden = HiddenCharacter(in: text) else { return true }
        report(field, { "\(quoted(text)) has the character \(hidden), which cannot be seen" }) {
            expected
        }
        return false
    }

    /// A short name that must be there.
    func requiredLabel(_ field: Field, expected: String) -> String? {
        guard contains(field) else {
            reportMissing(field, expected)
            return nil
        }
        guard let text = text(field), isLabel(text, field) else { return nil }
        if text.isEmpty { report(field, { "it is empty" }, { expected }) }
        return text
    }

    /// Reports that a field is not there.
    func reportMissing(_ field: Field, _ expected: @autoclosure () -> String) {
        report(field, { "it is missing" }, expected)
    }

    private static var dateForm: String { "a day as YYYY-MM-DD" }
}

/// Reads `6M`, or `P6M` as ISO 8601 writes it.
func tenor(spelling text: String) -> Tenor? {
    Tenor(text: text.hasPrefix("P") ? text.dropFirst() : text[...])
}
