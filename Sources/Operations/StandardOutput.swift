internal import Glibc

/// Why standard output took no more.
public struct OutputError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system's number of the error.
    public var number: Int32

    /// Whether its reader has gone, as `head` does when it has enough: nothing to complain of.
    public var isReaderGone: Bool { number == EPIPE }

    /// The reason, for people.
    public var description: String {
        number == EBADF
            ? "standard output is closed"
            : "standard output cannot be written: \(systemText(number))"
    }
}

/// Standard output; every write is checked and nothing is kept back.
public enum StandardOutput {
    /// Writes a text, with its line feeds and without any other hidden character, and a line feed
    /// at its end.
    ///
    /// - Throws: ``OutputError`` when not all of it was taken.
    public static func write(_ text: String) throws(OutputError) {
        let safe = TerminalText.escaped(text, keepsLines: true)
        try write(bytes: Array((safe.hasSuffix("\n") ? safe : safe + "\n").utf8))
    }

    /// Writes JSON as it is, but for characters that a terminal would obey: they are escaped.
    ///
    /// - Throws: ``OutputError`` when not all of it was taken.
    public static func write(json: String) throws(OutputError) {
        try write(bytes: Array(TerminalText.escapedJSON(json).utf8))
    }

    /// The columns of the terminal that is standard output; nil for a file or a pipe.
    public static var terminalWidth: Int? {
        guard isatty(1) == 1 else { return nil }
        var size = winsize()
        let isKnown = ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return isKnown ? Int(size.ws_col) : 80
    }

    private static func write(bytes: [UInt8]) throws(OutputError) {
        let status = bytes.withUnsafeBytes { writeAll($0, to: 1) }
        guard status == 0 else { throw OutputError(number: status) }
    }
}

/// Standard error; where it cannot be written there is nobody to tell.
public enum StandardError {
    /// Writes a text, with its line feeds and without any other hidden character, and a line feed
    /// at its end.
    public static func write(_ text: String) {
        let safe = TerminalText.escaped(text, keepsLines: true)
        writeAll(Array((safe.hasSuffix("\n") ? safe : safe + "\n").utf8), to: 2)
    }
}
