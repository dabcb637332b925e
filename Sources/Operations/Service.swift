/// Anything that lives as long as its program.
public protocol Service: Sendable {
    /// Works until it is shut down or cancelled.
    func run() async throws
}

/// A service that can end gracefully, without being cancelled.
public protocol GracefulService: Service {
    /// Asks ``Service/run()`` to finish what it has and return; may be called more than once.
    func shutdown() async
}

/// A service made of closures.
public struct ClosureService: GracefulService {
    private let body: @Sendable () async throws -> Void
    private let onShutdown: @Sendable () async -> Void

    /// A service.
    ///
    /// - Parameters:
    ///   - run: works until it is shut down.
    ///   - shutdown: asks `run` to return.
    public init(
        run: @escaping @Sendable () async throws -> Void,
        shutdown: @escaping @Sendable () async -> Void
    ) {
        body = run
        onShutdown = shutdown
    }

    /// Works until it is shut down.
    public func run() async throws {
        try await body()
    }

    /// Asks ``run()`` to return.
    public func shutdown() async {
        await onShutdown()
    }
}
