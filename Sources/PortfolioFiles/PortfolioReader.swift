internal import Finance

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
    let source = try loadSource(at: path, limits: limits)
    return try readPortfolio(source, format: format ?? PortfolioFormat(path: path), limits: limits)
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
    return try readPortfolio(source, format: format ?? PortfolioFormat(path: name), limits: limits)
}

private func readPortfolio(
    _ source: SourceText,
    format: PortfolioFormat?,
    limits: FileLimits
) throws(FileProblems) -> Portfolio {
    let log = ProblemLog(limits: limits)
    let collection: TradeCollection
    var name: String?
    switch format ?? detectedFormat(of: source) {
    case .csv:
        var reader = CSVPortfolioReader(source: source, limits: limits, log: log)
        reader.read()
        collection = reader.collection
    case .json, .jsonLines:
        var reader = JSONPortfolioReader(source: source, limits: limits, log: log)
        reader.read(asLines: format == .jsonLines)
        collection = reader.collection
        name = reader.name
    }
    if collection.trades.isEmpty, log.total == 0 {
        log.add {
            FileProblem(
                file: source.name,
                problem: "there are no trades in the file",
                expected: "at least one trade"
            )
        }
    }
    try log.check()
    return Portfolio(
        name: name ?? baseName(of: source.name),
        trades: collection.trades,
        file: source.name,
        lines: collection.lines
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
