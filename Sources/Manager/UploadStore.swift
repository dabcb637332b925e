internal import Foundation
internal import Glibc
internal import HTTP
internal import Operations
internal import Synchronization

/// A file that was sent, or is being sent.
struct UploadAnswer: Codable, Hashable, Sendable {
    var id: String
    /// As the sender called it.
    var name: String
    /// Bytes that came.
    var bytes: Int64
    /// SHA-256 in hexadecimal digits; nil while the file is not whole.
    var sha256: String?
    /// When it is removed, ISO 8601.
    var ends: String
}

/// Files that were sent, on disk for a day.
final class UploadStore: Sendable {
    struct Upload: Sendable {
        var id: String
        var name: String
        var owner: String
        var bytes: Int64 = 0
        var sha256: String?
        /// How many bytes it will have; nil when it comes in one request.
        var length: Int64?
        var ends: Int64
        var isOpen = false
    }

    static let kept: Int64 = 24 * 3_600_000_000
    static let most = 10_000

    /// Bytes of one file at most.
    let limit: Int64
    /// Bytes of all together at most.
    let room: Int64
    private let directory: String
    private let uploads = Mutex<[String: Upload]>([:])

    /// Keeps files in a directory, which is made; what an earlier run left there is removed.
    init(directory: String, limit: Int64, room: Int64) throws(ManagerError) {
        self.directory = directory
        self.limit = limit
        self.room = room
        do {
            try? FileManager.default.removeItem(atPath: directory)
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw ManagerError("uploads cannot be kept in \(directory): \(error)")
        }
    }

    /// Begins a file.
    ///
    /// - Parameters:
    ///   - name: as the sender calls it.
    ///   - owner: who sends it.
    ///   - whole: how many bytes it will have over several requests; nil for one request.
    ///   - length: of the request's body; nil when not known.
    /// - Returns: what takes the body.
    /// - Throws: ``Problem`` when the name is none, or there is no room.
    func begin(
        _ name: String,
        of owner: String,
        whole: Int64?,
        length: Int64?
    ) throws(Problem) -> UploadSink {
        let name = String(name.split(separator: "/").last ?? "")
        guard !name.isEmpty, name.utf8.count <= 200, !name.hasPrefix("."),
            name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else {
            throw Problem(400, "bad_request", "?name= is the file's name, as portfolio.csv")
        }
        let id: String
        do throws(Secrets.Failure) {
            id = "u_" + Base64URL.text(try Secrets.random(12))
        } catch {
            throw Problem(500, "internal", error.description)
        }
        removeOld(at: Timestamp.now)
        try admit(owner, length: whole ?? length ?? 0)
        let upload = Upload(
            id: id,
            name: name,
            owner: owner,
            length: whole,
            ends: Timestamp.now + Self.kept,
            isOpen: true
        )
        do {
            try makeDirectory("\(directory)/\(id)")
        } catch {
            throw Problem(507, "no_room", error.reason)
        }
        uploads.withLock { $0[id] = upload }
        return try sink(id, at: 0)
    }

    /// Goes on with a file.
    func resume(
        _ id: String,
        of owner: String,
        at offset: Int64?,
        length: Int64?
    ) throws(Problem) -> UploadSink {
        let upload = try self.upload(id, of: owner)
        guard upload.sha256 == nil, upload.bytes == offset else {
            throw Problem(409, "wrong_offset", "the upload continues at \(upload.bytes)")
        }
        try admit(owner, length: length ?? 0)
        let isTaken = uploads.withLock { uploads in
            guard uploads[id]?.isOpen == false else { return false }
            uploads[id]?.isOpen = true
            return true
        }
        guard isTaken else {
            throw Problem(409, "wrong_offset", "the upload is going on in another request")
        }
        return try sink(id, at: upload.bytes)
    }

    /// A file of somebody.
    func upload(_ id: String, of owner: String) throws(Problem) -> Upload {
        guard let upload = uploads.withLock({ $0[id] }), upload.owner == owner,
            upload.ends > Timestamp.now
        else {
            throw Problem(404, "unknown_upload", "there is no upload \(id) of yours")
        }
        return upload
    }

    /// Where a whole file lies.
    func path(of id: String, owner: String) throws(Problem) -> (path: String, name: String) {
        let upload = try self.upload(id, of: owner)
        guard upload.sha256 != nil else {
            throw Problem(
                409,
                "wrong_offset",
                "\(upload.name) has not come whole: \(upload.bytes) bytes have"
            )
        }
        return (path(upload), upload.name)
    }

    func answer(_ upload: Upload) -> UploadAnswer {
        UploadAnswer(
            id: upload.id,
            name: upload.name,
            bytes: upload.bytes,
            sha256: upload.sha256,
            ends: Timestamp.iso8601(upload.ends)
        )
    }

    /// Removes a file.
    func remove(_ id: String, of owner: String) throws(Problem) {
        let upload = try self.upload(id, of: owner)
        guard !upload.isOpen else {
            throw Problem(409, "not_possible", "the upload is going on")
        }
        drop(upload)
    }

