/// Numbers in text, with the correctly rounded value.
enum DecimalText {
    /// What a piece of text is, as a number.
    enum Reading: Equatable {
        case value(Double)
        /// A number beyond the range of a double.
        case outOfRange
        /// NaN or an infinity, spelt in one of the usual ways.
        case notFinite
        case malformed
    }

    /// Numbers longer than this are refused, bytes.
    static let maximumLength = 400

    /// Reads a number as spreadsheets and JSON write it: `-12`, `2.5`, `.5`, `1e-4`, `+3`.
    static func read<Bytes: RandomAccessCollection<UInt8>>(
        _ bytes: Bytes,
        _ range: Range<Int>
    ) -> Reading where Bytes.Index == Int {
        guard !range.isEmpty, range.count <= maximumLength else { return .malformed }
        var position = range.lowerBound
        let end = range.upperBound
        let isNegative = bytes[position] == 0x2D
        if isNegative || bytes[position] == 0x2B { position += 1 }
        var mantissa: UInt64 = 0
        var isExact = true
        var digits = 0
        var scale = 0
        var hasPoint = false
        var hasNonzero = false
        while position < end {
            let byte = bytes[position]
            if (0x30...0x39).contains(byte) {
                digits += 1
                if byte != 0x30 { hasNonzero = true }
                if mantissa < 100_000_000_000_000_000 {
                    mantissa = mantissa * 10 + UInt64(byte - 0x30)
                    if hasPoint { scale -= 1 }
                } else {
                    isExact = false
                }
            } else if byte == 0x2E, !hasPoint {
                hasPoint = true
            } else {
                break
            }
            position += 1
        }
        guard digits > 0 else { return isSpecial(bytes, range) ? .notFinite : .malformed }
        var exponent = 0
        if position < end {
            guard bytes[position] | 0x20 == 0x65 else { return .malformed }
            position += 1
            var isNegativeExponent = false
            if position < end, bytes[position] == 0x2D || bytes[position] == 0x2B {
                isNegativeExponent = bytes[position] == 0x2D
                position += 1
            }
            guard position < end else { return .malformed }
            while position < end {
                guard (0x30...0x39).contains(bytes[position]) else { return .malformed }
                exponent = min(100_000, exponent * 10 + Int(bytes[position] - 0x30))
                position += 1
            }
            if isNegativeExponent { exponent = -exponent }
        }
        let power = exponent + scale
        // Both factors are exact doubles, so the one rounding of the product is the right one.
        if isExact, mantissa <= 1 << 53, abs(power) <= 22 {
            let value = Double(mantissa)
            let result = power < 0 ? value / powersOfTen[-power] : value * powersOfTen[power]
            return .value(isNegative ? -result : result)
        }
        let text = String(decoding: bytes[range], as: UTF8.self)
        guard let value = Double(text), value.isFinite, value != 0 || !hasNonzero else {
            return .outOfRange
        }
        return .value(value)
    }

    /// The powers of ten that are exact doubles.
    static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    private static func isSpecial<Bytes: RandomAccessCollection<UInt8>>(
        _ bytes: Bytes,
        _ range: Range<Int>
    ) -> Bool where Bytes.Index == Int {
        guard range.count <= 12 else { return false }
        let text = String(decoding: bytes[range], as: UTF8.self).lowercased()
        let word = text.hasPrefix("-") || text.hasPrefix("+") ? String(text.dropFirst()) : text
        return ["nan", "inf", "infinity", "#n/a", "#num!", "#div/0!"].contains(word)
    }
}

/// Returns the shortest text that reads back to the same bits; whole numbers without `.0`.
func shortest(_ value: Double) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
