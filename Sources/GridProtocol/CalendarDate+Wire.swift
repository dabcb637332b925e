internal import Finance

extension CalendarDate {
    /// Decodes a day from outside; only days that QuantLib can price are accepted.
    init(wireDay day: Int32) throws(WireError) {
        // 1901-01-01 and 2199-12-31, CalendarDate.supportedYears.
        guard (-25_202...84_005).contains(day) else {
            throw .invalid("day \(day) after 1970-01-01 is not within 1901...2199")
        }
        self.init(daysSince1970: day)
    }
}
