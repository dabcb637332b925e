/// A HorizontalPodAutoscaler of autoscaling/v2 or v2beta2, as far as a page shows it.
struct AutoscalerObject: Decodable, Hashable, Sendable {
    struct Target: Decodable, Hashable {
        var kind: String?
        var name: String?
    }

    struct Named: Decodable, Hashable {
        var name: String?
    }

    /// A wanted or a measured value, of which one is set.
    struct Value: Decodable, Hashable {
        var averageUtilization: Int?
        var averageValue: String?
        var value: String?

        /// For people, as `70 %`; nil when nothing is set.
        var text: String? {
            averageUtilization.map { "\($0) %" } ?? averageValue ?? value
        }
    }

    struct Source: Decodable, Hashable {
        /// Of a resource, as `cpu`.
        var name: String?
        /// Of the others.
        var metric: Named?
        var target: Value?
        var current: Value?

        var title: String { name ?? metric?.name ?? "" }
    }

    struct Metric: Decodable, Hashable {
        var resource: Source?
        var containerResource: Source?
        var pods: Source?
        var object: Source?
        var external: Source?

        var source: Source? { resource ?? containerResource ?? pods ?? object ?? external }
    }

    struct Condition: Decodable, Hashable {
        var type: String
        var status: String
        var reason: String?
        var message: String?
    }

    struct Spec: Decodable, Hashable {
        var scaleTargetRef: Target?
        var minReplicas: Int?
        var maxReplicas: Int?
        var metrics: [Metric]?
    }

    struct Status: Decodable, Hashable {
        var currentReplicas: Int?
        var desiredReplicas: Int?
        var lastScaleTime: String?
        var conditions: [Condition]?
        var currentMetrics: [Metric]?
    }

    var metadata: ObjectMeta
    var spec: Spec?
    var status: Status?

    /// The KEDA object that it was made of; nil for one that people made.
    var scaledObject: String? { metadata.labels?["scaledobject.keda.sh/name"] }

    /// Whether it sets the replicas of the deployment.
    func scales(_ deployment: String) -> Bool {
        spec?.scaleTargetRef?.kind == "Deployment" && spec?.scaleTargetRef?.name == deployment
    }
}
