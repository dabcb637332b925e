public import KafkaClient

/// Why an engine cannot go on.
public struct EngineError: Error, Hashable, Sendable {
    /// One sentence for people.
    public var reason: String
    /// What kind of trouble with Kafka it was, if it was.
    public var kafka: KafkaError.Code?

    /// Makes an error.
    public init(_ reason: String) {
        self.reason = reason
    }

    /// Makes an error of trouble with Kafka.
    ///
    /// - Parameters:
    ///   - error: what happened.
    ///   - context: what was tried.
    public init(_ error: KafkaError, context: String? = nil) {
        reason = context.map { "\($0): \(error.reason)" } ?? error.reason
        kafka = error.code
    }

    /// Makes an error of whatever stopped the engine.
    public init(stopping error: any Error) {
        switch error {
        case let error as EngineError: self = error
        case let error as KafkaError: self.init(error)
        default: self.init("\(error)")
        }
    }
}

extension EngineError: CustomStringConvertible {
    /// The reason.
    public var description: String { reason }
}

/// A batch is left to another engine.
struct HandedBack: Error, CustomStringConvertible {
    var description: String { "the batch is left to another engine" }
}

/// A batch's job was cancelled: nobody wants its result.
struct JobCancelled: Error, CustomStringConvertible {
    var description: String { "the job was cancelled" }
}
