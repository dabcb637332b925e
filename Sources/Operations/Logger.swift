/// Writes log lines to standard error, and to a sink if there is one.
///
/// A value: cheap to copy, and a copy's level and metadata are its own.
public struct Logger: Sendable {
    /// Which program or part of it writes.
    public var label: String
    /// Lines below this level are not written.
    public var level: LogLevel
    /// How lines are written.
    public var format: LogFormat
    /// Facts in every line; those of a line win over these.
    public var metadata: [LogKey: String]
    /// Gets every line that is written; must return at once and never block.
    ///
    /// See ``LogBuffer``.
    public var sink: (@Sendable (LogLine) -> Void)?
    private let descriptor: Int32?

    /// A logger.
    ///
    /// - Parameters:
    ///   - label: which program or part of it writes.
    ///   - level: lines below it are not written.
    ///   - format: how lines are written.
    ///   - metadata: facts in every line.
    ///   - descriptor: where to write, standard error unless told; nil writes to the sink only.
    ///   - sink: gets every line that is written.
    public init(
        label: String,
        level: LogLevel = .info,
        format: LogFormat = .text,
        metadata: [LogKey: String] = [:],
        descriptor: Int32? = 2,
        sink: (@Sendable (LogLine) -> Void)? = nil
    ) {
        self.label = label
        self.level = level
        self.format = format
        self.metadata = metadata
        self.descriptor = descriptor
        self.sink = sink
    }

    /// A logger that writes nothing, for tests.
    public static var silent: Logger { Logger(label: "silent", level: .error, descriptor: nil) }

    /// A fact in every line.
    public subscript(_ key: LogKey) -> String? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// A copy with more facts in every line.
    public func with(_ more: [LogKey: String]) -> Logger {
        var copy = self
        copy.metadata.merge(more) { $1 }
        return copy
    }

    /// Whether lines of a level are written.
    public func writes(_ level: LogLevel) -> Bool {
        level >= self.level
    }

    /// Writes a line, if its level is written.
    ///
    /// - Parameters:
    ///   - level: how much it matters.
    ///   - message: words that do not vary; what varies belongs in the metadata.
    ///   - facts: evaluated only when the line is written.
    public func log(
        _ level: LogLevel,
        _ message: StaticString,
        _ facts: @autoclosure () -> [LogKey: String] = [:]
    ) {
        guard writes(level) else { return }
        let line = LogLine(
            time: Timestamp.now,
            level: level,
            label: label,
            message: message.description,
            metadata: metadata.merging(facts()) { $1 }
        )
        if let descriptor {
            writeAll(Array(line.rendered(as: format).utf8), to: descriptor)
        }
        sink?(line)
    }

    /// Writes a line at level trace.
    public func trace(
        _ message: StaticString,
        _ facts: @autoclosure () -> [LogKey: String] = [:]
    ) {
        log(.trace, message, facts())
    }

    /// Writes a line at level debug.
    public func debug(
        _ message: StaticString,
        _ facts: @autoclosure () -> [LogKey: String] = [:]
    ) {
        log(.debug, message, facts())
    }

    /// Writes a line at level info.
    public func info(
        _ message: StaticString,
        _ facts: @autoclosure () -> [LogKey: String] = [:]
    ) {
        log(.info, message, facts())
    }

    /// Writes a line at level notice.
    public func notice(
        _ message: StaticString,
        _ facts: @autoclosure () -> [LogKey: String] = [:]
    ) {
        log(.notice, message, facts())
    }

    /// Writes a line at level warning.
    public func warning(
        _ message: StaticString,
        _ facts: @autoclosure () -> [LogKey: String] = [:]
    ) {
        log(.warning, message, facts())
    }

    /// Writes a line at level error.
    public func error(
        _ message: StaticString,
        _ facts: @autoclosure () -> [LogKey: String] = [:]
    ) {
        log(.error, message, facts())
    }
}
