/// Why a call to Kafka failed.
public struct KafkaError: Error, Hashable, Sendable {
    /// What kind of failure it is: an open set, compared by programs.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name, as logs show it.
        public let description: String

        /// Makes a code that is not among the ones below.
        public init(_ name: String) {
            description = name
        }

        /// The client was closed, or closes before the call could end.
        public static let closed = Code("closed")
        /// The calling task was cancelled.
        public static let cancelled = Code("cancelled")
        /// librdkafka's own queue is full.
        public static let queueFull = Code("queueFull")
        /// The time allowed was over.
        public static let timedOut = Code("timedOut")
        /// No broker could be reached.
        public static let brokersUnavailable = Code("brokersUnavailable")
        /// The topic does not exist, or not yet.
        public static let unknownTopic = Code("unknownTopic")
        /// The topic has no such partition.
        public static let unknownPartition = Code("unknownPartition")
        /// The record is larger than the client or the topic allows.
        public static let messageTooLarge = Code("messageTooLarge")
        /// Authentication failed: the broker refused the client, or the client the broker.
        public static let authentication = Code("authentication")
        /// The user is authenticated, but has no right to this.
        public static let authorization = Code("authorization")
        /// A setting or an argument is wrong.
        public static let configuration = Code("configuration")
        /// The broker does not support the request.
        public static let unsupported = Code("unsupported")
        /// Fenced: a newer client uses the same transactional id.
        public static let fenced = Code("fenced")
        /// Anything else; the reason has librdkafka's name of it.
        public static let other = Code("other")
    }

    /// What kind of failure it is, for programs.
    public var code: Code
    /// What happened, in words for people.
    public var reason: String
    /// Whether the client cannot be used any more and a new one must be made.
    public var isFatal: Bool
    /// Whether the same call may succeed later.
    public var isRetriable: Bool

    /// Makes an error.
    public init(code: Code, reason: String, isFatal: Bool = false, isRetriable: Bool = false) {
        self.code = code
        self.reason = reason
        self.isFatal = isFatal
        self.isRetriable = isRetriable
    }
}

extension KafkaError: CustomStringConvertible {
    /// The reason and the code, in one line.
    public var description: String { "\(reason) (\(code))" }
}

extension KafkaError {
    static func closed(_ what: String) -> KafkaError {
        KafkaError(code: .closed, reason: "the \(what) is closed")
    }

    static func cancelled(_ what: String) -> KafkaError {
        KafkaError(code: .cancelled, reason: "\(what) was cancelled", isRetriable: true)
    }
}
