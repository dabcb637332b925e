internal import Foundation
internal import GridAPI
internal import Operations
internal import Synchronization

/// A person who may sign in.
public struct User: Codable, Hashable, Sendable {
    /// 1 to 64 of a-z, 0-9, `.`, `_`, `-` and `@`.
    public var name: String
    /// What they may.
    public var role: Role
    /// `scrypt$15$8$1$SALT$HASH`.
    var password: String
    /// Whether the password was given and not chosen.
    public var mustChangePassword: Bool
    /// Whether they may not sign in.
    public var disabled: Bool
    /// Counts what ends their sessions: a new password or role.
    var generation: Int
    /// ISO 8601.
    public var createdAt: String
}

/// A secret that a script signs in with.
public struct AccessToken: Codable, Hashable, Sendable {
    /// Names it where it is listed.
    public var id: String
    /// What it is for.
    public var name: String
    /// Whose it is.
    public var user: String
    /// What it may.
    public var role: Role
    /// SHA-256 of the secret, in hexadecimal digits.
    var hash: String
    /// Microseconds since 1970 UTC.
    public var createdAt: Int64
    /// Microseconds since 1970 UTC.
    public var ends: Int64
}

/// Users and tokens, in a file that only its owner reads.
public final class UserStore: Sendable {
    private struct Content: Codable {
        var users: [User] = []
        var tokens: [AccessToken] = []
    }

    private struct State {
        var content = Content()
        var lastUsed: [String: Int64] = [:]
    }

    /// The first password of `admin`, where the file was made just now; to be shown once.
    public let firstPassword: String?
    private let path: String
    private let cost: Int
    /// What an unknown user's password is compared with, so that it takes the same time.
    private let decoy: String
    private let state: Mutex<State>

    static let mostTokens = 1_000
    static let mostUsers = 10_000

