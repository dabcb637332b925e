internal import CProcess
internal import Glibc

/// A running process of an engine: its end, and what it prints, which goes to its log.
///
/// Used by the thread that started it, which the process does not outlive.
final class EngineProcess {
    let pid: Int32
    /// Can be read when it has ended; -1 where the system does not say so.
    let ending: Int32
    /// What it prints, without waiting; -1 when nothing comes any more.
    private(set) var output: Int32
    private var log: EngineLog

    /// Starts a program; what its predecessor printed becomes the previous log.
    ///
    /// - Parameters:
    ///   - path: the program.
    ///   - arguments: without its name.
    ///   - environment: its variables, all of them.
    ///   - logPath: the file of what it prints.
    /// - Throws: ``ScalingError`` with the system's reason.
    init(
        _ path: String,
        _ arguments: [String],
        _ environment: [String: String],
        logPath: String
    ) throws(ScalingError) {
        var ends: [Int32] = [-1, -1]
        let made = cprocess_pipe(&ends)
        guard made == 0 else {
            throw ScalingError(.notPossible, "cannot make a pipe: \(Self.text(made))")
        }
        defer { close(ends[1]) }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        var variables: [UnsafeMutablePointer<CChar>?] = environment.sorted { $0.key < $1.key }
            .map { strdup("\($0.key)=\($0.value)") }
        variables.append(nil)
        defer { (words + variables).forEach { free($0) } }
        let status = cprocess_start(path, words, variables, ends[1])
        guard status > 0 else {
            close(ends[0])
            throw ScalingError(.notPossible, "cannot start \(path): \(Self.text(-status))")
        }
        pid = status
        output = ends[0]
        ending = cprocess_watch(status)
        log = EngineLog(path: logPath)
        log.rotate()
    }

    deinit {
        if output >= 0 { close(output) }
        if ending >= 0 { close(ending) }
    }

    /// Sends it a signal; it has not been waited for.
    func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// How it ended, for people; nil while it runs.
    ///
    /// Asked no more after its end.
    func end() -> String? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        let signal = status & 0x7F
        return signal == 0
            ? "exited with \((status >> 8) & 0xFF)" : "was ended by signal \(signal)"
    }

    /// Moves what it printed to its log.
    ///
    /// - Parameter chunk: the most that is moved.
    /// - Returns: whether there was something.
    @discardableResult
    func moveOutput(by chunk: inout [UInt8]) -> Bool {
        guard output >= 0 else { return false }
        while true {
            let count = read(output, &chunk, chunk.count)
            if count > 0 {
                log.write(chunk[..<count])
                return true
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return false }
            close(output)
            output = -1
            return false
        }
    }

    private static func text(_ number: Int32) -> String {
        String(cString: strerror(number))
    }
}
