internal import Foundation
internal import GridAPI
internal import HTTP
internal import Operations
internal import TestBed

/// A running compute-manager, as a client has it.
struct Page: Sendable {
    private struct List: Decodable {
        var next: String?
    }

    private struct Upload: Decodable {
        var id: String
        var bytes: Int64
        var sha256: String?
    }

    let url: String
    let port: Int
    let pid: Int32
    let tokens: [String]
    private let client = HTTPClient()

    init(_ process: RunningProcess, tokens: [String]) {
        let line =
            process.standardOutput.split(separator: "\n").first { $0.hasPrefix("page: ") } ?? ""
        var text = String(line.dropFirst(6))
        if text.hasSuffix("/") { text.removeLast() }
        url = text
        port = text.split(separator: ":").last.flatMap { Int($0) } ?? 0
        pid = process.pid
        self.tokens = tokens
    }

    /// How many jobs its metrics say that it lists.
    func jobCount() async throws -> Int {
        let text = String(decoding: try await client.get("\(url)/metrics").body, as: UTF8.self)
        return text.split(separator: "\n").first { $0.hasPrefix("valgrid_page_jobs ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }.map(Int.init) ?? 0
    }

    /// Asks the API over a new connection, and says how long that took.
    func timed(
        _ path: String,
        token: Int = 0
    ) async throws -> (milliseconds: Double, bytes: Int, next: String?, status: Int) {
        let start = ContinuousClock.now
        let answer = try await client.send(call("GET", path, token: token))
        let time = start.duration(to: .now) / .milliseconds(1)
        let next = try? APIJSON.decoded(List.self, from: answer.body).next
        if answer.status == 429 { try await Task.sleep(for: .seconds(1)) }
        return (time, answer.body.count, next, answer.status)
    }

    /// Bytes of everything that a browser loads before it asks for rows.
    func shellBytes() async throws -> Int {
        let page = try await client.get(url + "/jobs").body
        var seen: Set<String> = []
        var waiting = Self.assets(page)
        var bytes = page.count
        while let asset = waiting.popLast() {
            guard seen.insert(asset).inserted else { continue }
            let body = try await client.get(url + asset).body
            bytes += body.count
            waiting += Self.assets(body)
        }
        return bytes
    }

    /// Sends a file, cut off after a time and continued where that is given; returns its SHA-256.
    func upload(_ path: String, bytes: Int, cutAfter limit: Duration?) async throws -> String? {
        var upload = try await asked(
            call(
                "POST",
                "/uploads?name=large.csv&length=\(bytes)",
                body: .bytes([], contentType: "application/octet-stream")
            )
        )
        if let limit {
            let (id, from) = (upload.id, upload.bytes)
            let cut = Task { try await part(id, path, from: from) }
            try await Task.sleep(for: limit)
            cut.cancel()
            _ = try? await cut.value
            // The server lets go of what was cut a moment later.
            let end = ContinuousClock.now + .seconds(60)
            while upload.sha256 == nil {
                upload = try await asked(call("GET", "/uploads/\(upload.id)"))
                if upload.sha256 != nil { break }
                if (try? await part(upload.id, path, from: upload.bytes)) != nil { break }
                guard ContinuousClock.now < end else {
                    throw TestBedError("an upload that was cut cannot be continued")
                }
                try await Task.sleep(for: .milliseconds(200))
            }
        } else {
            try await part(upload.id, path, from: upload.bytes)
        }
        upload = try await asked(call("GET", "/uploads/\(upload.id)"))
        return upload.sha256
    }

    /// Sends a file in one request; its id.
    func send(_ path: String, name: String) async throws -> String {
        try await asked(
            call("POST", "/uploads?name=\(name)", body: .file(path: path, from: 0))
        ).id
    }

    /// Asks the API, with a JSON body where there is one, as one of the users.
    func answer(
        _ method: String,
        _ path: String,
        _ body: String? = nil,
        token: Int? = nil
    ) async throws -> HTTPAnswer {
        var call = call(method, path, token: token ?? Int.random(in: 0..<tokens.count))
        if let body { call.body = .bytes(Array(body.utf8), contentType: "application/json") }
        return try await client.send(call)
    }

    private func part(_ id: String, _ path: String, from offset: Int64) async throws {
        var call = call("PATCH", "/uploads/\(id)", body: .file(path: path, from: offset))
        call.headers["Upload-Offset"] = "\(offset)"
        let answer = try await client.send(call)
        guard answer.status < 300 else {
            throw TestBedError("an upload was answered with \(answer.status)")
        }
    }

    private func asked(_ call: HTTPCall) async throws -> Upload {
        let answer = try await client.send(call)
        guard answer.status < 300 else {
            throw TestBedError("\(call.url): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try APIJSON.decoded(from: answer.body)
    }

    private func call(_ method: String, _ path: String, token: Int = 0, body: HTTPCall.Body = .none)
        -> HTTPCall
    {
        HTTPCall(
            method: method,
            url: url + "/api/v1" + path,
            headers: ["Authorization": "Bearer \(tokens[token])"],
            body: body,
            timeout: .seconds(120)
        )
    }

    /// The addresses of assets that a page, a style sheet or a module names.
    private static func assets(_ bytes: [UInt8]) -> [String] {
        let text = String(decoding: bytes, as: UTF8.self)
        var found: [String] = []
        for mark in ["\"/assets/", "from \"./", "url(\"/assets/"] {
            var rest = Substring(text)
            while let range = rest.range(of: mark) {
                rest = rest[range.upperBound...]
                found.append("/assets/" + String(rest.prefix { $0 != "\"" }))
            }
        }
        return found
    }
}
