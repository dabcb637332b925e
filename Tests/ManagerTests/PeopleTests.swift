import Foundation
import Operations
import Testing

@testable import Manager

/// A directory of its own, removed at the end.
final class Directory: Sendable {
    let path = FileManager.default.temporaryDirectory.path + "/manager-\(UUID().uuidString)"

    init() throws { try makeDirectory(path) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct UserStoreTests {
    private let directory: Directory
    private let path: String

    init() throws {
        directory = try Directory()
        path = directory.path + "/users.json"
    }

    /// As cheap as scrypt is allowed to be: tests hash many passwords.
    private func store() throws -> UserStore { try UserStore(path: path, cost: 10) }

    @Test func theFirstStartMakesAnAdminWithAPasswordOfOneUse() throws {
        let first = try store()
        let password = try #require(first.firstPassword)
        let admin = try #require(first.user("admin", password: password))
        #expect(admin.role == .admin)
        #expect(admin.mustChangePassword)
        #expect(first.user("admin", password: password + "x") == nil)
        #expect(first.user("nobody", password: password) == nil)
        let again = try store()
        #expect(again.firstPassword == nil)
        #expect(again.user("admin", password: password) == admin)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!text.contains(password))
        #expect(text.contains("scrypt$10$8$1$"))
    }

    @Test func aChangedPasswordOrRoleEndsSessions() throws {
        let store = try store()
        let given = try store.add("vera", role: .viewer)
        #expect(store.user("vera", password: given)?.generation == 0)
        try store.setPassword(of: "vera", to: "twelve characters")
        #expect(store.user("vera", password: given) == nil)
        let vera = try #require(store.user("vera", password: "twelve characters"))
        #expect(vera.generation == 1)
        #expect(!vera.mustChangePassword)
        try store.change("vera") { $0.role = .operator_ }
        #expect(store.user("vera")?.generation == 2)
        try store.change("vera") { $0.disabled = true }
        #expect(store.user("vera", password: "twelve characters") == nil)
    }

    @Test(arguments: ["short", ""])
    func aShortPasswordIsRefused(password: String) throws {
        let store = try store()
        #expect(throws: ManagerError("a password has 12 to 256 characters")) {
            try store.setPassword(of: "admin", to: password)
        }
    }

    @Test func theLastAdminStays() throws {
        let store = try store()
        let reason = ManagerError("at least one admin must be able to sign in")
        #expect(throws: reason) { try store.remove("admin") }
        #expect(throws: reason) { try store.change("admin") { $0.role = .viewer } }
        #expect(throws: reason) { try store.change("admin") { $0.disabled = true } }
        _ = try store.add("second", role: .admin)
        try store.remove("admin")
        #expect(store.users.map(\.name) == ["second"])
    }

    @Test(arguments: ["", "Vera", "ve ra", "a/b", String(repeating: "a", count: 65)])
    func aNameThatIsNoneIsRefused(name: String) throws {
        let store = try store()
        #expect(throws: ManagerError("a user's name is 1 to 64 of a-z 0-9 . _ - @")) {
            try store.add(name, role: .viewer)
        }
    }

    @Test func aTokenIsItsOwnersUntilItEnds() throws {
        let store = try store()
        let (token, secret) = try store.makeToken(
            "script",
            of: "admin",
            role: .operator_,
            days: 1,
            at: 1_000
        )
        #expect(secret.hasPrefix("vg_"))
        let found = try #require(store.token(secret, at: 2_000))
        #expect(found.token == token)
        #expect(found.user.name == "admin")
        #expect(store.token(secret + "x", at: 2_000) == nil)
        #expect(store.token(secret, at: token.ends) == nil)
        #expect(try !String(contentsOfFile: path, encoding: .utf8).contains(secret))
        #expect(try !store.removeToken(token.id, of: "vera"))
        #expect(try store.removeToken(token.id, of: "admin"))
        #expect(store.token(secret, at: 2_000) == nil)
    }
}

