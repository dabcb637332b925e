internal import GridAPI

/// Something that the grid's page does in the cluster, and the right that it takes.
struct ClusterRight: Hashable, Sendable {
    /// As in ``ClusterStatus/Refusal``.
    var name: String
    var verb: String
    var group = ""
    var resource: String
    var subresource: String?
    /// Nil for all.
    var object: String?
    /// Whether it is of the whole cluster.
    var isOfCluster = false

    /// What the page may want, for a deployment of this name.
    static func all(deployment: String) -> [ClusterRight] {
        [
            ClusterRight(name: "pods", verb: "list", resource: "pods"),
            ClusterRight(name: "logs", verb: "get", resource: "pods", subresource: "log"),
            ClusterRight(name: "events", verb: "list", resource: "events"),
            ClusterRight(name: "end", verb: "delete", resource: "pods"),
            ClusterRight(
                name: "scale",
                verb: "patch",
                group: "apps",
                resource: "deployments",
                subresource: "scale",
                object: deployment
            ),
            ClusterRight(
                name: "bounds",
                verb: "patch",
                group: "autoscaling",
                resource: "horizontalpodautoscalers",
                object: deployment
            ),
            ClusterRight(
                name: "kedaBounds",
                verb: "patch",
                group: "keda.sh",
                resource: "scaledobjects",
                object: deployment
            ),
            ClusterRight(name: "nodes", verb: "list", resource: "nodes", isOfCluster: true),
            ClusterRight(
                name: "metrics",
                verb: "list",
                group: "metrics.k8s.io",
                resource: "pods"
            ),
        ]
    }

    /// Why it is refused, one sentence.
    func refusal(in namespace: String) -> String {
        let path = [resource, subresource].compactMap(\.self).joined(separator: "/")
        let of = object.map { " \($0)" } ?? ""
        let groupText = group.isEmpty ? "" : ".\(group)"
        let place = isOfCluster ? "the cluster" : "namespace \(namespace)"
        return "Kubernetes does not let this program's service account \(verb)"
            + " \(path)\(groupText)\(of) in \(place)"
    }

    func review(in namespace: String) -> AccessReview {
        AccessReview(
            spec: AccessReview.Spec(
                resourceAttributes: AccessReview.Attributes(
                    namespace: isOfCluster ? nil : namespace,
                    verb: verb,
                    group: group,
                    resource: resource,
                    subresource: subresource,
                    name: object
                )
            )
        )
    }
}

/// The question whether one may do something.
struct AccessReview: Encodable {
    struct Attributes: Encodable {
        var namespace: String?
        var verb: String
        var group: String
        var resource: String
        var subresource: String?
        var name: String?
    }

    struct Spec: Encodable {
        var resourceAttributes: Attributes
    }

    var apiVersion = "authorization.k8s.io/v1"
    var kind = "SelfSubjectAccessReview"
    var spec: Spec
}

/// The answer to an ``AccessReview``.
struct AccessReviewAnswer: Decodable {
    struct Status: Decodable {
        var allowed: Bool
    }

    var status: Status
}
