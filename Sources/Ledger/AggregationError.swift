/// Why the ledger or a report cannot be used.
public struct AggregationError: Error, Hashable, Sendable {
    /// A kind of error, for programs; an open set.
    public struct Code: Hashable, Sendable, RawRepresentable {
        /// The spelling in logs and answers.
        public let rawValue: String
        /// Makes a code.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The ledger's file cannot be opened.
        public static let unavailable = Code(rawValue: "ledger_unavailable")
        /// The file is not a ledger, or is damaged; delete it, and it is rebuilt from the topics.
        public static let corrupt = Code(rawValue: "ledger_corrupt")
        /// The file was written by a newer version.
        public static let newerSchema = Code(rawValue: "ledger_newer")
        /// The disk, or the ledger's limit, is full; nothing of the last records was kept.
        public static let full = Code(rawValue: "ledger_full")
        /// Another process writes to the ledger.
        public static let busy = Code(rawValue: "ledger_busy")
        /// SQLite refused for another reason.
        public static let failed = Code(rawValue: "ledger_failed")
        /// There is no such job.
        public static let unknownJob = Code(rawValue: "unknown_job")
        /// A file of the report cannot be written.
        public static let reportNotWritten = Code(rawValue: "report_not_written")
        /// A summary cannot be read.
        public static let invalidSummary = Code(rawValue: "invalid_summary")
    }

    /// For programs.
    public var code: Code
    /// For people; says what to do, if anything can be done.
    public var reason: String

    /// Makes an error.
    public init(code: Code, reason: String) {
        self.code = code
        self.reason = reason
    }
}

extension AggregationError: CustomStringConvertible {
    /// The reason.
    public var description: String { reason }
}

extension AggregationError {
    /// What of the ledger's file cannot be read.
    package static func corrupt(_ what: String) -> AggregationError {
        AggregationError(
            code: .corrupt,
            reason: "\(what) in the ledger is damaged; delete the ledger's file, and it is "
                + "rebuilt from the topics"
        )
    }
}
