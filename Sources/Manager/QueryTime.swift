internal import Foundation
internal import HTTP
internal import Operations

/// A time in a query, as people and programs write it.
struct QueryTime: Hashable, Sendable {
    /// Since 1970-01-01 UTC.
    var microseconds: Int64

    /// ISO 8601, as all answers have it.
    var text: String { Timestamp.iso8601(microseconds) }

    /// Reads ISO 8601; nil for other text.
    ///
    /// `2026-12-01`, with a time `T18:41` or `T18:41:02.5`, and with a zone `Z` or `+01:00`; without
    /// one it is UTC.
    init?(_ text: String) {
        guard (10...40).contains(text.utf8.count) else { return nil }
        for tail in ["", "Z", ":00Z", "T00:00:00Z"] {
            for options in [
                ISO8601DateFormatter.Options.withInternetDateTime,
                [.withInternetDateTime, .withFractionalSeconds],
            ] {
                let formatter = ISO8601DateFormatter()
                formatter.formatOptions = options
                if let date = formatter.date(from: text + tail) {
                    let seconds = date.timeIntervalSince1970
                    guard abs(seconds) < 1e11 else { return nil }
                    microseconds = Int64((seconds * 1e6).rounded())
                    return
                }
            }
        }
        return nil
    }
}

extension Call {
    /// A time of the query as answers have it; nil when it is left out.
    func time(_ name: String) throws(Problem) -> String? {
        guard let text = request.query[name] else { return nil }
        guard let time = QueryTime(text) else {
            throw Problem(
                400,
                "bad_filter",
                "\(name) is `\(text)`, not a time as 2026-12-01T18:41:02Z"
            )
        }
        return time.text
    }
}
