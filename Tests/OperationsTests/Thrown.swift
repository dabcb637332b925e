/// The error of this type that the body throws, or nil when it throws none or another.
func thrown<Failure: Error>(
    _ type: Failure.Type,
    by body: () throws -> Void
) -> Failure? {
    do {
        try body()
        return nil
    } catch {
        return error as? Failure
    }
}

/// The error of this type that the body throws, or nil when it throws none or another.
func thrown<Failure: Error>(
    _ type: Failure.Type,
    by body: @Sendable () async throws -> Void
) async -> Failure? {
    do {
        try await body()
        return nil
    } catch {
        return error as? Failure
    }
}
