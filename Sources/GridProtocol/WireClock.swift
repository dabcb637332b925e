internal import CProcess

/// The clock of records.
public enum WireClock {
    /// Returns the microseconds since 1970-01-01 UTC.
    public static func now() -> Int64 {
        cprocess_wall_microseconds()
    }
}
