/// What is known about a client's brokers and its own health.
struct ClientStatus: Sendable {
    /// Whether no broker is connected, and one was tried.
    private(set) var brokersDown = false
    /// The error after which the client is of no more use.
    private(set) var fatal: KafkaError?
    /// The last error that librdkafka told and still tries to get over.
    private(set) var lastError: KafkaError?

    mutating func note(_ error: KafkaError) {
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
    }
}
