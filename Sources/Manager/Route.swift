internal import GridAPI
internal import HTTP

/// Who asks.
struct Caller: Hashable, Sendable {
    /// How they showed who they are.
    enum Way: String, Sendable {
        case session
        case token
    }

    var user: String
    var role: Role
    var way: Way
    /// Where they ask from.
    var address: String
    /// Their session; nil with a token.
    var session: Session?
    var mustChangePassword = false
}

/// A request to a route, by somebody who may make it.
struct Call: Sendable {
    var request: HTTPRequest
    /// The parts of the path that the route leaves open, by name.
    var parameters: [String: String]
    var caller: Caller
    /// Names the request in answers, logs and audit.
    var id: String

    /// A part of the path.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// The body, decoded.
    func body<Value: Decodable>(_ type: Value.Type = Value.self) throws(Problem) -> Value {
        do throws(APIJSON.Problem) {
            return try APIJSON.decoded(type, from: request.body)
        } catch {
            throw Problem(400, "bad_request", "the body is not as it should be: \(error)")
        }
    }
}

/// One address of the API for one method.
struct Route: Sendable {
    /// Who may ask.
    enum Access: Hashable, Sendable {
        /// Everybody.
        case open
        /// Everybody who has signed in.
        case signedIn
        /// Those who have the right.
        case right(Right)
    }

    /// As `GET`.
    var method: String
    /// `/jobs/{id}/cancel`, below `/api/v1`.
    var path: String
    var access: Access
    /// What it does, one line.
    var summary: String
    /// Query parameters, each with what it means.
    var query: [(name: String, meaning: String)] = []
    /// The body's fields, each with what it means; nil for no body.
    var fields: [(name: String, meaning: String)]?
    /// The status of success.
    var success = 200
    var answer: @Sendable (Call) throws(Problem) -> HTTPResponse

    /// Whether it changes something.
    var isChange: Bool { method != "GET" }

}

/// Routes, to be found by what is asked for.
struct RouteTable: Sendable {
    /// What is at an address.
    enum Found {
        case route(Route, parameters: [String: String])
        /// Something, for other methods.
        case otherMethods([String])
        case nothing
    }

    private struct Entry: Sendable {
        var parts: [String]
        var route: Route

        /// The open parts of a path that matches; nil for another.
        func match(_ components: [String]) -> [String: String]? {
            var found: [String: String] = [:]
            for (part, component) in zip(parts, components) {
                if part.first == "{" {
                    found[String(part.dropFirst().dropLast())] = component
                } else if part != component {
                    return nil
                }
            }
            return found
        }
    }

    let routes: [Route]
    /// By how many parts the path has; of equally long ones those without open parts first.
    private let entries: [Int: [Entry]]

    init(_ routes: [Route]) {
        self.routes = routes
        let all = routes.map { route in
            Entry(parts: route.path.split(separator: "/").map(String.init), route: route)
        }
        entries = Dictionary(grouping: all) { $0.parts.count }
            .mapValues { $0.sorted { Self.openParts($0) < Self.openParts($1) } }
    }

    func find(_ method: String, _ components: [String]) -> Found {
        var methods: [String] = []
        for entry in entries[components.count] ?? [] {
            guard let parameters = entry.match(components) else { continue }
            if entry.route.method == method { return .route(entry.route, parameters: parameters) }
            methods.append(entry.route.method)
        }
        return methods.isEmpty ? .nothing : .otherMethods(methods)
    }

    private static func openParts(_ entry: Entry) -> Int { entry.parts.count { $0.first == "{" } }
}

extension HTTPResponse {
    /// A value as JSON.
    static func value(_ value: some Encodable, status: Int = 200) throws(Problem) -> HTTPResponse {
        do throws(APIJSON.Problem) {
            return .json(try APIJSON.encoded(value), status: status)
        } catch {
            throw Problem(500, "internal", "the answer cannot be written: \(error)")
        }
    }

    /// A value as JSON in one line, for what is long.
    static func compact(_ value: some Encodable) throws(Problem) -> HTTPResponse {
        do throws(APIJSON.Problem) {
            return .json(try APIJSON.line(value))
        } catch {
            throw Problem(500, "internal", "the answer cannot be written: \(error)")
        }
    }

    /// Done, and nothing to say.
    static var done: HTTPResponse {
        HTTPResponse(status: 204, contentType: "application/json", body: .bytes([]))
    }
}

/// A list, whole or a page of it.
struct ListAnswer<Item: Encodable & Sendable>: Encodable, Sendable {
    var items: [Item]
    /// Where the next page begins; nil at the end.
    var next: String?
    /// How many there are over all pages.
    var total: Int
    /// Whether `total` is exact.
    var isExact = true
    /// ISO 8601.
    var asOf: String
}