    /// Opens the file, or makes it with the user `admin`.
    ///
    /// `cost`: the logarithm of scrypt's N for new passwords.
    ///
    /// - Throws: ``ManagerError`` when the file cannot be read or made.
    public init(path: String, cost: Int = 15) throws(ManagerError) {
        self.path = path
        self.cost = cost
        var content = Content()
        var password: String?
        if FileManager.default.fileExists(atPath: path) {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw ManagerError("cannot read \(path)")
            }
            do {
                content = try APIJSON.decoded(Content.self, from: Array(data))
            } catch {
                throw ManagerError("\(path) is no list of users: \(error)")
            }
        }
        do {
            decoy = try Self.hashed(Base64URL.text(try Secrets.random(16)), cost: cost)
            if content.users.isEmpty {
                let made = try Self.newPassword()
                content.users = [
                    User(
                        name: "admin",
                        role: .admin,
                        password: try Self.hashed(made, cost: cost),
                        mustChangePassword: true,
                        disabled: false,
                        generation: 0,
                        createdAt: Timestamp.iso8601(Timestamp.now)
                    )
                ]
                password = made
            }
        } catch {
            throw ManagerError("\(error)")
        }
        firstPassword = password
        state = Mutex(State(content: content))
        if password != nil { try write(content) }
    }

    // MARK: Users

    /// All users, by name.
    public var users: [User] {
        state.withLock { $0.content.users.sorted { $0.name < $1.name } }
    }

    /// The user of a name; nil when there is none or they may not sign in.
    func user(_ name: String) -> User? {
        state.withLock { $0.content.users.first { $0.name == name && !$0.disabled } }
    }

    /// The user whose name and password these are; nil when they are none's.
    func user(_ name: String, password: String) -> User? {
        let known = user(name)
        let isRight = Self.isRight(password, known?.password ?? decoy)
        return isRight ? known : nil
    }

    /// Adds a user, and returns their first password.
    public func add(_ name: String, role: Role) throws(ManagerError) -> String {
        guard Self.isName(name) else {
            throw ManagerError("a user's name is 1 to 64 of a-z 0-9 . _ - @")
        }
        let password = try self.password()
        let user = User(
            name: name,
            role: role,
            password: try hashed(password),
            mustChangePassword: true,
            disabled: false,
            generation: 0,
            createdAt: Timestamp.iso8601(Timestamp.now)
        )
        try change { content throws(ManagerError) in
            guard !content.users.contains(where: { $0.name == name }) else {
                throw ManagerError("there is a user \(name) already")
            }
            guard content.users.count < Self.mostUsers else {
                throw ManagerError("there are \(Self.mostUsers) users, the most there may be")
            }
            content.users.append(user)
        }
        return password
    }

    /// Changes a user, whose sessions end.
    ///
    /// At least one admin stays who may sign in.
    public func change(
        _ name: String,
        _ body: (inout User) -> Void
    ) throws(ManagerError) {
        try change { content throws(ManagerError) in
            guard let place = content.users.firstIndex(where: { $0.name == name }) else {
                throw ManagerError("there is no user \(name)")
            }
            body(&content.users[place])
            content.users[place].generation += 1
            try Self.demandAdmin(content)
        }
    }

    /// Gives a user a new password, which they must change, and returns it.
    public func resetPassword(of name: String) throws(ManagerError) -> String {
        let password = try self.password()
        let hash = try hashed(password)
        try change(name) { user in
            user.password = hash
            user.mustChangePassword = true
        }
        return password
    }

    /// Sets the password that a user chose.
    func setPassword(of name: String, to password: String) throws(ManagerError) {
        guard (12...256).contains(password.count) else {
            throw ManagerError("a password has 12 to 256 characters")
        }
        let hash = try hashed(password)
        try change(name) { user in
            user.password = hash
            user.mustChangePassword = false
        }
    }

    /// Removes a user and their tokens.
    func remove(_ name: String) throws(ManagerError) {
        try change { content throws(ManagerError) in
            guard content.users.contains(where: { $0.name == name }) else {
                throw ManagerError("there is no user \(name)")
            }
            content.users.removeAll { $0.name == name }
            content.tokens.removeAll { $0.user == name }
            try Self.demandAdmin(content)
        }
    }

    // MARK: Tokens

    /// Makes a token, and returns its secret, which is not kept.
    func makeToken(
        _ name: String,
        of user: String,
        role: Role,
        days: Int,
        at time: Int64 = Timestamp.now
    ) throws(ManagerError) -> (token: AccessToken, secret: String) {
        let secret: String
        let id: String
        do {
            secret = "vg_" + Base64URL.text(try Secrets.random(32))
            id = Base64URL.text(try Secrets.random(9))
        } catch {
            throw ManagerError("\(error)")
        }
        let token = AccessToken(
            id: id,
            name: name,
            user: user,
            role: role,
            hash: Self.hex(Secrets.hash(Array(secret.utf8))),
            createdAt: time,
            ends: time + Int64(days) * 86_400_000_000
        )
        try change { content throws(ManagerError) in
            content.tokens.removeAll { $0.ends < time }
            guard content.tokens.count < Self.mostTokens else {
                throw ManagerError("there are \(Self.mostTokens) tokens: delete some")
            }
            content.tokens.append(token)
        }
        return (token, secret)
    }

    /// The token of a secret and its user; nil when it is none's, or has ended.
    func token(
        _ secret: some StringProtocol,
        at time: Int64 = Timestamp.now
    ) -> (token: AccessToken, user: User)? {
        let hash = Self.hex(Secrets.hash(Array(secret.utf8)))
        return state.withLock { state in
            guard
                let token = state.content.tokens.first(where: { $0.hash == hash }),
                token.ends > time,
                let user = state.content.users.first(where: { $0.name == token.user }),
                !user.disabled
            else { return nil }
            state.lastUsed[token.id] = time
            return (token, user)
        }
    }

    /// The tokens of a user, or all, and when each was last used since the start.
    func tokens(of user: String?) -> [(token: AccessToken, lastUsed: Int64?)] {
        state.withLock { state in
            state.content.tokens.filter { user == nil || $0.user == user }
                .map { ($0, state.lastUsed[$0.id]) }
        }
    }

    /// Removes a token of a user, or of anybody; returns whether there was one.
    func removeToken(_ id: String, of user: String?) throws(ManagerError) -> Bool {
        var found = false
        try change { content throws(ManagerError) in
            let count = content.tokens.count
            content.tokens.removeAll { $0.id == id && (user == nil || $0.user == user) }
            found = content.tokens.count < count
        }
        return found
    }

    // MARK: Private

    private func change(
        _ body: (inout Content) throws(ManagerError) -> Void
    ) throws(ManagerError) {
        let result = state.withLock { state -> Result<Void, ManagerError> in
            var content = state.content
            do throws(ManagerError) {
                try body(&content)
                try write(content)
                state.content = content
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private func write(_ content: Content) throws(ManagerError) {
        do {
            // The temporary file that is moved over it is made for its owner alone.
            try writeAtomically(try APIJSON.encoded(content), to: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch {
            throw ManagerError("users cannot be kept in \(path): \(error)")
        }
    }

    private static func demandAdmin(_ content: Content) throws(ManagerError) {
        guard content.users.contains(where: { $0.role == .admin && !$0.disabled }) else {
            throw ManagerError("at least one admin must be able to sign in")
        }
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
                    || [0x2E, 0x5F, 0x2D, 0x40].contains(byte)
            }
    }

    private func password() throws(ManagerError) -> String {
        do throws(Secrets.Failure) {
            return try Self.newPassword()
        } catch {
            throw ManagerError(error.description)
        }
    }

    private func hashed(_ password: String) throws(ManagerError) -> String {
        do throws(Secrets.Failure) {
            return try Self.hashed(password, cost: cost)
        } catch {
            throw ManagerError(error.description)
        }
    }

    private static func newPassword() throws(Secrets.Failure) -> String {
        Base64URL.text(try Secrets.random(15))
    }

    private static func hashed(_ password: String, cost: Int) throws(Secrets.Failure) -> String {
        let salt = try Secrets.random(16)
        let key = try Secrets.scrypt(password, salt: salt, cost: cost)
        return "scrypt$\(cost)$8$1$\(Base64URL.text(salt))$\(Base64URL.text(key))"
    }

    private static func isRight(_ password: String, _ hash: String) -> Bool {
        let parts = hash.split(separator: "$")
        guard parts.count == 6, parts[0] == "scrypt", let cost = Int(parts[1]),
            (10...16).contains(cost), let salt = Base64URL.bytes(parts[4]),
            let key = Base64URL.bytes(parts[5]),
            let made = try? Secrets.scrypt(password, salt: salt, cost: cost)
        else { return false }
        return Secrets.areEqual(key, made)
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
