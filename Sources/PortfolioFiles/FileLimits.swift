/// What a reader accepts, so that no file exhausts memory or time.
public struct FileLimits: Hashable, Sendable {
    /// The size of a file, bytes.
    public var fileBytes: Int
    /// The length of a line, bytes.
    ///
    /// A longer one ends the reading where the limit is reached.
    public var lineBytes: Int
    /// How deep JSON arrays and objects may nest.
    public var nesting: Int
    /// JSON values and keys in one trade.
    public var valuesPerTrade: Int
    /// JSON values and keys in a market snapshot.
    public var valuesPerSnapshot: Int
    /// The length of a quoted CSV cell, bytes.
    public var cellBytes: Int
    /// Problems that are listed; the rest are counted.
    public var problems: Int

    /// Makes limits: 1 GiB a file, 16 MiB a line, 64 levels, 50 problems.
    public init(
        fileBytes: Int = 1 << 30,
        lineBytes: Int = 16 << 20,
        nesting: Int = 64,
        valuesPerTrade: Int = 10_000,
        valuesPerSnapshot: Int = 5_000_000,
        cellBytes: Int = 65_536,
        problems: Int = 50
    ) {
        self.fileBytes = fileBytes
        self.lineBytes = lineBytes
        self.nesting = nesting
        self.valuesPerTrade = valuesPerTrade
        self.valuesPerSnapshot = valuesPerSnapshot
        self.cellBytes = cellBytes
        self.problems = problems
    }

    /// The limits of the programs.
    public static let `default` = FileLimits()
}
