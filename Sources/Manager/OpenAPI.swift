internal import Foundation
internal import HTTP

/// The API's description, made of its routes.
enum OpenAPI {
    static func response(of routes: [Route]) -> HTTPResponse {
        let document = document(of: routes)
        let data = try? JSONSerialization.data(
            withJSONObject: document,
            options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        )
        return .json(Array(data ?? Data()))
    }

    /// An OpenAPI 3.1 document.
    static func document(of routes: [Route]) -> [String: Any] {
        var paths: [String: [String: Any]] = [:]
        for route in routes {
            paths[ManagerAPI.prefix + route.path, default: [:]][route.method.lowercased()] =
                operation(route)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "valgrid compute-manager", "version": "1",
                "description": "Submits and watches valuation jobs. Times are ISO 8601 in UTC, "
                    + "durations seconds, amounts in the currency that is named beside them.",
            ],
            "paths": paths,
            "security": [["session": [String]()], ["token": [String]()]],
            "components": [
                "securitySchemes": [
                    "session": [
                        "type": "apiKey", "in": "cookie", "name": "__Host-valgrid",
                        "description": "Set by POST /session; changes also need X-CSRF.",
                    ],
                    "token": ["type": "http", "scheme": "bearer"],
                ],
                "schemas": ["Problem": problem],
            ],
        ]
    }

    private static func operation(_ route: Route) -> [String: Any] {
        var parameters: [[String: Any]] = route.path.split(separator: "/")
            .filter { $0.first == "{" }
            .map { part in
                [
                    "name": String(part.dropFirst().dropLast()), "in": "path", "required": true,
                    "schema": ["type": "string"],
                ]
            }
        parameters += route.query.map { query in
            [
                "name": query.name, "in": "query", "description": query.meaning,
                "schema": ["type": "string"],
            ]
        }
        var operation: [String: Any] = [
            "summary": route.summary,
            "operationId": route.method.lowercased()
                + route.path.split(whereSeparator: { "/{}.".contains($0) }).map(\.capitalized)
                .joined(),
            "responses": [
                "\(route.success)": ["description": "done"],
                "default": [
                    "description": "why not",
                    "content": [
                        "application/problem+json": [
                            "schema": ["$ref": "#/components/schemas/Problem"]
                        ]
                    ],
                ],
            ],
        ]
        if !parameters.isEmpty { operation["parameters"] = parameters }
        if case .open = route.access { operation["security"] = [[String: Any]]() }
        if case .right(let right) = route.access {
            operation["x-right"] = right.rawValue
            operation["x-role"] = right.role.rawValue
        }
        if let fields = route.fields {
            let properties = Dictionary(
                uniqueKeysWithValues: fields.map { ($0.name, ["description": $0.meaning]) }
            )
            operation["requestBody"] = [
                "content": [
                    "application/json": [
                        "schema": ["type": "object", "properties": properties] as [String: Any]
                    ]
                ]
            ]
        }
        return operation
    }

    private static var problem: [String: Any] {
        let texts = ["type", "title", "detail", "instance", "code"]
        var properties: [String: Any] = [:]
        for text in texts { properties[text] = ["type": "string"] }
        properties["status"] = ["type": "integer"]
        properties["retryAfter"] = ["type": "integer", "description": "seconds"]
        properties["problems"] = [
            "type": "array", "description": "what is wrong with files, by file, line and field",
        ]
        return ["type": "object", "properties": properties, "required": texts + ["status"]]
    }
}
