import Testing

/// Waits until a condition holds; records an issue when it does not in time.
func eventually(
    _ what: Comment,
    within limit: Duration = .seconds(20),
    _ condition: () async throws -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, what, sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(20))
    }
}
