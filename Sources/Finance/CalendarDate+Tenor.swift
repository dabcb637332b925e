extension CalendarDate {
    /// Returns the day a tenor later, or nil past 2199.
    ///
    /// Months and years keep the day of the month where it exists
    /// and end on the month's last day where it does not.
    public func adding(_ tenor: Tenor) -> CalendarDate? {
        let months: Int
        switch tenor.unit {
        case .days, .weeks:
            let later = adding(days: tenor.count * (tenor.unit == .weeks ? 7 : 1))
            return Self.supportedYears.contains(later.components.year) ? later : nil
        case .months: months = tenor.count
        case .years: months = tenor.count * 12
        }
        let (year, month, day) = components
        let position = year * 12 + month - 1 + months
        for shorter in 0...3 {
            if let date = CalendarDate(
                year: position / 12,
                month: position % 12 + 1,
                day: day - shorter
            ) {
                return date
            }
        }
        return nil
    }
}
