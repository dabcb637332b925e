public import Finance

/// The trades of one submission, in the order of their file.
public struct Portfolio: Hashable, Sendable {
    /// What the portfolio is called: the file's `name`, or the file's own without its extension.
    public var name: String
    /// The file it was read from, as the caller named it; empty when it was not.
    public var file: String
    /// In the order of the file.
    public var trades: [Trade]
    /// The line on which each trade begins; empty when the trades do not come from a file.
    public var lines: [Int]

    /// Makes a portfolio.
    public init(name: String, trades: [Trade], file: String = "", lines: [Int] = []) {
        self.name = name
        self.trades = trades
        self.file = file
        self.lines = lines
    }
}

/// What is known of a portfolio whose trades were handed on one by one.
public struct PortfolioFacts: Hashable, Sendable {
    /// What the portfolio is called: the file's `name`, or the file's own without its extension.
    public var name: String
    /// The file it was read from, as the caller named it.
    public var file: String
    /// How many trades it has; at least one.
    public var tradeCount: Int
}

/// The forms of a portfolio file.
public enum PortfolioFormat: String, Hashable, Sendable, CaseIterable {
    /// A list of trades, an object with `trades`, or trades one after the other.
    case json
    /// A JSON object a line.
    case jsonLines = "jsonl"
    /// A row a trade.
    case csv

    /// The form that a file's extension says: `.json`, `.jsonl`, `.ndjson` or `.csv`; nil for any
    /// other.
    public init?(path: String) {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else { return nil }
        switch name[dot...].lowercased() {
        case ".json": self = .json
        case ".jsonl", ".ndjson": self = .jsonLines
        case ".csv": self = .csv
        default: return nil
        }
    }
}
