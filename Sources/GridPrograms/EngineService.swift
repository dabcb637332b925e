public import GridEngine
public import Operations

/// An engine under a program's lifecycle: told to stop, it finishes what it has taken.
public struct EngineService: GracefulService {
    private let engine: Engine

    private let patience: Duration

    /// Makes a service of an engine.
    ///
    /// - Parameters:
    ///   - engine: the engine.
    ///   - patience: how long what was taken may still be priced when the engine is told to stop;
    ///     what is not done then is returned to the group.
    public init(engine: Engine, patience: Duration = .seconds(25)) {
        self.engine = engine
        self.patience = patience
    }

    /// Works until the engine is drained.
    public func run() async throws {
        try await engine.run()
    }

    /// Lets the engine finish what it has.
    public func shutdown() async {
        engine.drain()
        await engine.finish(within: patience)
    }
}
