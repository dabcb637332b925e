internal import Foundation
internal import Synchronization

/// A certificate with its chain, and its private key, as PEM files; read anew when they change.
public final class TLSFiles: Sendable {
    struct Identity: Hashable, Sendable {
        var certificate: String
        var key: String
    }

    /// The file of the certificate and its chain.
    public let certificate: String
    /// The file of the private key.
    public let key: String
    private let state = Mutex(State())

    private struct State {
        /// What new connections get.
        var current: Identity?
        /// What was tried last and is no certificate with its key.
        var refused: Identity?
    }

    /// Names the files.
    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// Reads the files, which are in use from then on.
    func read() throws(HTTPServerError) -> Identity {
        let identity = Identity(
            certificate: try Self.text(certificate, "CERTIFICATE"),
            key: try Self.text(key, "PRIVATE KEY")
        )
        use(identity)
        return identity
    }

    /// What the files hold now; nil when it is in use or was refused, or they are no PEM.
    func renewed() -> Identity? {
        guard let certificate = try? Self.text(certificate, "CERTIFICATE"),
            let key = try? Self.text(key, "PRIVATE KEY")
        else { return nil }
        let identity = Identity(certificate: certificate, key: key)
        return state.withLock { [$0.current, $0.refused].contains(identity) } ? nil : identity
    }

    func use(_ identity: Identity) { state.withLock { $0 = State(current: identity) } }

    /// Does not try it again until the files change, as between the writing of one and the other.
    func refuse(_ identity: Identity) { state.withLock { $0.refused = identity } }

    private static func text(_ path: String, _ kind: String) throws(HTTPServerError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw HTTPServerError(reason: "cannot read \(path)")
        }
        let text = String(decoding: data, as: UTF8.self)
        guard text.contains("-----BEGIN "), text.contains("\(kind)-----") else {
            throw HTTPServerError(reason: "\(path) holds no PEM block of a \(kind)")
        }
        return text
    }
}
