/// What a person or a token may do; each may what the ones before may.
public enum Role: String, Codable, Sendable, CaseIterable, Comparable {
    /// Sees everything but others' audit.
    case viewer
    /// Submits, controls and scales within limits.
    case operator_ = "operator"
    /// Manages users and scales beyond limits.
    case admin

    /// Whether one may less than another.
    public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator_: 1
        case .admin: 2
        }
    }
}

/// Something that not everybody may do.
public enum Right: String, Codable, Sendable, CaseIterable {
    /// Sees jobs, results, engines, snapshots, logs and one's own audit.
    case see = "jobs.read"
    /// Downloads files and compares jobs.
    case download = "files.download"
    /// Uploads, checks and submits.
    case submit = "jobs.submit"
    /// Pauses, resumes and cancels jobs.
    case control = "jobs.control"
    /// Queues dead letters again.
    case redrive = "deadletters.redrive"
    /// Scales within the limits.
    case scale
    /// Scales beyond them.
    case scaleBeyond = "scale.beyond"
    /// Ends an engine.
    case endEngine = "engines.end"
    /// Sees everybody's audit.
    case audit = "audit.all"
    /// Manages users, and tokens and sessions of others.
    case users = "users.manage"

    /// The least role that has it.
    public var role: Role {
        switch self {
        case .see, .download: .viewer
        case .submit, .control, .redrive, .scale: .operator_
        case .scaleBeyond, .endEngine, .audit, .users: .admin
        }
    }
}

extension Role {
    /// Whether it has a right.
    public func may(_ right: Right) -> Bool { right.role <= self }

    /// All that it may.
    public var rights: [Right] { Right.allCases.filter(may) }
}
