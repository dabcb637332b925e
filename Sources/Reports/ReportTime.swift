internal import Finance

/// Times as reports write them.
package enum ReportTime {
    /// Returns `2026-01-15T14:30:59.000123Z`.
    ///
    /// `microseconds`: since 1970 UTC.
    package static func text(_ microseconds: Int64) -> String {
        let perDay: Int64 = 86_400_000_000
        let day = microseconds >= 0 ? microseconds / perDay : (microseconds - perDay + 1) / perDay
        let within = microseconds - day * perDay
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = CalendarDate(daysSince1970: Int32(clamping: day))
        let seconds = within / 1_000_000
        return "\(date)T\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):"
            + "\(padded(seconds % 60, 2)).\(padded(within % 1_000_000, 6))Z"
    }

    /// Returns the years from one day to another by Actual/Actual (ISDA), which ORE's npv.csv uses;
    /// negative when the other day is earlier.
    static func years(from start: CalendarDate, to end: CalendarDate) -> Double {
        guard start <= end else { return -years(from: end, to: start) }
        let first = start.components.year
        let last = end.components.year
        guard let nextYear = CalendarDate(year: first + 1, month: 1, day: 1),
            let lastYear = CalendarDate(year: last, month: 1, day: 1)
        else { return .nan }
        guard first != last else { return Double(end.days(since: start)) / length(of: first) }
        var years = Double(last - first - 1)
        years += Double(nextYear.days(since: start)) / length(of: first)
        years += Double(end.days(since: lastYear)) / length(of: last)
        return years
    }

    private static func length(of year: Int) -> Double {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365
    }
}

/// The columns Maturity and MaturityTime of npv.csv, made once for each day.
struct MaturityColumns {
    private let valuationDate: CalendarDate
    private var columns: [Int32: UTF8Builder] = [:]

    init(valuationDate: CalendarDate) {
        self.valuationDate = valuationDate
    }

    /// Appends both columns, each with the comma after it.
    mutating func append(_ day: Int32, to text: inout UTF8Builder) {
        if let known = columns[day] { return text.append(known) }
        let maturity = CalendarDate(daysSince1970: day)
        let years = ReportTime.years(from: valuationDate, to: maturity)
        var made = UTF8Builder()
        made.append(text: maturity.description)
        made.append(",")
        if years.isFinite { made.append(json: years) } else { made.append("#N/A") }
        made.append(",")
        // No portfolio has more days than two centuries; an invalid file may.
        if columns.count < 100_000 { columns[day] = made }
        text.append(made)
    }
}
