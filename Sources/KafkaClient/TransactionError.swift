/// Why a step of a transaction failed, and the remedy.
public struct TransactionError: Error, Hashable, Sendable {
    /// What to do.
    public enum Remedy: Hashable, Sendable {
        /// Retry the step: it was tried until the time was over, and may succeed later.
        case tryAgain
        /// Abort the transaction; the producer can begin the next one.
        case abort
        /// Replace the producer: a new one with the same transactional id ends the transaction that
        /// this one left open.
        case replaceProducer
    }

    /// What to do.
    public var remedy: Remedy
    /// What happened.
    public var cause: KafkaError

    /// Makes an error.
    public init(_ remedy: Remedy, _ cause: KafkaError) {
        self.remedy = remedy
        self.cause = cause
    }
}

extension TransactionError: CustomStringConvertible {
    /// What happened.
    public var description: String { cause.description }
}
