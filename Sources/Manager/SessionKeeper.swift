internal import Foundation
internal import Operations
internal import Synchronization

/// A person who has signed in.
struct Session: Hashable, Sendable {
    /// Names it.
    var id: String
    var user: String
    var generation: Int
    /// Microseconds since 1970 UTC; it ends then in any case.
    var ends: Int64
    /// Microseconds since 1970 UTC; without a request before then it ends.
    var idleEnds: Int64
}

/// Makes and reads the cookies of sessions.
///
/// A cookie carries its session, signed: nothing is kept but the sessions that were ended early.
final class SessionKeeper: Sendable {
    static let length: Int64 = 12 * 3_600_000_000
    static let idle: Int64 = 3_600_000_000
    private static let mostEnded = 100_000

    private let key: [UInt8]
    /// Ends of sessions that were signed out, by id.
    private let ended = Mutex<[String: Int64]>([:])

    /// Signs with the key in a file, which is made where it is not there.
    init(keyFile: String) throws(ManagerError) {
        if let data = FileManager.default.contents(atPath: keyFile) {
            guard data.count == 32 else {
                throw ManagerError("\(keyFile) holds no key of 32 bytes")
            }
            key = Array(data)
            return
        }
        do {
            key = try Secrets.random(32)
            try writeAtomically(key, to: keyFile)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keyFile)
        } catch {
            throw ManagerError("the key of sessions cannot be kept in \(keyFile): \(error)")
        }
    }

    /// Begins a session.
    func begin(_ user: User, at time: Int64) throws(ManagerError) -> Session {
        do throws(Secrets.Failure) {
            return Session(
                id: Base64URL.text(try Secrets.random(15)),
                user: user.name,
                generation: user.generation,
                ends: time + Self.length,
                idleEnds: time + Self.idle
            )
        } catch {
            throw ManagerError(error.description)
        }
    }

    /// The cookie's value.
    func cookie(of session: Session) -> String {
        let text = [
            session.id, Base64URL.text(Array(session.user.utf8)), "\(session.generation)",
            "\(session.ends)", "\(session.idleEnds)",
        ].joined(separator: ".")
        return text + "." + Base64URL.text(Secrets.authentication(of: text, by: key))
    }

    /// The session of a cookie; nil when it is forged, over or ended.
    func session(_ cookie: String, at time: Int64) -> Session? {
        let parts = cookie.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 6, let signature = Base64URL.bytes(parts[5]) else { return nil }
        let text = parts.dropLast().joined(separator: ".")
        guard Secrets.areEqual(signature, Secrets.authentication(of: text, by: key)),
            let user = Base64URL.bytes(parts[1]), let generation = Int(parts[2]),
            let ends = Int64(parts[3]), let idleEnds = Int64(parts[4]),
            time < ends, time < idleEnds
        else { return nil }
        let id = String(parts[0])
        guard ended.withLock({ $0[id] == nil }) else { return nil }
        return Session(
            id: id,
            user: String(decoding: user, as: UTF8.self),
            generation: generation,
            ends: ends,
            idleEnds: idleEnds
        )
    }

    /// The session with its idle time begun anew; nil while that is not worth a new cookie.
    func renewed(_ session: Session, at time: Int64) -> Session? {
        guard session.idleEnds - time < Self.idle - 60_000_000 else { return nil }
        var renewed = session
        renewed.idleEnds = min(session.ends, time + Self.idle)
        return renewed
    }

    /// Ends a session before its time.
    func end(_ id: String, ends: Int64, at time: Int64) {
        ended.withLock { ended in
            if ended.count >= Self.mostEnded { ended = ended.filter { $0.value > time } }
            ended[id] = ends
        }
    }

    /// What a change of this session must carry, so that another site cannot make it.
    func changeToken(of session: Session) -> String {
        Base64URL.text(Secrets.authentication(of: "change \(session.id)", by: key))
    }

    /// Signs a text that comes back, as a cursor.
    func signed(_ text: String) -> String {
        Base64URL.text(Array(text.utf8)) + "."
            + Base64URL.text(
                Array(Secrets.authentication(of: "cursor \(text)", by: key).prefix(12))
            )
    }

    /// The text that was signed; nil when it was not signed here.
    func text(signed: String) -> String? {
        let parts = signed.split(separator: ".")
        guard parts.count == 2, let bytes = Base64URL.bytes(parts[0]) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return self.signed(text) == signed ? text : nil
    }
}
