/// Numbers for people.
enum ReportNumber {
    /// Returns `1,234,567`.
    static func grouped(_ number: Int) -> String {
        group(String(number.magnitude), isNegative: number < 0)
    }

    /// Returns `-1,234,567.89`, rounded half away from zero.
    ///
    /// `places`: digits after the point, 0...9.
    static func fixed(_ number: Double, _ places: Int) -> String {
        guard number.isFinite, abs(number) < 9e17 else { return number.description }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (abs(number) * scale).rounded(.toNearestOrAwayFromZero)
        guard scaled < 9e18 else { return number.description }
        let digits = String(Int64(scaled))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let isNegative = number < 0 && scaled > 0
        let whole = group(String(padded.dropLast(places)), isNegative: isNegative)
        return places == 0 ? whole : "\(whole).\(padded.suffix(places))"
    }

    private static func group(_ digits: String, isNegative: Bool) -> String {
        var grouped = ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position) % 3 == 0 { grouped.append(",") }
            grouped.append(digit)
        }
        return (isNegative ? "-" : "") + grouped
    }
}
