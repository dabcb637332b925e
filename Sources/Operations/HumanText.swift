internal import Glibc

/// Quantities as people read them.
public enum HumanText {
    /// A time span to two units: `850 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`.
    public static func duration(_ duration: Duration) -> String {
        let (whole, attoseconds) = duration.components
        let seconds = Double(whole) + Double(attoseconds) / 1e18
        if seconds < 0 { return "-" + Self.duration(.zero - duration) }
        if seconds < 0.0995 { return "\(fixed(seconds * 1000, 1)) ms" }
        if seconds < 0.9995 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 59.95 { return "\(fixed(seconds, 1)) s" }
        let total = Int(seconds.rounded())
        if total < 3600 { return "\(total / 60) min \(total % 60) s" }
        if total < 86_400 { return "\(total / 3600) h \(total / 60 % 60) min" }
        return "\(total / 86_400) d \(total / 3600 % 24) h"
    }

    /// A whole number with commas between thousands: `1,234,567`.
    public static func count(_ count: Int) -> String {
        let digits = String(count.magnitude)
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { grouped += "," }
            grouped.append(digit)
        }
        return (count < 0 ? "-" : "") + grouped
    }

    /// A number of things a second, to about three digits: `0.25/s`, `12.3/s`, `1,234/s`.
    public static func rate(_ perSecond: Double) -> String {
        guard perSecond.isFinite, abs(perSecond) < 1e15 else { return "-/s" }
        if abs(perSecond) >= 99.95 { return "\(count(Int(perSecond.rounded())))/s" }
        return "\(fixed(perSecond, abs(perSecond) >= 9.995 ? 1 : 2))/s"
    }

    /// A number of bytes in binary units: `512 B`, `1.5 KiB`, `8.0 MiB`.
    public static func bytes(_ bytes: Int) -> String {
        guard abs(bytes) >= 1024 else { return "\(bytes) B" }
        var value = Double(bytes)
        for unit in ["KiB", "MiB", "GiB", "TiB"] {
            value /= 1024
            if abs(value) < 1023.95 || unit == "TiB" { return "\(fixed(value, 1)) \(unit)" }
        }
        return "\(bytes) B"
    }

    /// A number with so many digits after the point and commas between thousands.
    ///
    /// - Parameters:
    ///   - value: any; what is not finite is `nan` or `inf`.
    ///   - digits: 0...15 after the point.
    /// - Returns: as `1,234,567.89`.
    public static func number(_ value: Double, digits: Int = 2) -> String {
        let text = fixed(abs(value), digits)
        guard let whole = Int(text.prefix { $0.isNumber }) else {
            return value < 0 ? "-\(text)" : text
        }
        let rest = text.drop { $0.isNumber }
        let isZero = text.allSatisfy { $0 == "0" || $0 == "." }
        return "\(value < 0 && !isZero ? "-" : "")\(count(whole))\(rest)"
    }

    /// A number with so many digits after the point.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        var buffer = [CChar](repeating: 0, count: 400)
        _ = withVaList([Int32(digits), value]) {
            vsnprintf(&buffer, buffer.count, "%.*f", $0)
        }
        return string(buffer)
    }
}
