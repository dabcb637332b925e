/// A topic by whose partition a broker is chosen.
enum LedTopic: String, CaseIterable, Hashable, Sendable {
    case batches
    case results
}

/// How a connection is cut.
enum Cut: String, Hashable, Sendable {
    /// What is connected is reset, and new connections are refused.
    case refused
    /// Nothing passes any more, and nobody is told.
    case silent
    /// As silent, from the next commit of a transaction on, whose request passes; in the end what
    /// was connected is reset, so that no answer ever comes.
    case commit
}

/// Something that breaks; times are in seconds, engines are counted from 0.
enum Fault: Hashable, Sendable {
    /// Kills an engine with -9; it starts again, under its old id or under a new one.
    case killEngine(Int, back: Double, keepsID: Bool)
    /// Kills a pricer of an engine with -9.
    case killPricer(ofEngine: Int)
    /// Kills the aggregator with -9; it starts again with the same ledger.
    case killAggregator(back: Double)
    /// Kills the broker that leads a topic's partition with -9; it starts again.
    case killBroker(leading: LedTopic, back: Double)
    /// Stops an engine and lets it go on.
    case stopEngine(Int, for: Double)
    /// Cuts the connections of the engine behind the proxy.
    case cut(Cut, for: Double)
    /// Further engines join and leave in turn, by SIGTERM or kill -9.
    case storm(for: Double, every: Double, seed: UInt64)
}

extension Fault: CustomStringConvertible {
    var description: String {
        switch self {
        case .killEngine(let engine, let back, let keepsID):
            "kill engine \(engine + 1), back after \(Self.text(back))"
                + (keepsID ? "" : " with a new id")
        case .killPricer(let engine): "kill a pricer of engine \(engine + 1)"
        case .killAggregator(let back): "kill the aggregator, back after \(Self.text(back))"
        case .killBroker(let topic, let back):
            "kill the broker that leads \(topic.rawValue), back after \(Self.text(back))"
        case .stopEngine(let engine, let time):
            "stop engine \(engine + 1) for \(Self.text(time))"
        case .cut(let cut, let time): "cut (\(cut.rawValue)) for \(Self.text(time))"
        case .storm(let time, let every, _):
            "an engine joins or leaves every \(Self.text(every)) for \(Self.text(time))"
        }
    }

    private static func text(_ seconds: Double) -> String {
        "\((seconds * 10).rounded() / 10) s"
    }
}
