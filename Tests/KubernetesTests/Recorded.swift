/// Answers of a Kubernetes 1.20 API server, without the fields that nobody reads.
enum Recorded {
    static let autoscalersPath =
        "/apis/autoscaling/v2beta2/namespaces/valgrid/horizontalpodautoscalers"
    static let scalePath = "/apis/apps/v1/namespaces/valgrid/deployments/valengine/scale"
    static let podsPath = "/api/v1/namespaces/valgrid/pods"

    static let autoscalers = """
        {"kind":"HorizontalPodAutoscalerList","apiVersion":"autoscaling/v2beta2",
        "metadata":{"resourceVersion":"312"},"items":[{"metadata":{"name":"valengine",
        "namespace":"valgrid","resourceVersion":"308","creationTimestamp":"2026-12-01T09:29:53Z",
        "annotations":{}},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"valengine",
        "apiVersion":"apps/v1"},"minReplicas":2,"maxReplicas":8,"metrics":[{"type":"Resource",
        "resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}}]},
        "status":{"currentReplicas":2,"desiredReplicas":2,"currentMetrics":[{"type":"Resource",
        "resource":{"name":"cpu","current":{"averageValue":"50m","averageUtilization":20}}}],
        "conditions":[{"type":"ScalingLimited","status":"True",
        "lastTransitionTime":"2026-12-01T09:30:14Z","reason":"TooFewReplicas",
        "message":"the desired replica count is less than the minimum replica count"}]}}]}
        """

    static let scale = """
        {"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"valengine",
        "namespace":"valgrid","resourceVersion":"283","creationTimestamp":"2026-12-01T09:29:53Z"},
        "spec":{"replicas":2},"status":{"replicas":2,"selector":"app.kubernetes.io/name=valengine"}}
        """

    static let pods = """
        {"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"312"},"items":[
        \(pod("valengine-a")),\(pod("valengine-b"))]}
        """

    /// A pod that runs, with more of its status.
    static func pod(
        _ name: String,
        version: String = "278",
        node: String? = "fake-node",
        metadata: String = "",
        phase: String = "Running",
        ready: Bool = true,
        status: String = "",
        container: String = ""
    ) -> String {
        """
        {"metadata":{"name":"\(name)","namespace":"valgrid","resourceVersion":"\(version)",
        "labels":{"app.kubernetes.io/name":"valengine","app.kubernetes.io/part-of":"valgrid"}\
        \(metadata)},"spec":{"containers":[{"name":"sidecar","image":"mesh"},{"name":"valengine",
        "image":"valgrid:1"}]\(node.map { ",\"nodeName\":\"\($0)\"" } ?? "")},
        "status":{"phase":"\(phase)","startTime":"2026-12-01T09:29:54Z"\(status),
        "containerStatuses":[{"name":"valengine","ready":\(ready),"restartCount":1,"lastState":{}\
        \(container)}]}}
        """
    }

    static let events = """
        {"kind":"EventList","apiVersion":"v1","metadata":{"resourceVersion":"313"},"items":[
        {"metadata":{"name":"e1","creationTimestamp":"2026-12-01T09:29:53Z"},"involvedObject":
        {"kind":"Pod","name":"valengine-a"},"reason":"Scheduled","message":"assigned",
        "lastTimestamp":null,"eventTime":"2026-12-01T09:29:53.783872Z"},
        {"metadata":{"name":"e2","creationTimestamp":"2026-12-01T09:29:53Z"},"involvedObject":
        {"kind":"HorizontalPodAutoscaler","name":"valengine"},"reason":"SuccessfulRescale",
        "message":"New size: 4","lastTimestamp":"2026-12-01T09:31:00Z","count":3,"eventTime":null},
        {"metadata":{"name":"e3","creationTimestamp":"2026-12-01T09:29:53Z"},"involvedObject":
        {"kind":"Pod","name":"elsewhere"},"reason":"Scheduled","message":"assigned",
        "lastTimestamp":"2026-12-01T09:32:00Z","count":1}]}
        """

    static let nodes = """
        {"kind":"NodeList","apiVersion":"v1","metadata":{"resourceVersion":"313"},"items":[
        {"metadata":{"name":"fake-node"},"status":{"allocatable":{"cpu":"64","memory":"256Gi",
        "pods":"200"},"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady",
        "lastTransitionTime":null}]}}]}
        """

    static let metrics = """
        {"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},"items":[
        {"metadata":{"name":"valengine-a"},"window":"10s","containers":[{"name":"valengine",
        "usage":{"cpu":"49876543n","memory":"20Mi"}},{"name":"sidecar","usage":{"cpu":"1m"}}]}]}
        """

    static let scaledObject = """
        {"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject","metadata":{"name":"valengine",
        "resourceVersion":"400"},"spec":{"minReplicaCount":2,"maxReplicaCount":8}}
        """

    static let unauthorized = """
        {"kind":"Status","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}
        """

    static let forbidden = """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":\
        "horizontalpodautoscalers.autoscaling \\"valengine\\" is forbidden: User \\"viewer\\" cannot \
        patch resource","reason":"Forbidden","code":403}
        """

    static let conflict = """
        {"kind":"Status","status":"Failure","message":"Operation cannot be fulfilled on \
        horizontalpodautoscalers.autoscaling \\"valengine\\": the object has been modified",
        "reason":"Conflict","code":409}
        """

    static let gone = """
        {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
        "message":"too old resource version: 1 (312)","reason":"Expired","code":410}}
        """

    /// A watch's line.
    static func line(_ type: String, _ object: String) -> String {
        "{\"type\":\"\(type)\",\"object\":\(object.replacing("\n", with: ""))}"
    }
}
