internal import CProcess

/// Points in time as the grid writes them: microseconds since 1970 in UTC.
public enum Timestamp {
    /// Now, in microseconds since 1970-01-01T00:00:00Z.
    public static var now: Int64 {
        cprocess_wall_microseconds()
    }

    /// ISO 8601 in UTC with milliseconds, as in `2026-01-15T14:30:59.123Z`.
    ///
    /// - Parameter micros: microseconds since 1970; may be negative.
    /// - Returns: 24 characters; the microseconds are truncated.
    public static func iso8601(_ micros: Int64) -> String {
        let (seconds, rest) = floorDivision(micros, 1_000_000)
        let (days, second) = floorDivision(seconds, 86_400)
        let date = civil(days)
        var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
        text += "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):"
        text += "\(padded(second % 60, 2)).\(padded(rest / 1000, 3))Z"
        return text
    }

    /// The year, month and day of a day counted from 1970-01-01 (proleptic Gregorian calendar).
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivision(days + 719_468, 146_097)
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func floorDivision(_ value: Int64, _ by: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
        return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
