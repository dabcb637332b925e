/// The key of a fact in a log line: dotted, lower case, the same in every program.
public struct LogKey: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    /// The name as it is written.
    public var rawValue: String

    /// A key of this name.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// A key of this name.
    public init(stringLiteral value: String) {
        rawValue = value
    }
}

extension LogKey {
    /// A job's id.
    public static let jobID: LogKey = "job.id"
    /// A job's state.
    public static let jobState: LogKey = "job.state"
    /// A batch's index within its job.
    public static let batchIndex: LogKey = "batch.index"
    /// A trade's id.
    public static let tradeID: LogKey = "trade.id"
    /// A number of trades.
    public static let trades: LogKey = "trades"
    /// A market snapshot's id.
    public static let snapshotID: LogKey = "snapshot.id"
    /// An engine's id.
    public static let engineID: LogKey = "engine.id"
    /// How many pricers.
    public static let pricers: LogKey = "pricers"
    /// The process id of a pricer.
    public static let pricerPID: LogKey = "pricer.pid"
    /// A program's version.
    public static let version: LogKey = "version"
    /// The pricing library and its version.
    public static let library: LogKey = "library"
    /// Why something failed.
    public static let error: LogKey = "error"
    /// The code of a trade's failure, as a result states it.
    public static let failureCode: LogKey = "failure.code"
    /// What another program wrote.
    public static let output: LogKey = "output"
    /// A topic.
    public static let kafkaTopic: LogKey = "kafka.topic"
    /// A partition's number.
    public static let kafkaPartition: LogKey = "kafka.partition"
    /// A record's offset.
    public static let kafkaOffset: LogKey = "kafka.offset"
    /// A consumer group.
    public static let kafkaGroup: LogKey = "kafka.group"
    /// Addresses of brokers.
    public static let kafkaBrokers: LogKey = "kafka.brokers"
    /// A service of a ``ServiceGroup``.
    public static let service: LogKey = "service"
    /// A signal's name.
    public static let signal: LogKey = "signal"
    /// A file or directory.
    public static let path: LogKey = "path"
    /// An address to call.
    public static let url: LogKey = "url"
    /// A port number.
    public static let port: LogKey = "port"
    /// An attempt, from 1.
    public static let attempt: LogKey = "attempt"
    /// A time span in seconds.
    public static let seconds: LogKey = "seconds"
    /// A setting's name.
    public static let setting: LogKey = "setting"
    /// A setting's value, masked when it is secret.
    public static let value: LogKey = "value"
    /// Where a setting's value comes from.
    public static let origin: LogKey = "origin"
    /// A number of things.
    public static let count: LogKey = "count"
}
