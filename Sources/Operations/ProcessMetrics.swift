internal import CProcess
internal import Glibc

extension MetricsRegistry {
    /// Adds the metrics that Prometheus expects of every process, and valgrid's version.
    ///
    /// CPU seconds, resident bytes, start time, open and permitted file descriptors, threads.
    ///
    /// - Parameter program: the program's name, a label of `valgrid_build_info`.
    public func registerProcessMetrics(program: String) {
        counter("process_cpu_seconds_total", help: "User and system CPU time.") {
            cprocess_cpu_seconds()
        }
        gauge("process_resident_memory_bytes", help: "Resident memory.") {
            (ProcessStatistics.fields(of: "statm").dropFirst().first ?? 0)
                * Double(sysconf(Int32(_SC_PAGESIZE)))
        }
        let started = Double(Timestamp.now) / 1e6
        gauge("process_start_time_seconds", help: "When the process started, since 1970.") {
            ProcessStatistics.startTime ?? started
        }
        gauge("process_open_fds", help: "Open file descriptors.") {
            Double(ProcessStatistics.openDescriptors)
        }
        gauge("process_max_fds", help: "Permitted file descriptors.") {
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            return Double(limit.rlim_cur)
        }
        gauge(
            "valgrid_build_info",
            help: "The version, as a label.",
            labels: ["program": program, "version": BuildInformation.version]
        ) { 1 }
    }
}

/// The values of /proc for this process.
enum ProcessStatistics {
    /// The numbers of a file in /proc/self, or none.
    static func fields(of file: String) -> [Double] {
        guard let bytes = contents(ofFile: "/proc/self/\(file)") else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .map { Double($0) ?? 0 }
    }

    /// Seconds from 1970 to the start of this process: the boot's time plus field 22 of stat.
    static var startTime: Double? {
        guard let stat = contents(ofFile: "/proc/self/stat"),
            let system = contents(ofFile: "/proc/stat")
        else { return nil }
        // The program's name, in parentheses, may contain blanks.
        let fields = String(decoding: stat, as: UTF8.self).split(separator: ")").last?
            .split(separator: " ")
        let boot = String(decoding: system, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("btime ") }?.split(separator: " ").last
        guard let fields, fields.count > 19, let ticks = Double(fields[19]),
            let boot, let bootSeconds = Double(boot)
        else { return nil }
        return bootSeconds + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// How many file descriptors are open, that of the count itself left out.
    static var openDescriptors: Int {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return max(0, count - 3)
    }
}