@Suite struct SessionKeeperTests {
    private let directory: Directory
    private let keeper: SessionKeeper
    private let user: User

    init() throws {
        directory = try Directory()
        keeper = try SessionKeeper(keyFile: directory.path + "/key")
        user = User(
            name: "vera@desk",
            role: .viewer,
            password: "",
            mustChangePassword: false,
            disabled: false,
            generation: 3,
            createdAt: ""
        )
    }

    @Test func aCookieCarriesItsSessionAndNoOther() throws {
        let session = try keeper.begin(user, at: 0)
        let cookie = keeper.cookie(of: session)
        #expect(keeper.session(cookie, at: 1) == session)
        #expect(session.generation == 3)
        // A program that was started again with the same key knows it; one with another does not.
        let again = try SessionKeeper(keyFile: directory.path + "/key")
        #expect(again.session(cookie, at: 1) == session)
        let other = try SessionKeeper(keyFile: directory.path + "/other")
        #expect(other.session(cookie, at: 1) == nil)
    }

    @Test func anyChangeOfACookieIsSeen() throws {
        let cookie = Array(keeper.cookie(of: try keeper.begin(user, at: 0)).utf8)
        for place in cookie.indices {
            var forged = cookie
            forged[place] = forged[place] == 0x41 ? 0x42 : 0x41
            #expect(keeper.session(String(decoding: forged, as: UTF8.self), at: 1) == nil)
        }
    }

    @Test func aSessionEndsIdleByTimeAndWhenItIsSignedOut() throws {
        let session = try keeper.begin(user, at: 0)
        let cookie = keeper.cookie(of: session)
        #expect(keeper.session(cookie, at: SessionKeeper.idle - 1) != nil)
        #expect(keeper.session(cookie, at: SessionKeeper.idle) == nil)
        let renewed = try #require(keeper.renewed(session, at: SessionKeeper.idle / 2))
        let later = keeper.cookie(of: renewed)
        #expect(keeper.session(later, at: SessionKeeper.idle) == renewed)
        var last = renewed
        last.idleEnds = .max
        #expect(keeper.session(keeper.cookie(of: last), at: SessionKeeper.length) == nil)
        keeper.end(session.id, ends: session.ends, at: 0)
        #expect(keeper.session(later, at: 1) == nil)
    }

    @Test func aCursorThatWasMadeElsewhereIsRefused() {
        let signed = keeper.signed("'2026-01-15\njob-1")
        #expect(keeper.text(signed: signed) == "'2026-01-15\njob-1")
        #expect(keeper.text(signed: signed + "A") == nil)
        #expect(keeper.text(signed: "abc") == nil)
        #expect(keeper.text(signed: "") == nil)
    }
}

@Suite struct RateLimiterTests {
    @Test func aBurstPassesAndThenTheRate() {
        let limiter = RateLimiter(rate: 2, burst: 3)
        let start = ContinuousClock.now
        for _ in 0..<3 { #expect(limiter.take("a", at: start) == nil) }
        #expect(limiter.take("a", at: start) == 1)
        #expect(limiter.take("b", at: start) == nil)
        #expect(limiter.take("a", at: start + .milliseconds(600)) == nil)
    }

    @Test func whoDoesNotStopWaitsTwiceAsLongEachTime() {
        let limiter = RateLimiter(rate: 1, burst: 1, isDoubling: true)
        let start = ContinuousClock.now
        #expect(limiter.take("a", at: start) == nil)
        let waits = (0..<4).compactMap { _ in limiter.take("a", at: start) }
        #expect(waits.count == 4)
        #expect(zip(waits, waits.dropFirst()).allSatisfy { $0 < $1 })
        #expect(limiter.take("a", at: start + .seconds(3_700)) == nil)
    }
}

@Suite struct Base64URLTests {
    @Test func bytesComeBack() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(Base64URL.bytes(Base64URL.text(bytes)) == bytes)
        }
        #expect(Base64URL.bytes("a+b") == nil)
    }
}
