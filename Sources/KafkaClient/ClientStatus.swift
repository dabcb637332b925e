/// What is known about a client's brokers and its own health.
struct ClientStatus: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long all brokers may refuse the client's authentication: they may be
    /// starting, or passwords may be changing.
    static let patience = Duration.seconds(15)

    /// Whether no broker is connected, and one was tried.
    private(set) var brokersDown = false
    /// The error after which the client cannot be used any more.
    private(set) var fatal: KafkaError?
    /// The last error that librdkafka reported and still retries.
    private(set) var lastError: KafkaError?
    /// Why and since when no broker accepts the client.
    private var refusal: (error: KafkaError, since: Instant)?

    /// Notes an error.
    ///
    /// A missing right ends the client at once: only an administrator can change it, and
    /// librdkafka would retry for ever.
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
