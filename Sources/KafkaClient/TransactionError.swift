/// Why a step of a transaction failed, and what puts it right.
public struct TransactionError: Error, Hashable, Sendable {
    /// What to do, of which there are three.
    public enum Remedy: Hashable, Sendable {
        /// The same step may succeed later; it was tried until the time was over.
        case tryAgain
        /// The transaction must be aborted; the producer goes on with the next one.
        case abort
        /// The producer is of no more use: a new one with the same transactional id ends what
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
