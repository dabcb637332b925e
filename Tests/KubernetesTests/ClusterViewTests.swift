import GridAPI
import Scaling
import Testing

@testable import Kubernetes

@Suite struct ClusterViewTests {
    private func view() throws -> ClusterView {
        var view = ClusterView(
            namespace: "valgrid",
            deployment: "valengine",
            limits: try #require(ScaleLimits("1..16"))
        )
        view.read(.pods, at: 1_000_000)
        view.read(.scale, at: 2_000_000)
        return view
    }

    private func pod(_ json: String) throws -> ClusterStatus.Pod {
        try APIJSON.decoded(PodObject.self, from: Array(json.utf8))
            .description(deployment: "valengine", cpuMillicores: nil)
    }

    @Test func aPodThatRuns() throws {
        #expect(
            try pod(Recorded.pod("a"))
                == ClusterStatus.Pod(
                    name: "a",
                    node: "fake-node",
                    phase: "Running",
                    ready: true,
                    restarts: 1,
                    image: "valgrid:1",
                    startedAt: "2026-12-01T09:29:54Z",
                    engine: "a"
                )
        )
    }

    @Test func aPodThatWaitsSaysWhy() throws {
        let crashing = Recorded.pod(
            "a",
            ready: false,
            container: """
                ,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 40s"}}
                """
        )
        #expect(try pod(crashing).reason == "CrashLoopBackOff: back-off 40s")
        let unplaced = Recorded.pod(
            "a",
            node: nil,
            phase: "Pending",
            ready: false,
            status: """
                ,"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable",
                "message":"0/3 nodes are available: 3 Insufficient cpu."}]
                """
        )
        #expect(try pod(unplaced).reason == "0/3 nodes are available: 3 Insufficient cpu.")
        #expect(try pod(unplaced).node == "")
        let killed = Recorded.pod(
            "a",
            container: """
                ,"lastState":{"terminated":{"reason":"OOMKilled","exitCode":137}}
                """
        ).replacing(#""lastState":{},"#, with: "").replacing(#""lastState":{}"#, with: #""x":1"#)
        #expect(try pod(killed).reason == "container was restarted: OOMKilled, exit code 137")
        let ending = Recorded.pod("a", metadata: #","deletionTimestamp":"2026-12-01T10:00:00Z""#)
        #expect(try pod(ending).phase == "Draining")
    }

    @Test func nodesWithoutRightsAreNamesOfPods() throws {
        var view = try view()
        let pod = try APIJSON.decoded(PodObject.self, from: Array(Recorded.pod("a").utf8))
        view.table.replace(by: [pod], at: "1")
        #expect(
            view.status(at: 3_000_000).nodes == [ClusterStatus.Node(name: "fake-node", pods: ["a"])]
        )
    }

    @Test func whatIsOldHasItsTime() throws {
        var view = try view()
        #expect(view.status(at: 5_000_000).reason == nil)
        #expect(view.status(at: 5_000_000).asOf == "1970-01-01T00:00:05.000Z")
        view.failed(.scale, "Kubernetes does not answer (refused)")
        let status = view.status(at: 9_000_000)
        #expect(status.asOf == "1970-01-01T00:00:02.000Z")
        #expect(
            status.reason == """
                Kubernetes does not answer (refused); what is shown is of 1970-01-01T00:00:02.000Z
                """
        )
        view.read(.scale, at: 10_000_000)
        #expect(view.scaleStatus(at: 10_000_000).reason == nil)
    }

    @Test func onlyRightsThatAreNeededAreMissed() throws {
        var view = try view()
        let all = ["scale", "bounds", "kedaBounds", "nodes", "metrics"]
        for name in all { view.refusals[name] = "no \(name)" }
        view.scale = try APIJSON.decoded(from: Array(Recorded.scale.utf8))
        #expect(view.status(at: 0).forbidden.map(\.what) == ["nodes", "scale"])
        #expect(view.scaleStatus(at: 0).reason == "no scale")
        view.scaledObject = try APIJSON.decoded(from: Array(Recorded.scaledObject.utf8))
        view.hasMetrics = true
        #expect(view.status(at: 0).forbidden.map(\.what) == ["bounds", "metrics", "nodes"])
        #expect(view.scaleStatus(at: 0).reason == "no kedaBounds")
    }

    @Test func aRightIsNamed() {
        let rights = ClusterRight.all(deployment: "valengine")
        #expect(
            rights.first { $0.name == "scale" }?.refusal(in: "valgrid") == """
                Kubernetes does not let this program's service account patch \
                deployments/scale.apps valengine in namespace valgrid
                """
        )
    }
}
