import Operations
import Scaling
import Testing

@testable import Kubernetes

@Suite struct ClusterChoiceTests {
    private static let pod = KubernetesAddress(
        url: "https://10.0.0.1:443",
        caFile: "/ca",
        tokenFile: "/token",
        namespace: "grid"
    )

    private func choice(
        _ kind: String,
        api: String? = nil,
        ca: String? = nil,
        tokenFile: String? = nil,
        namespace: String? = nil,
        pod: KubernetesAddress? = nil
    ) throws(ScalingError) -> ClusterChoice {
        try ClusterChoice(
            kind: kind,
            api: api,
            ca: ca,
            tokenFile: tokenFile,
            namespace: namespace,
            pod: pod
        )
    }

    @Test func aPodAsksItsCluster() throws {
        #expect(try choice("auto", pod: Self.pod) == .kubernetes(Self.pod))
        #expect(try choice("kubernetes", pod: Self.pod) == .kubernetes(Self.pod))
        var other = Self.pod
        other.namespace = "other-1"
        #expect(try choice("auto", namespace: "other-1", pod: Self.pod) == .kubernetes(other))
        #expect(try choice("local", pod: Self.pod) == .local)
    }

    @Test func withoutAClusterThereIsNone() throws {
        guard case .none(let reason) = try choice("auto") else {
            Issue.record("there is a cluster")
            return
        }
        #expect(reason.contains("--scale valengine=4"))
        #expect(throws: ScalingError.self) { try choice("kubernetes") }
        guard case .none = try choice("none", pod: Self.pod) else {
            Issue.record("there is a cluster")
            return
        }
    }

    @Test func anAddressIsGivenWithAToken() throws {
        let directory = try TemporaryDirectory(prefix: "valgrid-kube-")
        let token = directory.path + "/token"
        #expect(throws: ScalingError.self) {
            try choice("auto", api: "https://k8s:6443", tokenFile: token)
        }
        try writeAtomically("secret", to: token)
        #expect(
            try choice("auto", api: "https://k8s:6443/", ca: "/ca", tokenFile: token, pod: Self.pod)
                == .kubernetes(
                    KubernetesAddress(
                        url: "https://k8s:6443",
                        caFile: "/ca",
                        tokenFile: token,
                        namespace: "valgrid"
                    )
                )
        )
        for (api, tokenFile, namespace) in [
            ("http://k8s:6443", token, nil), ("https://k8s", nil, nil), (nil, token, nil),
            ("https://k8s", token, "a/b"), ("https://k8s", token, "Grid"),
        ] as [(String?, String?, String?)] {
            let refused = #expect(throws: ScalingError.self) {
                try choice("auto", api: api, tokenFile: tokenFile, namespace: namespace)
            }
            #expect(refused?.code == .badRequest)
        }
    }
}
