/// The time that deliveries go by; tests have one of their own.
struct EngineClock: Sendable {
    /// Returns the time.
    var now: @Sendable () -> ContinuousClock.Instant
    /// Returns at a time.
    ///
    /// - Throws: `CancellationError` when the task is cancelled before.
    var sleepUntil: @Sendable (ContinuousClock.Instant) async throws -> Void

    /// The machine's clock.
    static let system = EngineClock(
        now: { .now },
        sleepUntil: { try await Task.sleep(until: $0, clock: .continuous) }
    )

    /// Returns after a duration.
    func sleep(for duration: Duration) async throws {
        try await sleepUntil(now() + duration)
    }
}
