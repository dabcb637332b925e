internal import GridAPI
internal import HTTP

/// Why a request is refused: `application/problem+json` (RFC 9457).
public struct Problem: Error, Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
    /// For programs; ``Problem/catalogue`` explains each.
    public var code: String
    /// For people: one sentence.
    public var detail: String
    /// What is wrong with files, at most 50.
    var problems: [FileProblemAnswer] = []
    /// How many there are, those that are not listed too.
    var problemCount: Int?
    /// Seconds after which to try again.
    var retryAfter: Int?

    init(
        _ status: Int,
        _ code: String,
        _ detail: String,
        problems: [FileProblemAnswer] = [],
        retryAfter: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.problems = problems
        self.retryAfter = retryAfter
    }
}

/// One thing in a file that cannot be used.
struct FileProblemAnswer: Codable, Hashable, Sendable {
    /// The file, as it was uploaded.
    var file: String
    /// From 1; nil when the problem is the file's as a whole.
    var line: Int?
    /// From 1.
    var column: Int?
    /// The field; nil when no single field is concerned.
    var field: String?
    /// What was found.
    var message: String
    /// What would be right.
    var expected: String?
}

extension Problem {
    private struct Body: Encodable {
        var type: String
        var title: String
        var status: Int
        var detail: String
        var instance: String
        var code: String
        var problems: [FileProblemAnswer]?
        var problemCount: Int?
        var retryAfter: Int?
    }

    /// What each code means, for people.
    static let catalogue: [String: String] = [
        "bad_file": "A file cannot be used. Each problem says where, and what would be right.",
        "bad_filter": "A filter, a sort key or a cursor of a list is none.",
        "bad_request": "The request's body or query is not as the API's description says.",
        "broker_away": "Kafka does not answer. Nothing was queued; send the same again later.",
        "aggregator_away": "The aggregator does not answer. What it knows cannot be shown now.",
        "changed_meanwhile": "Somebody else has changed it since it was read. Read it again.",
        "cluster_away": "The cluster does not answer.",
        "cluster_forbids": "The cluster does not permit it to this program.",
        "cross_site": "A change came from another site, or without the X-CSRF header.",
        "forbidden": "Your role may not do that.",
        "job_exists": "The job id is taken by a job with other trades, market or metrics.",
        "key_reused": "The Idempotency-Key was used for another request.",
        "must_change_password": "The password was given to you: choose your own first.",
        "no_cluster": "Nothing is known of a cluster here.",
        "no_room": "There is no room for the upload.",
        "not_available": "This grid is set up without what the request needs.",
        "not_final": "The job has not ended. Add ?partial=true for what there is.",
        "not_found": "There is nothing at this address.",
        "not_ours": "The engine was not started by this program.",
        "not_possible": "The job is in no state for it.",
        "method_not_allowed": "The address exists, but not for this method.",
        "out_of_bounds": "The number is beyond what may be asked for.",
        "role_too_high": "A token cannot have a higher role than its owner.",
        "sign_in": "Sign in first, or send a token.",
        "streams_full": "Too many pages are watched live. Try again later.",
        "too_large": "The body is larger than permitted.",
        "too_many_requests": "Too many requests. Wait as long as Retry-After says.",
        "too_many_tries": "Too many sign-ins that failed. Wait as long as Retry-After says.",
        "too_many_uploads": "Too many uploads at a time.",
        "terms_expired": "What the trade was priced from has been removed by retention.",
        "index_building": "The trades are being indexed. Ask again.",
        "unknown_trade": "The job has no such trade.",
        "unknown_job": "There is no such job.",
        "unknown_pod": "There is no such pod.",
        "unknown_upload": "There is no such upload, or its time is over.",
        "unknown_user": "There is no such user.",
        "wrong_credentials": "User or password is wrong.",
        "wrong_offset": "The upload continues at another offset.",
        "internal": "Something went wrong here. The log names the request.",
    ]

    /// The answer.
    func response(to path: String) -> HTTPResponse {
        let body = Body(
            type: "/api/problems/\(code)",
            title: Self.catalogue[code] ?? "The request is refused.",
            status: status,
            detail: detail,
            instance: path,
            code: code,
            problems: problems.isEmpty ? nil : problems,
            problemCount: problemCount,
            retryAfter: retryAfter
        )
        var response = HTTPResponse(
            status: status,
            contentType: "application/problem+json",
            body: .bytes((try? APIJSON.encoded(body)) ?? [])
        )
        if let retryAfter { response.headers["Retry-After"] = "\(retryAfter)" }
        if status == 401 { response.headers["WWW-Authenticate"] = "Bearer" }
        return response
    }
}
