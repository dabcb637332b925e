internal import Glibc

/// Files of a line, as tokens.
enum SmallFile {
    /// A file's text without white space around it; nil when it is empty, missing or over 64 KiB.
    static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65_537)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            }
            if count > 0 {
                filled += count
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        guard filled < bytes.count else { return nil }
        let isSpace = { (byte: UInt8) in byte <= 0x20 }
        let text = bytes[..<filled].drop(while: isSpace)
        let length = text.reversed().drop(while: isSpace).count
        return length == 0 ? nil : String(decoding: text.prefix(length), as: UTF8.self)
    }
}
