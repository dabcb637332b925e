/// What the engines run on: `GET /cluster`.
public struct ClusterStatus: Hashable, Sendable, Codable {
    /// A machine.
    public struct Node: Hashable, Sendable, Codable {
        /// Its name.
        public var name: String
        /// Whether it takes pods; nil when that may not be read.
        public var ready: Bool?
        /// Its cores as the cluster writes them, as `8` or `7910m`; nil when not known.
        public var cpu: String?
        /// Its memory as the cluster writes it, as `32Gi`; nil when not known.
        public var memory: String?
        /// Names of the pods on it.
        public var pods: [String]

        /// Makes a node.
        public init(
            name: String,
            ready: Bool? = nil,
            cpu: String? = nil,
            memory: String? = nil,
            pods: [String] = []
        ) {
            self.name = name
            self.ready = ready
            self.cpu = cpu
            self.memory = memory
            self.pods = pods
        }
    }

    /// A pod, or a local process of an engine.
    public struct Pod: Hashable, Sendable, Codable {
        /// Its name.
        public var name: String
        /// The machine that it runs on; empty while it waits for one.
        public var node: String
        /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown` or `Draining`.
        public var phase: String
        /// Whether all its containers are ready.
        public var ready: Bool
        /// Restarts of its containers together.
        public var restarts: Int
        /// What runs in it.
        public var image: String
        /// ISO 8601; nil before it has started.
        public var startedAt: String?
        /// CPU in thousandths of a core; nil when not known.
        public var cpuMillicores: Int?
        /// Why it waits or has ended, for people; nil when it runs.
        public var reason: String?
        /// The engine in it; nil when it has none.
        public var engine: String?
        /// The process id of a local engine.
        public var pid: Int?

        /// Makes a pod.
        public init(
            name: String,
            node: String,
            phase: String,
            ready: Bool,
            restarts: Int = 0,
            image: String = "",
            startedAt: String? = nil,
            cpuMillicores: Int? = nil,
            reason: String? = nil,
            engine: String? = nil,
            pid: Int? = nil
        ) {
            self.name = name
            self.node = node
            self.phase = phase
            self.ready = ready
            self.restarts = restarts
            self.image = image
            self.startedAt = startedAt
            self.cpuMillicores = cpuMillicores
            self.reason = reason
            self.engine = engine
            self.pid = pid
        }
    }

    /// What the autoscaler found, as `ScalingLimited`.
    public struct Condition: Hashable, Sendable, Codable {
        /// As `AbleToScale`.
        public var type: String
        /// `True`, `False` or `Unknown`.
        public var status: String
        /// For programs.
        public var reason: String
        /// For people.
        public var message: String

        /// Makes a condition.
        public init(type: String, status: String, reason: String, message: String) {
            self.type = type
            self.status = status
            self.reason = reason
            self.message = message
        }
    }

    /// A number that the autoscaler follows.
    public struct Metric: Hashable, Sendable, Codable {
        /// As `cpu`.
        public var name: String
        /// As `43 %` or `120`; nil before it has been read.
        public var current: String?
        /// As `70 %`.
        public var target: String?

        /// Makes a metric.
        public init(name: String, current: String?, target: String?) {
            self.name = name
            self.current = current
            self.target = target
        }
    }

    /// What sets the number of engines by itself.
    public struct Autoscaler: Hashable, Sendable, Codable {
        /// `hpa` or `keda`.
        public var kind: String
        /// Engines at least.
        public var least: Int
        /// Engines at most.
        public var most: Int
        /// Engines there.
        public var current: Int
        /// Engines that it wants.
        public var desired: Int
        /// What it found.
        public var conditions: [Condition]
        /// What it follows.
        public var metrics: [Metric]
        /// When it last changed the number, ISO 8601; nil when it never has.
        public var lastScaledAt: String?
        /// Whether it is held at one number.
        public var held: Bool

        /// Makes an autoscaler.
        public init(
            kind: String,
            least: Int,
            most: Int,
            current: Int,
            desired: Int,
            conditions: [Condition] = [],
            metrics: [Metric] = [],
            lastScaledAt: String? = nil,
            held: Bool
        ) {
            self.kind = kind
            self.least = least
            self.most = most
            self.current = current
            self.desired = desired
            self.conditions = conditions
            self.metrics = metrics
            self.lastScaledAt = lastScaledAt
            self.held = held
        }
    }

    /// Something that happened to a pod or to the autoscaler.
    public struct Event: Hashable, Sendable, Codable {
        /// When it last happened, ISO 8601.
        public var at: String
        /// As `pod/valengine-7d9c`.
        public var object: String
        /// For programs, as `FailedScheduling`.
        public var reason: String
        /// For people.
        public var message: String
        /// How often.
        public var count: Int

        /// Makes an event.
        public init(at: String, object: String, reason: String, message: String, count: Int) {
            self.at = at
            self.object = object
            self.reason = reason
            self.message = message
            self.count = count
        }
    }

    /// What the cluster does not let this program do.
    public struct Refusal: Hashable, Sendable, Codable {
        /// `scale`, `bounds`, `logs`, `pods`, `events`, `nodes`, `metrics` or `end`.
        public var what: String
        /// One sentence that names the missing right.
        public var why: String

        /// Makes a refusal.
        public init(what: String, why: String) {
            self.what = what
            self.why = why
        }
    }

    /// `kubernetes`, `local` or `none`.
    public var kind: String
    /// Why there is no cluster, or why what is shown is old; nil when all is well.
    public var reason: String?
    /// By name, at most 500.
    public var nodes: [Node]
    /// By name, at most 2,000.
    public var pods: [Pod]
    /// Nil where the number of engines is set by hand.
    public var autoscaler: Autoscaler?
    /// The newest first, at most 100.
    public var events: [Event]
    /// What is greyed out, with the reason.
    public var forbidden: [Refusal]
    /// When this was true, ISO 8601.
    public var asOf: String

    /// Makes a status.
    public init(
        kind: String,
        reason: String? = nil,
        nodes: [Node] = [],
        pods: [Pod] = [],
        autoscaler: Autoscaler? = nil,
        events: [Event] = [],
        forbidden: [Refusal] = [],
        asOf: String
    ) {
        self.kind = kind
        self.reason = reason
        self.nodes = nodes
        self.pods = pods
        self.autoscaler = autoscaler
        self.events = events
        self.forbidden = forbidden
        self.asOf = asOf
    }
}
