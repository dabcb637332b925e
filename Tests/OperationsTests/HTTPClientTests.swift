import Dispatch
import Foundation
import HTTP
import Operations
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPClientTests {
    /// A directory with a certificate authority and a server's certificate for 127.0.0.1.
    private struct Certificates {
        let path: String
        var authority: String { path + "/ca.pem" }
        var files: TLSFiles {
            TLSFiles(certificate: path + "/server.pem", key: path + "/server.key")
        }

        init() throws {
            path = FileManager.default.temporaryDirectory.path + "/tls-\(UUID().uuidString)"
            try makeDirectory(path)
            try openssl(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/CN=authority",
                "-days",
                "2",
                "-keyout",
                "ca.key",
                "-out",
                "ca.pem"
            )
            try issue(serial: 1)
        }

        func issue(serial: Int) throws {
            try openssl(
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/CN=server",
                "-keyout",
                "server.key",
                "-out",
                "server.csr"
            )
            try writeAtomically(
                Array("subjectAltName=IP:127.0.0.1\n".utf8),
                to: path + "/extensions"
            )
            try openssl(
                "x509",
                "-req",
                "-in",
                "server.csr",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-set_serial",
                "\(serial)",
                "-days",
                "2",
                "-extfile",
                "extensions",
                "-out",
                "server.pem"
            )
        }

        func remove() { try? FileManager.default.removeItem(atPath: path) }

        private func openssl(_ arguments: String...) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            process.arguments = arguments
            process.currentDirectoryURL = URL(fileURLWithPath: path)
            process.standardError = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "openssl \(arguments)")
        }
    }

    private func client(trusting authority: String?) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.authorities = authority
        configuration.token = { "vg_secret" }
        return HTTPClient(configuration: configuration)
    }

    @Test func aServerIsTrustedByItsOwnAuthorityOnly() async throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        let server = try HTTPServer(tls: certificates.files, logger: .silent) {
            .text($0.headers["authorization"] ?? "")
        }
        let url = "https://127.0.0.1:\(server.port)/"
        #expect(
            try await client(trusting: certificates.authority).get(url).text == "Bearer vg_secret"
        )
        let error = await thrown(HTTPClientError.self) {
            _ = try await client(trusting: nil).get(url)
        }
        #expect(error?.code == .untrusted)
        await server.shutdown()
    }

    @Test func aRenewedCertificateIsUsedOnceItFitsItsKey() async throws {
        let (certificates, renewed) = (try Certificates(), try Certificates())
        defer {
            certificates.remove()
            renewed.remove()
        }
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let logger = Logger(label: "test", descriptor: nil) { continuation.yield($0.message) }
        var limits = HTTPServer.Limits()
        limits.certificateSeconds = 1
        let server = try HTTPServer(limits: limits, tls: certificates.files, logger: logger) { _ in
            .text("answer")
        }
        let url = "https://127.0.0.1:\(server.port)/"
        func put(_ name: String) throws {
            let data = try Data(contentsOf: URL(fileURLWithPath: renewed.path + "/" + name))
            try writeAtomically(Array(data), to: certificates.path + "/" + name)
        }
        var next = lines.makeAsyncIterator()
        try put("server.pem")
        #expect(
            await next.next()
                == "the renewed certificate does not fit its key, the earlier one stays"
        )
        #expect(try await client(trusting: certificates.authority).get(url).text == "answer")
        try put("server.key")
        #expect(await next.next() == "the renewed certificate is in use")
        #expect(try await client(trusting: renewed.authority).get(url).text == "answer")
        let error = await thrown(HTTPClientError.self) {
            _ = try await client(trusting: certificates.authority).get(url)
        }
        #expect(error?.code == .untrusted)
        await server.shutdown()
    }

    @Test func whatIsNoCertificateIsRefusedAtTheStart() throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        let key = certificates.path + "/server.key"
        let error = thrown(HTTPServerError.self) {
            _ = try HTTPServer(
                tls: TLSFiles(certificate: key, key: key),
                logger: .silent
            ) { _ in nil }
        }
        #expect(error?.reason == "\(key) holds no PEM block of a CERTIFICATE")
    }

    @Test func aStreamComesInPartsAndEndsWhenTheTaskIsCancelled() async throws {
        let closed = DispatchSemaphore(value: 0)
        let sent = Mutex(0)
        let server = try HTTPServer(logger: .silent) { _ in
            .events(
                HTTPStream(keepAlive: [0x0A]) { limit in
                    let number = sent.withLock { sent in
                        sent += 1
                        return sent
                    }
                    guard number > 2 else { return .bytes(Array("\(number);".utf8)) }
                    let isOver = closed.wait(timeout: .now() + limit / .seconds(1)) == .success
                    return isOver ? .end : .nothing
                } close: {
                    closed.signal()
                }
            )
        }
        let url = "http://127.0.0.1:\(server.port)/"
        let (parts, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let task = Task {
            await thrown(HTTPClientError.self) {
                try await HTTPClient().stream(HTTPCall(url: url)) { part in
                    continuation.yield(part)
                    return true
                }
            }
        }
        var text = ""
        for await part in parts {
            text += String(decoding: part, as: UTF8.self)
            if text == "1;2;" { break }
        }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        await server.shutdown()
    }

    @Test func aFileIsSentFromAnOffset() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/send-\(UUID().uuidString)"
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try writeAtomically(bytes, to: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let seen = Mutex<[HTTPRequest]>([])
        let server = try HTTPServer(logger: .silent) { request in
            seen.withLock { $0.append(request) }
            return .text("", status: 204)
        }
        let url = "http://127.0.0.1:\(server.port)/uploads/1"
        let call = HTTPCall(method: "PATCH", url: url, body: .file(path: path, from: 1_000))
        #expect(try await HTTPClient().send(call).status == 204)
        let request = try #require(seen.withLock { $0.first })
        #expect(request.method == "PATCH")
        #expect(request.body == Array(bytes.dropFirst(1_000)))
        let missing = await thrown(HTTPClientError.self) {
            _ = try await HTTPClient().send(
                HTTPCall(method: "PUT", url: url, body: .file(path: "/no/such", from: 0))
            )
        }
        #expect(missing?.reason == "cannot send /no/such to \(url): it cannot be read")
        await server.shutdown()
    }

    @Test(arguments: ["DELETE", "PUT", "HEAD"])
    func everyMethodArrivesAsItIs(method: String) async throws {
        let seen = Mutex("")
        let server = try HTTPServer(logger: .silent) { request in
            seen.withLock { $0 = request.method }
            return .text("x")
        }
        let call = HTTPCall(method: method, url: "http://127.0.0.1:\(server.port)/")
        #expect(try await HTTPClient().send(call).status == 200)
        // A HEAD is answered as a GET without its body.
        #expect(seen.withLock { $0 } == (method == "HEAD" ? "GET" : method))
        await server.shutdown()
    }
}