    // MARK: Private

    private func path(_ upload: Upload) -> String { "\(directory)/\(upload.id)/\(upload.name)" }

    private func sink(_ id: String, at offset: Int64) throws(Problem) -> UploadSink {
        guard let upload = uploads.withLock({ $0[id] }) else {
            throw Problem(404, "unknown_upload", "there is no upload \(id)")
        }
        let descriptor = open(path(upload), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0, lseek(descriptor, 0, SEEK_END) == offset else {
            if descriptor >= 0 { close(descriptor) }
            end(id, bytes: offset, sha256: nil)
            throw Problem(507, "no_room", "the upload cannot be written")
        }
        return UploadSink(self, id: id, descriptor: descriptor, bytes: offset)
    }

    /// Refuses what there is no room for: 2 at a time a person, 8 in all.
    private func admit(_ owner: String, length: Int64) throws(Problem) {
        guard length <= limit else {
            throw Problem(413, "too_large", "a file may have \(limit) bytes")
        }
        let problem = uploads.withLock { uploads -> Problem? in
            let open = uploads.values.filter(\.isOpen)
            guard open.count < 8, open.count(where: { $0.owner == owner }) < 2 else {
                return Problem(
                    429,
                    "too_many_uploads",
                    "two uploads at a time, eight of all people",
                    retryAfter: 5
                )
            }
            let taken = uploads.values.reduce(0) { $0 + $1.bytes }
            guard taken + length <= room, uploads.count < Self.most else {
                return Problem(507, "no_room", "uploads take \(taken) of \(room) bytes already")
            }
            return nil
        }
        if let problem { throw problem }
    }

    private func removeOld(at time: Int64) {
        let old = uploads.withLock { $0.values.filter { $0.ends < time && !$0.isOpen } }
        for upload in old { drop(upload) }
    }

    private func drop(_ upload: Upload) {
        _ = uploads.withLock { $0.removeValue(forKey: upload.id) }
        try? FileManager.default.removeItem(atPath: "\(directory)/\(upload.id)")
    }

    /// A request's part of a file has ended.
    fileprivate func end(_ id: String, bytes: Int64, sha256: String?) {
        uploads.withLock { uploads in
            uploads[id]?.isOpen = false
            uploads[id]?.bytes = bytes
            uploads[id]?.sha256 = sha256
        }
    }

    fileprivate func finish(
        _ id: String,
        bytes: Int64,
        isStored: Bool,
        isFirst: Bool
    ) -> HTTPResponse {
        guard let upload = uploads.withLock({ $0[id] }) else { return .notFound() }
        let path = "/api/v1/uploads"
        guard isStored, bytes <= upload.length ?? .max else {
            // It can never be whole: its room is for others.
            drop(upload)
            let isTooLarge = bytes >= upload.length ?? limit
            return isTooLarge
                ? Problem(
                    413,
                    "too_large",
                    "the file may have \(upload.length ?? limit) bytes"
                ).response(to: path)
                : Problem(507, "no_room", "the disk is full").response(to: path)
        }
        let isWhole = upload.length.map { $0 == bytes } ?? true
        let hash = isWhole ? Self.hash(self.path(upload)) : nil
        end(id, bytes: bytes, sha256: hash)
        var done = upload
        (done.bytes, done.sha256) = (bytes, hash)
        var response =
            (isFirst ? try? HTTPResponse.value(answer(done), status: 201) : nil) ?? .done
        response.headers["Location"] = "\(path)/\(id)"
        response.headers["Upload-Offset"] = "\(bytes)"
        return response
    }

    private static func hash(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let hash = Secrets.Hash()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { return nil }
            guard count > 0 else { return hash.text }
            hash.update(buffer[..<count])
        }
    }
}

/// Writes a body to its file.
final class UploadSink: HTTPUpload {
    private let store: UploadStore
    private let id: String
    private let descriptor: Int32
    private var bytes: Int64
    private let isFirst: Bool
    private var isStored = true

    fileprivate init(_ store: UploadStore, id: String, descriptor: Int32, bytes: Int64) {
        self.store = store
        self.id = id
        self.descriptor = descriptor
        self.bytes = bytes
        isFirst = bytes == 0
    }

    deinit { close(descriptor) }

    func receive(_ part: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes + Int64(part.count) <= store.limit else {
            (isStored, bytes) = (false, store.limit)
            return false
        }
        var done = 0
        while done < part.count {
            let count = write(descriptor, part.baseAddress.map { $0 + done }, part.count - done)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                isStored = false
                return false
            }
            done += count
            bytes += Int64(count)
        }
        return true
    }

    func finish() -> HTTPResponse {
        store.finish(id, bytes: bytes, isStored: isStored, isFirst: isFirst)
    }

    func abort() { store.end(id, bytes: bytes, sha256: nil) }
}
