internal import CProcess
internal import Glibc
internal import Synchronization

/// What a child process writes to its standard error, cut into lines.
///
/// Reading never waits, and what it holds is bounded.
final class ErrorOutput: Sendable {
    /// Lines of a child, and how many were dropped because they were not taken in time.
    struct Lines: Hashable {
        var texts: [String] = []
        var dropped = 0
    }

    private struct State {
        var source: Int32
        /// The end that the child gets; closed here once it has it.
        var sink: Int32
        var rest: [UInt8] = []
        var lines = Lines()
    }

    /// A longer line becomes several, bytes.
    static let longestLine = 4_096
    /// How many lines are kept until they are taken.
    static let mostLines = 1_000
    private static let chunk = 65_536

    private let state: Mutex<State>

    /// Makes a pipe for a child to write to.
    ///
    /// - Throws: ``EngineError`` with the system's reason.
    init() throws(EngineError) {
        var ends: [Int32] = [-1, -1]
        let status = cprocess_pipe(&ends)
        guard status == 0 else {
            throw EngineError("cannot make a pipe: \(String(cString: strerror(status)))")
        }
        state = Mutex(State(source: ends[0], sink: ends[1]))
    }

    deinit { close() }

    /// The end for the child; -1 once it was passed on.
    var sink: Int32 { state.withLock { $0.sink } }

    /// Where to wait for more; -1 after the end, which poll ignores.
    var source: Int32 { state.withLock { $0.source } }

    /// Closes this process's copy of the child's end, so that the end of the child is seen.
    func closeSink() {
        state.withLock { Self.close(&$0.sink) }
    }

    /// Reads what there is, at most 1 MiB.
    func read() {
        state.withLock { state in
            for _ in 0..<16 where state.source >= 0 {
                var count = 0
                let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, filled in
                    count = Glibc.read(state.source, buffer.baseAddress, Self.chunk)
                    filled = max(0, count)
                }
                if count > 0 {
                    Self.add(bytes, to: &state)
                } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                    Self.close(&state.source)
                } else if errno == EAGAIN {
                    return
                }
            }
        }
    }

    /// Takes the lines that were read, oldest first.
    func take() -> Lines {
        state.withLock { state in
            defer { state.lines = Lines() }
            return state.lines
        }
    }

    /// Reads the rest, an unfinished line too; later writes of whoever has the pipe are lost.
    func finish() {
        read()
        state.withLock { state in
            if !state.rest.isEmpty { Self.endLine(&state) }
        }
        close()
    }

    // MARK: Private

    private func close() {
        state.withLock { state in
            Self.close(&state.source)
            Self.close(&state.sink)
        }
    }

    private static func close(_ descriptor: inout Int32) {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    private static func add(_ bytes: [UInt8], to state: inout State) {
        for byte in bytes {
            // Not within a character, whose further bytes begin with the bits 10.
            if state.rest.count >= longestLine, byte & 0xC0 != 0x80, byte != 0x0A {
                endLine(&state)
            }
            if byte == 0x0A {
                if !state.rest.isEmpty { endLine(&state) }
            } else if state.rest.count < longestLine + 4 {
                state.rest.append(byte)
            }
        }
    }

    private static func endLine(_ state: inout State) {
        state.lines.texts.append(String(decoding: state.rest, as: UTF8.self))
        state.rest.removeAll(keepingCapacity: true)
        if state.lines.texts.count > mostLines {
            state.lines.texts.removeFirst(mostLines / 2)
            state.lines.dropped += mostLines / 2
        }
    }
}
