/// What is known about a client's brokers and its own health.
struct ClientStatus: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long brokers may refuse who the client says it is, while none accepts it: they may be
    /// starting, or be in the middle of a change of passwords.
    static let patience = Duration.seconds(15)

    /// Whether no broker is connected, and one was tried.
    private(set) var brokersDown = false
    /// The error after which the client is of no more use.
    private(set) var fatal: KafkaError?
    /// The last error that librdkafka told and still tries to get over.
    private(set) var lastError: KafkaError?
    /// Why and since when no broker accepts the client.
    private var refusal: (error: KafkaError, since: Instant)?

    /// Notes an error.
    ///
    /// That something is not allowed ends the client at once: only an administrator changes it, and
    /// librdkafka would ask for ever.
    mutating func note(_ error: KafkaError, at now: Instant = .now) {
        var error = error
        switch error.code {
        case .authorization: error.isFatal = true
        case .authentication: refusal = refusal ?? (error, now)
        default: break
        }
        if error.isFatal {
            fatal = fatal ?? error
        }
        lastError = error
    }

    mutating func noteAllBrokersDown() {
        brokersDown = true
    }

    /// A broker answered.
    mutating func noteAnswer() {
        brokersDown = false
        refusal = nil
    }

    /// Ends the client when it was refused for too long.
    mutating func endIfRefused(at now: Instant = .now) {
        if fatal == nil, let refusal, refusal.since + ClientStatus.patience <= now {
            fatal = refusal.error
            fatal?.isFatal = true
        }
    }
}
