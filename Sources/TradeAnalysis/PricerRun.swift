internal import CProcess
internal import Glibc
internal import Operations

/// One run of the pricer that answers on its standard output and ends.
struct PricerRun {
    var path: String
    var arguments: [String]
    /// Past it the pricer is killed.
    var timeLimit: Duration
    /// The most bytes that an answer may have.
    var mostBytes = 64 << 20

    /// Runs it and waits; the calling thread lives on until it has ended.
    ///
    /// - Returns: what it printed.
    /// - Throws: ``TradeAnalysisError``; the pricer's own sentence for input that it refuses.
    func answer() throws(TradeAnalysisError) -> [UInt8] {
        let deadline = ContinuousClock.now + timeLimit
        var ends: [Int32] = [-1, -1]
        let made = cprocess_pipe(&ends)
        guard made == 0 else { throw failed("cannot make a pipe: \(Self.text(made))") }
        defer { close(ends[0]) }
        let process = start(output: ends[1])
        close(ends[1])
        guard process > 0 else { throw failed("cannot start \(path): \(Self.text(-process))") }
        var output: [UInt8] = []
        let isWhole = read(from: ends[0], into: &output, until: deadline)
        if !isWhole { kill(process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        guard isWhole else {
            guard output.count <= mostBytes else {
                throw failed("the pricer's answer is over \(mostBytes >> 20) MiB")
            }
            throw TradeAnalysisError(
                .timedOut,
                "the pricer did not answer within \(timeLimit); ask for fewer trades"
            )
        }
        return try result(output, status: status)
    }

    // MARK: Private

    /// What a pricer gets of this program's environment, which may hold passwords.
    private static let variables: Set<String> = [
        "PATH", "HOME", "TMPDIR", "TZ", "TZDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH",
    ]

    /// A trade without a value has an answer too.
    private func result(_ output: [UInt8], status: Int32) throws(TradeAnalysisError) -> [UInt8] {
        let signal = status & 0x7F
        guard signal == 0 else { throw failed("the pricer was ended by signal \(signal)") }
        switch ExitCode(rawValue: (status >> 8) & 0xFF) {
        case .success?, .failedTrades?: return output
        case .usage?:
            let sentence = String(decoding: output.prefix(2_000), as: UTF8.self)
            throw TradeAnalysisError(
                .badInput,
                sentence.split(separator: "\n").joined(separator: "; ")
            )
        default:
            throw failed("the pricer exited with \((status >> 8) & 0xFF)")
        }
    }

    private func start(output: Int32) -> Int32 {
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        var variables: [UnsafeMutablePointer<CChar>?] = processEnvironment()
            .filter { Self.variables.contains($0.key) }
            .sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") }
        variables.append(nil)
        defer { (words + variables).forEach { free($0) } }
        return cprocess_start(path, words, variables, output)
    }

    /// Returns whether the output ended in time, and within its bound.
    private func read(
        from descriptor: Int32,
        into output: inout [UInt8],
        until deadline: ContinuousClock.Instant
    ) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while output.count <= mostBytes {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                output += chunk[..<count]
            } else if count == 0 {
                return true
            } else if errno == EAGAIN {
                let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
                guard left > 0 else { return false }
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&entry, 1, Int32(min(left.rounded(.up), 60_000)))
            } else if errno != EINTR {
                return false
            }
        }
        return false
    }

    private func failed(_ reason: String) -> TradeAnalysisError {
        TradeAnalysisError(.failed, reason)
    }

    private static func text(_ number: Int32) -> String { String(cString: strerror(number)) }
}
