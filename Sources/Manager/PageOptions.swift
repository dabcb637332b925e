internal import Foundation
public import HTTP
public import Operations

/// Where the page of compute-manager listens, on a command line.
public struct PageOptions: Sendable {
    /// The options.
    public static let all: [Option] = [
        Option(
            name: "listen",
            placeholder: "HOST:PORT",
            help: "where the page listens; port 0 for any free one. Other hosts than this machine's"
                + " loopback need TLS, or --behind-tls-proxy",
            default: "127.0.0.1:8080"
        ),
        Option(
            name: "public-host",
            placeholder: "LIST",
            help: "the names that browsers call the page by; others are refused; default: any name"
                + " on loopback, and --listen's host",
            kind: .list
        ),
        Option(
            name: "tls-certificate",
            placeholder: "FILE",
            help: "the page's certificate and its chain, PEM; read anew when it changes"
        ),
        Option(
            name: "tls-key",
            placeholder: "FILE",
            help: "its private key, PEM"
        ),
        Option(
            name: "behind-tls-proxy",
            help: "a proxy in front speaks TLS with browsers",
            kind: .flag
        ),
        Option(
            name: "web",
            placeholder: "DIR",
            help: "the page's files; default: beside the program, or the repository's web"
        ),
        Option(
            name: "environment",
            placeholder: "NAME",
            help: "what the page calls the grid, as production, so that nobody takes it for another"
        ),
    ]

    /// The host.
    public let host: String
    /// The port; 0 for any free one.
    public let port: Int
    /// The certificate; nil for plain HTTP.
    public let tls: TLSFiles?
    /// Whether a proxy in front speaks TLS.
    public let isBehindProxy: Bool
    /// The names that browsers may call the page by; empty for any.
    public let publicHosts: Set<String>
    /// Where the page's files are.
    public let web: String
    /// What the page calls the grid.
    public let environment: String?

    /// Whether browsers reach the page over TLS.
    public var isSecure: Bool { tls != nil || isBehindProxy }

    /// Reads the options.
    ///
    /// - Throws: ``ManagerError`` that says what does not fit.
    public init(_ settings: ParsedCommand) throws(ManagerError) {
        let listen = settings.string("listen")
        guard let colon = listen.lastIndex(of: ":"),
            let port = Int(listen[listen.index(after: colon)...]), (0...65_535).contains(port)
        else {
            throw ManagerError("--listen: `\(listen)` is not HOST:PORT")
        }
        var host = String(listen[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.host = host
        self.port = port
        isBehindProxy = settings.flag("behind-tls-proxy")
        environment = settings.optionalString("environment")
        let certificate = settings.optionalString("tls-certificate")
        let key = settings.optionalString("tls-key")
        switch (certificate, key) {
        case (nil, nil): tls = nil
        case (let certificate?, let key?): tls = TLSFiles(certificate: certificate, key: key)
        default:
            throw ManagerError("--tls-certificate and --tls-key go together")
        }
        let isLocal = Self.isLoopback(host)
        guard isLocal || tls != nil || isBehindProxy else {
            throw ManagerError(
                "--listen: passwords would go over \(host) in clear: give --tls-certificate and"
                    + " --tls-key, or --behind-tls-proxy, or listen on 127.0.0.1"
            )
        }
        let names =
            settings.optionalString("public-host") == nil ? [] : settings.list("public-host")
        publicHosts =
            names.isEmpty && isLocal
            ? ["localhost", "127.0.0.1", "[::1]", host] : Set(names)
        web = try Self.directory(settings.optionalString("web"))
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// The directory of the page's files: as said, or the first that is there.
    private static func directory(_ named: String?) throws(ManagerError) -> String {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let beside = program.deletingLastPathComponent()
        var places = [beside.path + "/web", beside.path + "/../share/valgrid/web"]
        var above = beside
        for _ in 0..<4 {
            above.deleteLastPathComponent()
            places.append(above.path + "/web")
        }
        if let named { places = [named] }
        for place in places where FileManager.default.fileExists(atPath: place + "/index.html") {
            return place
        }
        throw ManagerError(
            "--web: \(named ?? "neither beside the program nor above it") is no directory with the"
                + " page's index.html"
        )
    }
}

extension ManagerService.Configuration {
    /// Takes what the options say of the page.
    public mutating func set(_ options: PageOptions) {
        host = options.host
        port = options.port
        tls = options.tls
        isSecure = options.isSecure
        isBehindProxy = options.isBehindProxy
        publicHosts = options.publicHosts
        environment = options.environment
    }
}

extension ManagerService {
    /// The program `pricer` beside this one; nil when there is none.
    public static var pricerBesideProgram: String? {
        let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("pricer").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }
}
