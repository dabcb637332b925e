internal import Glibc

/// What /proc says of a process's memory.
enum ProcessMemory {
    /// This process.
    static var ownID: Int32 { getpid() }

    /// The resident memory of a process in bytes; 0 when it has ended.
    static func residentBytes(of pid: Int32) -> Int {
        let descriptor = open("/proc/\(pid)/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(descriptor, &text, text.count)
        guard count > 0 else { return 0 }
        let fields = text[..<count].split(separator: 0x20)
        guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else {
            return 0
        }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
