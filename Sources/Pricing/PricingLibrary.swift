import CQuantLib

/// The library that prices.
public enum PricingLibrary {
    /// Its name and version, `QuantLib 1.29`.
    public static let version = String(cString: cql_version())
}
