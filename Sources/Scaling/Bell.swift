internal import CProcess
internal import Glibc

/// Wakes a thread that waits in poll(2).
final class Bell: Sendable {
    /// Can be read when it was rung.
    let descriptor: Int32
    private let writingEnd: Int32

    init() throws(ScalingError) {
        var ends: [Int32] = [-1, -1]
        let status = cprocess_pipe(&ends)
        guard status == 0 else {
            throw ScalingError(
                .notPossible,
                "cannot make a pipe: \(String(cString: strerror(status)))"
            )
        }
        // A bell that was rung often enough rings.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        descriptor = ends[0]
        writingEnd = ends[1]
    }

    deinit {
        close(descriptor)
        close(writingEnd)
    }

    /// Wakes the thread, now or when it waits next.
    func ring() {
        var byte: UInt8 = 0
        write(writingEnd, &byte, 1)
    }

    /// Forgets that it was rung.
    func silence() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) > 0 {}
    }
}
