/// Why a round, or the matrix, cannot go on.
struct FaultTestError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Waits until `condition` holds, looking every 20 ms.
func eventually(
    _ what: String,
    within limit: Duration,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw FaultTestError("not within \(limit): \(what)")
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}
