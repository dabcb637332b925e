import HTTP
import Testing

@Suite struct BearerTokenTests {
    private let text = "0123456789abcdef"

    @Test(arguments: [
        "", "0123456789abcde", "0123456789 abcdef", "0123456789abcdef\n\n", "0123456789abcdéf",
        String(repeating: "x", count: 513),
    ])
    func whatIsNoTokenIsRefused(text: String) {
        #expect(BearerToken(text) == nil)
    }

    @Test func aRequestCarriesItInItsHeader() throws {
        let token = try #require(BearerToken(text + "\n"))
        #expect(token.text == text)
        func isCarried(_ header: String?) -> Bool {
            token.isCarried(
                by: HTTPRequest(path: "/", headers: header.map { ["authorization": $0] } ?? [:])
            )
        }
        #expect(isCarried("Bearer \(text)"))
        #expect(isCarried("bearer \(text)"))
        for wrong in [
            nil, "", text, "Basic \(text)", "Bearer", "Bearer ", "Bearer \(text)x",
            "Bearer 0123456789abcdeg", "Bearer  \(text)",
        ] {
            #expect(!isCarried(wrong))
        }
    }

    @Test func aGuardedRouteAnswersOnlyThoseWhoCarryIt() throws {
        let token = try #require(BearerToken(text))
        let route = token.guarding(
            { request in request.path == "/jobs" ? .text("jobs") : nil },
            refusal: .text("no", status: 401)
        )
        let headers = ["authorization": "Bearer \(text)"]
        #expect(route(HTTPRequest(path: "/jobs", headers: headers))?.status == 200)
        #expect(route(HTTPRequest(path: "/other", headers: headers)) == nil)
        for path in ["/jobs", "/other"] {
            let refused = route(HTTPRequest(path: path))
            #expect(refused?.status == 401)
            #expect(refused?.headers["WWW-Authenticate"] == "Bearer")
        }
    }
}
