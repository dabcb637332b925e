internal import Foundation
internal import GridProtocol
internal import TestBed

extension Page {
    /// How many users have a token.
    static let users = 64

    /// Users with a token each, since one may have eight streams.
    static func writeUsers(in scratch: Scratch) throws -> [String] {
        var people: [[String: Any]] = []
        var kept: [[String: Any]] = []
        var secrets: [String] = []
        for number in 0..<users {
            let name = number == 0 ? "admin" : "u\(number)"
            let secret =
                "vg_"
                + SHA256.digest(of: Array("\(UInt64.random(in: 0 ..< .max))".utf8)).hexadecimal
                .prefix(43)
            people.append([
                "name": name, "role": "admin", "password": "-", "mustChangePassword": false,
                "disabled": false, "generation": 0, "createdAt": "2026-01-15T00:00:00.000Z",
            ])
            kept.append([
                "id": "t\(number)", "name": "bench", "user": name, "role": "admin",
                "hash": SHA256.digest(of: Array(secret.utf8)).hexadecimal, "createdAt": 0,
                "ends": 4_000_000_000_000_000,
            ])
            secrets.append(String(secret))
        }
        let data = try JSONSerialization.data(withJSONObject: ["users": people, "tokens": kept])
        try FileManager.default.createDirectory(
            atPath: scratch.path("manager"),
            withIntermediateDirectories: true
        )
        try data.write(to: URL(fileURLWithPath: scratch.path("manager/users.json")))
        return secrets
    }
}
