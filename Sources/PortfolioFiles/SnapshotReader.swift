public import Finance

/// Reads a market snapshot and validates it.
///
/// - Parameters:
///   - path: a JSON file, a directory with `snapshot.json`, or a directory of CSV files with
///     `snapshot.csv`.
///   - limits: what to accept at most, of each file.
/// - Returns: a snapshot without ``Finance/MarketSnapshot/problems()``.
/// - Throws: all problems, up to the limit, with their places.
public func readSnapshot(
    at path: String,
    limits: FileLimits = .default
) throws(FileProblems) -> MarketSnapshot {
    guard isDirectory(path) else {
        return try readSnapshot(try loadSource(at: path, limits: limits), limits: limits)
    }
    let directory = path.hasSuffix("/") ? String(path.dropLast()) : path
    let names = try names(inDirectory: path)
    let json = "\(directory)/snapshot.json"
    guard !names.contains("snapshot.json") else {
        guard !names.contains("snapshot.csv") else {
            throw FileProblems(
                FileProblem(
                    file: path,
                    problem: "there are both snapshot.json and snapshot.csv",
                    expected: "one of them"
                )
            )
        }
        return try readSnapshot(try loadSource(at: json, limits: limits), limits: limits)
    }
    let log = ProblemLog(limits: limits)
    var sources: [String: SourceText] = [:]
    for name in names where name.hasSuffix(".csv") {
        do throws(FileProblems) {
            sources[name] = try loadSource(at: "\(directory)/\(name)", limits: limits)
        } catch {
            for problem in error.problems { log.add { problem } }
        }
    }
    return try readSnapshot(sources, directory: directory, limits: limits, log: log)
}

/// Reads a market snapshot from the bytes of a JSON file.
///
/// - Parameters:
///   - bytes: the content of the file.
///   - name: the name of the file for messages.
///   - limits: what to accept at most.
/// - Returns: a snapshot without problems.
/// - Throws: all problems, up to the limit, with their places.
public func readSnapshot(
    bytes: [UInt8],
    name: String,
    limits: FileLimits = .default
) throws(FileProblems) -> MarketSnapshot {
    try readSnapshot(try SourceText(name: name, bytes: bytes, limits: limits), limits: limits)
}

/// Reads a market snapshot from the bytes of a directory's CSV files.
///
/// - Parameters:
///   - files: the content of each file by its name, `curves.csv`.
///   - directory: the name of the directory for messages.
///   - limits: what to accept at most, of each file.
/// - Returns: a snapshot without problems.
/// - Throws: all problems, up to the limit, with their places.
public func readSnapshot(
    files: [String: [UInt8]],
    directory: String,
    limits: FileLimits = .default
) throws(FileProblems) -> MarketSnapshot {
    let log = ProblemLog(limits: limits)
    var sources: [String: SourceText] = [:]
    for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
        do throws(FileProblems) {
            sources[name] = try SourceText(
                name: "\(directory)/\(name)",
                bytes: bytes,
                limits: limits
            )
        } catch {
            for problem in error.problems { log.add { problem } }
        }
    }
    return try readSnapshot(sources, directory: directory, limits: limits, log: log)
}

private func readSnapshot(
    _ source: SourceText,
    limits: FileLimits
) throws(FileProblems) -> MarketSnapshot {
    let log = ProblemLog(limits: limits)
    let snapshot = JSONSnapshotReader(source: source, limits: limits, log: log).read()
    return try checked(snapshot, source.name, log)
}

private func readSnapshot(
    _ sources: [String: SourceText],
    directory: String,
    limits: FileLimits,
    log: ProblemLog
) throws(FileProblems) -> MarketSnapshot {
    var reader = CSVSnapshotReader(
        sources: sources,
        directory: directory,
        limits: limits,
        log: log
    )
    return try checked(reader.read(), directory, log)
}

private func checked(
    _ snapshot: MarketSnapshot?,
    _ file: String,
    _ log: ProblemLog
) throws(FileProblems) -> MarketSnapshot {
    try log.check()
    if let snapshot { return snapshot }
    throw FileProblems(
        FileProblem(file: file, problem: "there is no snapshot", expected: "a market snapshot")
    )
}
