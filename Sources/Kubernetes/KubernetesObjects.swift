/// What a server says of a refusal.
struct StatusObject: Decodable {
    var message: String?
    var reason: String?
    var code: Int?
}

struct DeleteOptions: Encodable {
    var apiVersion = "v1"
    var kind = "DeleteOptions"
    var gracePeriodSeconds: Int?
}

struct ObjectMeta: Decodable, Hashable, Sendable {
    var name: String?
    var resourceVersion: String?
    var labels: [String: String]?
    var annotations: [String: String]?
    var creationTimestamp: String?
    var deletionTimestamp: String?
}

struct ListMeta: Decodable {
    var resourceVersion: String?
    /// Names the next page; empty or nil on the last.
    var `continue`: String?
}

struct ObjectList<Item: Decodable>: Decodable {
    var metadata: ListMeta
    var items: [Item]?
}

struct PodObject: Decodable, Hashable, Sendable {
    struct Spec: Decodable, Hashable {
        struct Container: Decodable, Hashable {
            var name: String
            var image: String?
        }

        var nodeName: String?
        var containers: [Container]?
    }

    struct Status: Decodable, Hashable {
        struct Condition: Decodable, Hashable {
            var type: String
            var status: String
            var reason: String?
            var message: String?
        }

        struct ContainerStatus: Decodable, Hashable {
            struct State: Decodable, Hashable {
                struct Waiting: Decodable, Hashable {
                    var reason: String?
                    var message: String?
                }

                struct Terminated: Decodable, Hashable {
                    var exitCode: Int?
                    var signal: Int?
                    var reason: String?
                }

                var waiting: Waiting?
                var terminated: Terminated?
            }

            var name: String
            var ready: Bool?
            var restartCount: Int?
            var image: String?
            var state: State?
            var lastState: State?
        }

        var phase: String?
        var reason: String?
        var message: String?
        var startTime: String?
        var conditions: [Condition]?
        var containerStatuses: [ContainerStatus]?
    }

    var metadata: ObjectMeta
    var spec: Spec?
    var status: Status?
}

struct NodeObject: Decodable, Hashable, Sendable {
    struct Status: Decodable, Hashable {
        var conditions: [PodObject.Status.Condition]?
        var allocatable: [String: String]?
    }

    var metadata: ObjectMeta
    var status: Status?
}

/// A watch's line.
struct WatchEvent<Object: Decodable>: Decodable {
    var type: String
    var object: Object
}

struct WatchKind: Decodable {
    struct Object: Decodable {
        var metadata: ObjectMeta?
        var code: Int?
        var message: String?
    }

    var type: String
    var object: Object?
}

struct ScaleObject: Decodable, Hashable, Sendable {
    struct Spec: Decodable, Hashable {
        var replicas: Int?
    }

    struct Status: Decodable, Hashable {
        var replicas: Int?
    }

    var metadata: ObjectMeta
    var spec: Spec?
    var status: Status?
}

/// KEDA's, as far as bounds go.
struct ScaledObject: Decodable, Hashable, Sendable {
    struct Spec: Decodable, Hashable {
        var minReplicaCount: Int?
        var maxReplicaCount: Int?
    }

    var metadata: ObjectMeta
    var spec: Spec?
}

struct EventObject: Decodable, Hashable, Sendable {
    struct Reference: Decodable, Hashable {
        var kind: String?
        var name: String?
    }

    struct Series: Decodable, Hashable {
        var count: Int?
        var lastObservedTime: String?
    }

    var metadata: ObjectMeta
    var involvedObject: Reference
    var reason: String?
    var message: String?
    var count: Int?
    var lastTimestamp: String?
    var eventTime: String?
    var series: Series?
}

struct PodMetricsObject: Decodable, Hashable, Sendable {
    struct Container: Decodable, Hashable {
        var usage: [String: String]?
    }

    var metadata: ObjectMeta
    var containers: [Container]?
}

/// The versions of a group of resources.
struct GroupObject: Decodable {
    struct Version: Decodable {
        var version: String
    }

    var versions: [Version]?
}
