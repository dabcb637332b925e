public import GridEngine
public import Operations

/// An engine under a program's lifecycle: told to stop, it finishes what it has taken.
public struct EngineService: GracefulService {
    private let engine: Engine

    /// Makes a service of an engine.
    public init(engine: Engine) {
        self.engine = engine
    }

    /// Works until the engine is drained.
    public func run() async throws {
        try await engine.run()
    }

    /// Lets the engine finish what it has.
    public func shutdown() async {
        engine.drain()
    }
}
