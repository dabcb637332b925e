/// How many engines run and may run: `GET /scale`.
public struct ScaleStatus: Hashable, Sendable, Codable {
    /// What may be asked for.
    public struct Limits: Hashable, Sendable, Codable {
        /// Engines at least.
        public var least: Int
        /// Engines at most.
        public var most: Int

        /// Makes limits.
        public init(least: Int, most: Int) {
            self.least = least
            self.most = most
        }
    }

    /// Who sets the number of engines: `kubernetes`, `local` or `none`.
    public var kind: String
    /// Engines that are there, those that drain left out.
    public var count: Int
    /// Engines that are to be there.
    public var desired: Int
    /// The least number that the autoscaler may choose; nil without one.
    public var least: Int?
    /// The largest number that the autoscaler may choose; nil without one.
    public var most: Int?
    /// What an operator may ask for; an admin may go beyond.
    public var limits: Limits
    /// Engines that finish what they have and leave.
    public var draining: Int
    /// Names what is set now; a change may demand it.
    public var etag: String
    /// Whether the autoscaler is held at one number, and its earlier bounds can be given back.
    public var held: Bool
    /// When this was true, ISO 8601.
    public var asOf: String
    /// Why this is old, or why nothing can be changed, one sentence; nil when all is well.
    public var reason: String?

    /// Makes a status.
    public init(
        kind: String,
        count: Int,
        desired: Int,
        least: Int? = nil,
        most: Int? = nil,
        limits: Limits,
        draining: Int = 0,
        etag: String,
        held: Bool = false,
        asOf: String,
        reason: String? = nil
    ) {
        self.kind = kind
        self.count = count
        self.desired = desired
        self.least = least
        self.most = most
        self.limits = limits
        self.draining = draining
        self.etag = etag
        self.held = held
        self.asOf = asOf
        self.reason = reason
    }
}

/// The body of `PUT /scale`: a count, both bounds, or the earlier bounds again.
public struct ScaleRequest: Hashable, Sendable, Codable {
    /// How many engines; with an autoscaler, it is held at this number.
    public var count: Int?
    /// The autoscaler's least number.
    public var least: Int?
    /// The autoscaler's largest number.
    public var most: Int?
    /// Gives the autoscaler the bounds that it had before it was held.
    public var giveBack: Bool?
    /// Why, for the audit.
    public var reason: String?

    /// Makes a request.
    public init(
        count: Int? = nil,
        least: Int? = nil,
        most: Int? = nil,
        giveBack: Bool? = nil,
        reason: String? = nil
    ) {
        self.count = count
        self.least = least
        self.most = most
        self.giveBack = giveBack
        self.reason = reason
    }
}

/// What a change did: the answer to `PUT /scale` and to `POST /engines/ID/end`.
public struct ScaleChange: Hashable, Sendable, Codable {
    /// What was changed, as `horizontalpodautoscaler/valengine`.
    public var what: String
    /// How it was set before, for people: `2 to 8 engines`.
    public var before: String
    /// How it is set now.
    public var after: String

    /// Makes an answer.
    public init(what: String, before: String, after: String) {
        self.what = what
        self.before = before
        self.after = after
    }
}

/// The body of `POST /engines/ID/end`.
public struct EngineEnding: Hashable, Sendable, Codable {
    /// How an engine ends.
    public enum How: String, Hashable, Sendable, Codable {
        /// It finishes the batches that it prices and hands back the rest.
        case drain
        /// It is killed; its batches are priced again by others.
        case now
    }

    /// How it ends.
    public var how: How
    /// Why, for the audit.
    public var reason: String?

    /// Makes a request.
    public init(how: How, reason: String? = nil) {
        self.how = how
        self.reason = reason
    }
}
