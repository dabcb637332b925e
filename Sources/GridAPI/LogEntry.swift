/// A line of a program's log: a record of the topic `logs`, an element of `GET /api/v1/logs`.
public struct LogEntry: Hashable, Sendable, Codable {
    /// ISO 8601.
    public var at: String
    /// `trace`, `debug`, `info`, `notice`, `warning` or `error`.
    public var level: String
    /// As `valengine`.
    public var program: String
    /// The machine or pod.
    public var host: String
    /// The engine; empty for programs that are none.
    public var engine: String
    /// The process.
    public var pid: Int
    /// Counts the lines of a process, those that were not sent too; a gap is lines that were lost.
    public var sequence: Int
    /// What happened.
    public var message: String
    /// The facts, as `job.id`.
    public var fields: [String: String]
    /// Lines before this one that the program did not send, because there were too many.
    public var dropped: Int

    /// Makes a line.
    public init(
        at: String,
        level: String,
        program: String,
        host: String,
        engine: String,
        pid: Int,
        sequence: Int,
        message: String,
        fields: [String: String],
        dropped: Int
    ) {
        self.at = at
        self.level = level
        self.program = program
        self.host = host
        self.engine = engine
        self.pid = pid
        self.sequence = sequence
        self.message = message
        self.fields = fields
        self.dropped = dropped
    }
}
