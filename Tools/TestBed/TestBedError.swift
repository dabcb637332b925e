/// Why a test, a round of faults or a measurement cannot go on.
package struct TestBedError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// Waits until `condition` holds.
///
/// - Parameters:
///   - what: names the condition in the error.
///   - limit: how long it may take.
///   - interval: how often it is looked at.
///   - condition: what is to hold.
/// - Throws: ``TestBedError`` when it does not hold in time; what `condition` throws.
package func eventually(
    _ what: String,
    within limit: Duration,
    every interval: Duration = .milliseconds(20),
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw TestBedError("not within \(limit): \(what)")
        }
        try await Task.sleep(for: interval)
    }
}
