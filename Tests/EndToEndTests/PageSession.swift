import GridAPI
import HTTP
import Testing

/// The headers of somebody who has signed in on a page.
struct PageSession {
    private struct Session: Decodable { var csrf: String }

    /// `Cookie` and `X-CSRF`.
    let headers: [String: String]

    /// Signs in as the administrator.
    ///
    /// - Parameters:
    ///   - url: the page's, without a slash at its end.
    ///   - output: what the page's program printed, with the first password.
    /// - Throws: when the page does not let it in.
    init(_ url: String, output: String) async throws {
        let mark = "admin password: "
        let line = try #require(output.split(separator: "\n").first { $0.hasPrefix(mark) })
        let body = ["user": "admin", "password": String(line.dropFirst(mark.count))]
        let door = try await HTTPClient().send(
            HTTPCall(
                method: "POST",
                url: url + "/api/v1/session",
                body: .bytes(Array(try String(json: body).utf8), contentType: "application/json")
            )
        )
        try #require(door.status == 204, "\(door.text)")
        let cookie = String(try #require(door.headers["set-cookie"]?.prefix { $0 != ";" }))
        let answer = try await HTTPClient().send(
            HTTPCall(url: url + "/api/v1/session", headers: ["Cookie": cookie])
        )
        let session: Session = try APIJSON.decoded(from: answer.body)
        headers = ["Cookie": cookie, "X-CSRF": session.csrf]
    }
}
