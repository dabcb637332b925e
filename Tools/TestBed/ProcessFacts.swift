internal import Foundation
internal import Glibc

/// What the system says of a running process.
package enum ProcessFacts {
    /// The processes that a process has started and that still run.
    package static func children(of pid: Int32) -> [Int32] {
        let threads = "/proc/\(pid)/task"
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: threads)) ?? []
        return tasks.flatMap { task -> [Int32] in
            let path = "\(threads)/\(task)/children"
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            return text.split(separator: " ").compactMap { Int32($0) }
        }
    }

    /// User and system time of a process in seconds; 0 when it is gone.
    package static func cpuSeconds(of pid: Int32) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return 0 }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13])
        else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The most memory that a process was resident with, in megabytes; nil when it is gone.
    package static func peakMegabytes(of pid: Int32) -> Int? {
        let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
        return line?.split(separator: " ").dropLast().last.flatMap { Int($0) }.map { $0 / 1_000 }
    }

    /// A file of a process in `/proc`, as others may read it.
    package static func bytes(of name: String, of pid: Int32) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/\(name)")))
    }
}
