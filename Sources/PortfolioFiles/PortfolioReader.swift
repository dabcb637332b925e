public import Finance

/// Reads a portfolio file and validates every trade in it.
///
/// - Parameters:
///   - path: a JSON, JSON lines or CSV file.
///   - format: the file's form; nil to go by its extension, and by its first character where that
///     says nothing.
///   - limits: what to accept at most.
/// - Returns: at least one trade; ids are unique and no trade has ``Finance/Trade/problems()``.
/// - Throws: all problems of the file, up to the limit, with their places.
public func readPortfolio(
    at path: String,
    format: PortfolioFormat? = nil,
    limits: FileLimits = .default
) throws(FileProblems) -> Portfolio {
    var trades: [Trade] = []
    var lines: [Int] = []
    let facts = try readPortfolio(at: path, format: format, limits: limits) { trade, line in
        trades.append(trade)
        lines.append(line)
    }
    return Portfolio(name: facts.name, trades: trades, file: facts.file, lines: lines)
}

/// Reads a portfolio file as ``readPortfolio(at:format:limits:)`` does, without keeping its trades:
/// of a file on a disk it holds a few megabytes, and some 40 bytes a trade to find ids that occur
/// twice.
///
/// - Parameters:
///   - path: a JSON, JSON lines or CSV file.
///   - format: the file's form; nil to find it.
///   - limits: what to accept at most.
///   - take: is given each trade, in order, with the line on which it begins. The file is sound only
///     when this function returns.
/// - Returns: what the portfolio is called, and how many trades it has.
/// - Throws: all problems of the file, up to the limit, with their places.
public func readPortfolio(
    at path: String,
    format: PortfolioFormat? = nil,
    limits: FileLimits = .default,
    each take: @escaping (Trade, Int) -> Void
) throws(FileProblems) -> PortfolioFacts {
    let source = try loadSource(at: path, limits: limits)
    return try readPortfolio(
        source,
        format: format ?? PortfolioFormat(path: path),
        limits: limits,
        each: take
    )
}

/// Reads a portfolio from bytes, as ``readPortfolio(at:format:limits:)`` does from a file.
///
/// - Parameters:
///   - bytes: the content of a file.
///   - name: the name of the file for messages and for the form by extension.
///   - format: the form, nil to find it.
///   - limits: what to accept at most.
/// - Returns: at least one trade.
/// - Throws: all problems, up to the limit, with their places.
public func readPortfolio(
    bytes: [UInt8],
    name: String,
    format: PortfolioFormat? = nil,
    limits: FileLimits = .default
) throws(FileProblems) -> Portfolio {
    let source = try SourceText(name: name, bytes: bytes, limits: limits)
    var trades: [Trade] = []
    var lines: [Int] = []
    let facts = try readPortfolio(
        source,
        format: format ?? PortfolioFormat(path: name),
        limits: limits
    ) { trade, line in
        trades.append(trade)
        lines.append(line)
    }
    return Portfolio(name: facts.name, trades: trades, file: facts.file, lines: lines)
}

private func readPortfolio(
    _ source: SourceText,
    format: PortfolioFormat?,
    limits: FileLimits,
    each take: @escaping (Trade, Int) -> Void
) throws(FileProblems) -> PortfolioFacts {
    let log = ProblemLog(limits: limits)
    let empty = TradeCollection(take)
    let count: Int
    var name: String?
    switch format ?? detectedFormat(of: source) {
    case .csv:
        var reader = CSVPortfolioReader(
            source: source,
            limits: limits,
            log: log,
            collection: empty
        )
        reader.read()
        count = reader.collection.count
    case .json, .jsonLines:
        var reader = JSONPortfolioReader(
            source: source,
            limits: limits,
            log: log,
            collection: empty
        )
        reader.read(asLines: format == .jsonLines)
        count = reader.collection.count
        name = reader.name
    }
    if count == 0, log.total == 0 {
        log.add {
            FileProblem(
                file: source.name,
                problem: "there are no trades in the file",
                expected: "at least one trade"
            )
        }
    }
    try log.check()
    return PortfolioFacts(
        name: name ?? baseName(of: source.name),
        file: source.name,
        tradeCount: count
    )
}

private func detectedFormat(of source: SourceText) -> PortfolioFormat {
    let first = source.bytes[source.start...].first { !isBlank($0) }
    return first == 0x7B || first == 0x5B ? .json : .csv
}

/// Returns the last component of a path, without its extension.
func baseName(of path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return String(name) }
    return String(name[..<dot])
}
