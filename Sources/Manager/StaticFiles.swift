internal import Foundation
internal import HTTP

/// The page's files, read at the start.
///
/// They are served below an address that changes with their content, so that browsers may keep
/// them for ever; every address of the page answers the shell, whose scripts do the rest.
struct StaticFiles: Sendable {
    private let files: [String: (type: String, bytes: [UInt8])]
    private let shell: [UInt8]
    private let version: String

    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml", "png": "image/png",
        "json": "application/json", "ico": "image/x-icon",
    ]

    /// Reads a directory.
    init(directory: String) throws(ManagerError) {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? []
        var files: [String: (type: String, bytes: [UInt8])] = [:]
        let hash = Secrets.Hash()
        for name in names.sorted() {
            guard let type = Self.types[String(name.split(separator: ".").last ?? "")],
                let data = FileManager.default.contents(atPath: "\(directory)/\(name)")
            else { continue }
            files[name] = (type, Array(data))
            hash.update(Array(name.utf8)[...])
            hash.update(Array(data)[...])
        }
        guard let index = files["index.html"] else {
            throw ManagerError(
                "\(directory) holds no index.html of the page; --web says where it is"
            )
        }
        version = String(hash.text.prefix(12))
        self.files = files
        shell = Array(
            String(decoding: index.bytes, as: UTF8.self)
                .replacingOccurrences(of: "/assets/", with: "/assets/\(version)/").utf8
        )
    }

    /// The answer to a request for the page; nil when the path is none of its addresses.
    func response(to request: HTTPRequest) -> HTTPResponse? {
        guard request.method == "GET" else { return nil }
        let parts = request.pathComponents
        guard parts.first == "assets" else {
            guard Self.pages.contains(parts.first ?? "") else { return nil }
            return HTTPResponse(
                contentType: "text/html; charset=utf-8",
                headers: ["Cache-Control": "no-cache"],
                body: .bytes(shell)
            )
        }
        guard parts.count > 2, let file = files[parts.dropFirst(2).joined(separator: "/")] else {
            return .notFound("there is no such file of the page")
        }
        let isCurrent = parts[1] == version
        return HTTPResponse(
            contentType: file.type,
            headers: [
                "Cache-Control": isCurrent
                    ? "public, max-age=31536000, immutable" : "no-cache"
            ],
            body: .bytes(file.bytes)
        )
    }

    private static let pages: Set<String> = [
        "", "jobs", "compare", "engines", "logs", "deadletters", "snapshots", "audit", "account",
        "users", "sign-in", "help",
    ]
}

/// Headers that keep a browser from doing what a page does not need.
enum PageHeaders {
    /// Those of every answer.
    static func all(isTLS: Bool) -> [String: String] {
        var headers = [
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-store",
            "Content-Security-Policy":
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                + "connect-src 'self'; worker-src 'self'; font-src 'self'; form-action 'self'; "
                + "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
        ]
        if isTLS { headers["Strict-Transport-Security"] = "max-age=31536000" }
        return headers
    }

    /// A report has its script inside: it runs as a page of nobody, away from this one.
    static let ofReports =
        "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
        + "style-src 'unsafe-inline'; img-src data:"
}
