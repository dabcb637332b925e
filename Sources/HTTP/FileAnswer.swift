internal import CMicrohttpd
internal import Glibc

/// Answers with a file: whole, in part, or that the asker has it.
enum FileAnswer {
    /// Makes the body, and sets the status and the headers that go with it; nil when there is no
    /// such file.
    static func make(
        _ path: String,
        deleteAfter: Bool,
        _ response: inout HTTPResponse,
        _ asked: [String: String]
    ) -> OpaquePointer? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        if deleteAfter { unlink(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        let size = Int64(status.st_size)
        let tag = self.tag(of: status)
        response.headers["ETag"] = tag
        response.headers["Accept-Ranges"] = "bytes"
        guard response.status == 200 else { return whole(descriptor, size) }
        if let known = asked["if-none-match"], known == "*" || known.contains(tag) {
            close(descriptor)
            response.status = 304
            return httpd_response(nil, 0)
        }
        let isSame = asked["if-range"].map { $0 == tag } ?? true
        switch isSame ? ByteRange(asked["range"], of: size) : .whole {
        case .whole:
            return whole(descriptor, size)
        case .part(let range):
            response.status = 206
            response.headers["Content-Range"] =
                "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            return MHD_create_response_from_fd_at_offset64(
                UInt64(range.count),
                descriptor,
                UInt64(range.lowerBound)
            ) ?? refuse(descriptor)
        case .unsatisfiable:
            close(descriptor)
            response.status = 416
            response.headers["Content-Range"] = "bytes */\(size)"
            return httpd_response(nil, 0)
        }
    }

    private static func whole(_ descriptor: Int32, _ size: Int64) -> OpaquePointer? {
        MHD_create_response_from_fd64(UInt64(size), descriptor) ?? refuse(descriptor)
    }

    private static func refuse(_ descriptor: Int32) -> OpaquePointer? {
        close(descriptor)
        return nil
    }

    /// A file that is written anew has another inode, size or time.
    private static func tag(of status: stat) -> String {
        let time = status.st_mtim
        return "\"\(hex(UInt64(status.st_ino)))-\(hex(UInt64(bitPattern: Int64(status.st_size))))-"
            + "\(hex(UInt64(bitPattern: Int64(time.tv_sec))))\(hex(UInt64(time.tv_nsec)))\""
    }

    private static func hex(_ number: UInt64) -> String { String(number, radix: 16) }
}
