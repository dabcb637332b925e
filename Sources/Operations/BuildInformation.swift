/// What was built.
public enum BuildInformation {
    /// The version of valgrid, as `--version` and every result say it.
    public static let version = "0.1.0"
}
