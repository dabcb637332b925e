/// Why the number of engines was not changed, or a cluster did not answer.
public struct ScalingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A code for programs, as the API writes it; more may follow.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// As `out_of_bounds`.
        public var rawValue: String

        /// A code of this name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// There is no cluster and no local engine to change.
        public static let noCluster = Code(rawValue: "no_cluster")
        /// The cluster gives this program no right to do so.
        public static let clusterForbids = Code(rawValue: "cluster_forbids")
        /// The cluster does not answer.
        public static let clusterAway = Code(rawValue: "cluster_away")
        /// Somebody else has changed it since the user looked.
        public static let changedMeanwhile = Code(rawValue: "changed_meanwhile")
        /// The number is beyond the limits.
        public static let outOfBounds = Code(rawValue: "out_of_bounds")
        /// The engine runs elsewhere.
        public static let notOurs = Code(rawValue: "not_ours")
        /// There is no pod of this name.
        public static let unknownPod = Code(rawValue: "unknown_pod")
        /// It makes no sense at the moment.
        public static let notPossible = Code(rawValue: "not_possible")
        /// The request is wrong in itself.
        public static let badRequest = Code(rawValue: "bad_request")
    }

    /// For programs.
    public var code: Code
    /// For people, one sentence.
    public var reason: String

    /// Makes an error.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The reason.
    public var description: String { reason }

    /// The HTTP status that goes with the code.
    public var status: Int {
        switch code {
        case .clusterForbids: 403
        case .unknownPod: 404
        case .changedMeanwhile, .noCluster, .notOurs, .notPossible: 409
        case .outOfBounds: 422
        case .clusterAway: 503
        default: 400
        }
    }
}
