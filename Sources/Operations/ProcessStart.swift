internal import CProcess
internal import Glibc

/// What every program does first, and how it ends when its reader has gone.
public enum ProcessStart {
    /// Prepares the process.
    ///
    /// Raises the limit of open files to what the system allows, and makes a closed pipe or a file
    /// that may not grow an error instead of a death. A trap of a library that may open no more
    /// files ends the process with a sentence that says so.
    public static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        cprocess_explain_open_files(
            "no more files can be opened: the process has as many as its limit allows; raise it, as"
                + " with `ulimit -n`, or start fewer engines\n"
        )
    }

    /// How many files the process may have open at a time.
    public static var openFilesLimit: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return .max
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// Ends the process as programs end whose reader has gone: by SIGPIPE, without a word.
    public static func endBySIGPIPE() -> Never {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
        _exit(128 + SIGPIPE)
    }
}
