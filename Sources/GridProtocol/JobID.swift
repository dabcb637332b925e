internal import Finance

/// Identifies a job.
///
/// 1...64 letters A-Z a-z, digits, dots, underscores and hyphens, not dots alone, so that it can be
/// a file's name and a part of an address.
public struct JobID: Hashable, Comparable, Sendable, RawRepresentable {
    /// The identifier as the desk wrote it.
    public let rawValue: String

    /// How long an identifier may be.
    public static let mostCharacters = 64

    /// What identifiers look like, for error messages.
    public static let expectation = "1...64 letters A-Z a-z, digits, dots, underscores and hyphens"

    /// Makes an identifier, or nil when it has other characters or another length.
    public init?(rawValue: String) {
        let bytes = rawValue.utf8
        guard (1...Self.mostCharacters).contains(bytes.count), bytes.allSatisfy(Self.isAllowed),
            !bytes.allSatisfy({ $0 == UInt8(ascii: ".") })
        else { return nil }
        self.rawValue = rawValue
    }

    /// Returns a new identifier that says when it was made: `eod-20260115-143059-k3f9` (UTC).
    ///
    /// The time is given in microseconds since 1970-01-01 UTC.
    public static func random(at now: Int64 = WireClock.now()) -> JobID {
        var generator = SystemRandomNumberGenerator()
        return random(at: now, using: &generator)
    }

    static func random(at now: Int64, using generator: inout some RandomNumberGenerator) -> JobID {
        let seconds = max(0, now) / 1_000_000
        let day = CalendarDate(daysSince1970: Int32(clamping: seconds / 86_400))
        let date = day.description.filter { $0 != "-" }
        let time = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60]
            .map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined()
        let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
        let tail = String(
            (0..<4).map { _ in letters[Int.random(in: letters.indices, using: &generator)] }
        )
        return JobID(checked: "eod-\(date)-\(time)-\(tail)")
    }

    /// Orders by the identifier's characters.
    public static func < (lhs: JobID, rhs: JobID) -> Bool { lhs.rawValue < rhs.rawValue }

    // MARK: Private

    private init(checked: String) {
        rawValue = checked
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

extension JobID: CustomStringConvertible {
    /// The identifier.
    public var description: String { rawValue }
}
