/// One line of the audit: what somebody was about to do, or what came of it.
///
/// A record of the topic `audit`, and an element of `GET /api/v1/audit`.
public struct AuditEntry: Hashable, Sendable, Codable {
    /// ISO 8601.
    public var at: String
    /// Who.
    public var who: String
    /// Their role.
    public var role: String
    /// `session` or `token`.
    public var how: String
    /// From where.
    public var address: String
    /// The request, which both lines of an act name.
    public var request: String
    /// What, as `jobs.cancel`.
    public var action: String
    /// To what: a job, an upload, a user.
    public var object: String
    /// How it was before; nil where that says nothing.
    public var before: String?
    /// How it is after.
    public var after: String?
    /// Why, as they said.
    public var reason: String?
    /// `intent` before the act, `outcome` after it.
    public var phase: String
    /// `done`, or the code of the problem; nil of an intent.
    public var outcome: String?
    /// Which compute-manager wrote it: each has a chain of its own.
    public var writer: String
    /// SHA-256 of the writer's record before this one; empty of its first.
    public var hash: String

    /// Makes a line.
    public init(
        at: String,
        who: String,
        role: String,
        how: String,
        address: String,
        request: String,
        action: String,
        object: String,
        before: String? = nil,
        after: String? = nil,
        reason: String? = nil,
        phase: String,
        outcome: String? = nil,
        writer: String = "",
        hash: String = ""
    ) {
        self.at = at
        self.who = who
        self.role = role
        self.how = how
        self.address = address
        self.request = request
        self.action = action
        self.object = object
        self.before = before
        self.after = after
        self.reason = reason
        self.phase = phase
        self.outcome = outcome
        self.writer = writer
        self.hash = hash
    }
}
