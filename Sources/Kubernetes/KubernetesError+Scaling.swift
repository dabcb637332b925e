internal import Scaling

extension KubernetesError {
    /// Whether the server was not reached, or could not do its work.
    var isAway: Bool { status == 0 || status == 429 || status >= 500 }

    /// What is the matter with the server, for people, a clause.
    var clause: String {
        switch status {
        case _ where isAway: "Kubernetes does not answer (\(reason))"
        case 401: "Kubernetes does not accept this program's token (\(reason))"
        default: "Kubernetes refuses to answer (\(reason))"
        }
    }

    /// As a refusal of a change.
    var asScalingError: ScalingError {
        switch status {
        case _ where isAway: ScalingError(.clusterAway, clause)
        case 401: ScalingError(.clusterForbids, clause)
        case 403: ScalingError(.clusterForbids, "Kubernetes forbids it: \(reason)")
        case 404: ScalingError(.notPossible, "Kubernetes does not have it: \(reason)")
        case 409: ScalingError(.changedMeanwhile, "somebody has changed it meanwhile: \(reason)")
        case 422: ScalingError(.outOfBounds, "Kubernetes refuses it: \(reason)")
        default: ScalingError(.notPossible, "Kubernetes refuses it: \(reason)")
        }
    }
}
