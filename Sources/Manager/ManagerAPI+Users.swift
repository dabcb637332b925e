internal import GridAPI
internal import HTTP
internal import Operations

extension ManagerAPI {
    private struct UserAnswer: Encodable {
        var name: String
        var role: Role
        var createdAt: String
        var disabled: Bool
        var password: String?
    }

    private struct NewUser: Decodable {
        var name: String
        var role: Role
    }

    private struct UserChange: Decodable {
        var role: Role?
        var disabled: Bool?
        var resetPassword: Bool?
    }

    /// Managing users, and seeing what was done.
    var userRoutes: [Route] {
        [
            Route(
                method: "GET",
                path: "/users",
                access: .right(.users),
                summary: "All users.",
                answer: { (_) throws(Problem) in try self.list() }
            ),
            Route(
                method: "POST",
                path: "/users",
                access: .right(.users),
                summary: "Adds a user; the first password is shown once.",
                fields: [
                    ("name", "1 to 64 of a-z 0-9 . _ - @"), ("role", "viewer, operator, admin"),
                ],
                success: 201,
                answer: addUser
            ),
            Route(
                method: "PATCH",
                path: "/users/{name}",
                access: .right(.users),
                summary: "Changes a user; their sessions end.",
                fields: [
                    ("role", "viewer, operator, admin"),
                    ("disabled", "whether they may not sign in"),
                    ("resetPassword", "true gives them a new one"),
                ],
                answer: changeUser
            ),
            Route(
                method: "DELETE",
                path: "/users/{name}",
                access: .right(.users),
                summary: "Removes a user and their tokens.",
                success: 204,
                answer: removeUser
            ),
            Route(
                method: "GET",
                path: "/audit",
                access: .right(.see),
                summary: "Who did what, newest first; those who are no admin see their own lines.",
                query: [
                    ("by", "a user"), ("action", "what it begins with, as jobs."),
                    ("object", "a job, an engine"), ("from", "ISO 8601"), ("limit", "1 to 500"),
                ],
                answer: auditLines
            ),
            Route(
                method: "GET",
                path: "/audit.csv",
                access: .right(.audit),
                summary: "The audit as CSV.",
                answer: auditFile
            ),
        ]
    }

    private func list() throws(Problem) -> HTTPResponse {
        let items = users.users.map {
            UserAnswer(
                name: $0.name,
                role: $0.role,
                createdAt: $0.createdAt,
                disabled: $0.disabled
            )
        }
        return try .value(
            ListAnswer(items: items, total: items.count, asOf: Timestamp.iso8601(Timestamp.now))
        )
    }

    private func addUser(_ call: Call) throws(Problem) -> HTTPResponse {
        let body: NewUser = try call.body()
        let password = try audited(call, "user.add", body.name) { () throws(Problem) in
            (
                try Self.asked { () throws(ManagerError) in
                    try users.add(body.name, role: body.role)
                }, body.role.rawValue
            )
        }
        return try .value(
            UserAnswer(
                name: body.name,
                role: body.role,
                createdAt: Timestamp.iso8601(Timestamp.now),
                disabled: false,
                password: password
            ),
            status: 201
        )
    }

    private func changeUser(_ call: Call) throws(Problem) -> HTTPResponse {
        let name = call.parameter("name")
        let body: UserChange = try call.body()
        var password: String?
        try audited(call, "user.change", name) { () throws(Problem) in
            try Self.asked { () throws(ManagerError) in
                try users.change(name) { user in
                    if let role = body.role { user.role = role }
                    if let disabled = body.disabled { user.disabled = disabled }
                }
                if body.resetPassword == true { password = try users.resetPassword(of: name) }
            }
            return ((), body.role?.rawValue)
        }
        guard let user = users.users.first(where: { $0.name == name }) else {
            throw Problem(404, "unknown_user", "there is no user \(name)")
        }
        return try .value(
            UserAnswer(
                name: name,
                role: user.role,
                createdAt: user.createdAt,
                disabled: user.disabled,
                password: password
            )
        )
    }

    private func removeUser(_ call: Call) throws(Problem) -> HTTPResponse {
        let name = call.parameter("name")
        try audited(call, "user.remove", name) { () throws(Problem) in
            try Self.asked { () throws(ManagerError) in try users.remove(name) }
            return ((), nil)
        }
        return .done
    }

    private static func asked<Value>(
        _ body: () throws(ManagerError) -> Value
    ) throws(Problem) -> Value {
        do throws(ManagerError) {
            return try body()
        } catch {
            let isUnknown = error.description.hasPrefix("there is no user")
            throw Problem(
                isUnknown ? 404 : 409,
                isUnknown ? "unknown_user" : "not_possible",
                error.description
            )
        }
    }

    private func auditLines(_ call: Call) throws(Problem) -> HTTPResponse {
        let query = call.request.query
        let items = audit.entries(
            who: call.caller.role.may(.audit) ? query["by"] : call.caller.user,
            action: query["action"],
            object: query["object"],
            from: query["from"],
            most: try call.limit()
        )
        return try .value(
            ListAnswer(
                items: items,
                total: items.count,
                isExact: audit.isUpToDate,
                asOf: Timestamp.iso8601(Timestamp.now)
            )
        )
    }

    private func auditFile(_ call: Call) throws(Problem) -> HTTPResponse {
        func cell(_ text: String) -> String {
            // A formula in a cell would be run by the program that opens the file.
            let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
            return "\"" + (isFormula ? "'" : "")
                + text.replacing("\"", with: "\"\"") + "\""
        }
        var text =
            "at,who,role,how,address,request,action,object,after,reason,phase,outcome,hash\r\n"
        let entries = audit.entries(
            who: nil,
            action: nil,
            object: nil,
            from: call.request.query["from"],
            most: AuditLog.kept
        )
        for entry in entries {
            text +=
                [
                    entry.at, entry.who, entry.role, entry.how, entry.address, entry.request,
                    entry.action, entry.object, entry.after ?? "", entry.reason ?? "", entry.phase,
                    entry.outcome ?? "", entry.hash,
                ].map(cell).joined(separator: ",") + "\r\n"
        }
        return HTTPResponse(
            contentType: "text/csv; charset=utf-8",
            headers: ["Content-Disposition": "attachment; filename=audit.csv"],
            body: .bytes(Array(text.utf8))
        )
    }
}
