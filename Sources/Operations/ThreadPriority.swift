internal import Glibc

/// How much of the processor a thread gets.
public enum ThreadPriority {
    /// Lets other threads go before the one that calls, from now on.
    ///
    /// On Linux a thread has a nice value of its own.
    public static func lower() {
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    }
}
