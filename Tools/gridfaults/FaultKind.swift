/// What a round of the matrix breaks.
enum FaultKind: String, CaseIterable, Sendable {
    case engine
    case engines
    case pricer
    case eodservice
    case aggregator
    case broker
    case leader
    case zombie
    case cutRefused = "cut-refused"
    case cutSilent = "cut-silent"
    case cutCommit = "cut-commit"
    case storm
    case random

    /// What happens, in one line.
    var summary: String {
        switch self {
        case .engine: "kill -9 of an engine, started again"
        case .engines: "kill -9 of two of three engines, started again"
        case .pricer: "kill -9 of a pricer"
        case .eodservice: "kill -9 of eodservice in mid-submit, submitted again"
        case .aggregator: "kill -9 of the aggregator in mid-join, started again"
        case .broker: "kill -9 of the only broker, started again"
        case .leader: "kill -9 of one of three brokers that leads results or batches, started again"
        case .zombie: "SIGSTOP of an engine past its session, then SIGCONT"
        case .cutRefused: "an engine's connections are reset and refused for 1 to 10 s"
        case .cutSilent: "an engine's connections fall silent for 1 to 10 s, then go on"
        case .cutCommit: "an engine's commit reaches the broker, its answer never comes back"
        case .storm: "an engine joins or leaves every 2 s"
        case .random: "two to four of these at random times"
        }
    }

    /// The number of brokers that the fault needs; nil when it is the same on one and on three.
    var neededBrokers: Int? {
        switch self {
        case .broker: 1
        case .leader: 3
        default: nil
        }
    }
}
