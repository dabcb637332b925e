import GridAPI
import Operations
import Scaling
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(1))) struct KubernetesGridTests {
    /// Runs the grid of a server until the body is done, from when its pods and scale are known.
    private func withGrid(
        of server: FakeServer,
        _ body: (KubernetesGrid) async throws -> Void
    ) async throws {
        let grid = KubernetesGrid(
            transport: server,
            namespace: "valgrid",
            limits: try #require(ScaleLimits("1..16")),
            token: { "good" },
            logger: .silent
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await grid.run() }
            do {
                try await eventually("the cluster was read") {
                    grid.cluster().reason == nil && grid.cluster().pods.count == 2
                        && grid.scale().etag != "unknown" && !server.watchedVersions.isEmpty
                }
                try await body(grid)
            } catch {
                await grid.shutdown()
                throw error
            }
            await grid.shutdown()
            try await group.waitForAll()
        }
    }

    @Test func itShowsTheCluster() async throws {
        try await withGrid(of: FakeServer()) { grid in
            try await eventually("all of it was read") {
                let cluster = grid.cluster()
                return cluster.nodes.first?.cpu == "64" && !cluster.events.isEmpty
                    && cluster.pods.first?.cpuMillicores != nil
            }
            let cluster = grid.cluster()
            #expect(cluster.kind == "kubernetes")
            #expect(cluster.pods.map(\.name) == ["valengine-a", "valengine-b"])
            #expect(cluster.pods.map(\.cpuMillicores) == [51, nil])
            #expect(cluster.nodes.map(\.pods) == [["valengine-a", "valengine-b"]])
            #expect(cluster.nodes.first?.ready == true)
            #expect(
                cluster.events.map(\.object) == [
                    "horizontalpodautoscaler/valengine", "pod/valengine-a",
                ]
            )
            #expect(cluster.events.first?.count == 3)
            #expect(cluster.forbidden == [])
            let autoscaler = try #require(cluster.autoscaler)
            #expect(autoscaler.kind == "hpa")
            #expect(autoscaler.least == 2)
            #expect(autoscaler.most == 8)
            #expect(
                autoscaler.metrics == [
                    ClusterStatus.Metric(name: "cpu", current: "20 %", target: "70 %")
                ]
            )
            #expect(autoscaler.conditions.map(\.reason) == ["TooFewReplicas"])
            let scale = grid.scale()
            #expect(scale.count == 2)
            #expect(scale.least == 2)
            #expect(scale.most == 8)
            #expect(!scale.held)
        }
    }

    @Test func itHoldsAnAutoscalerAndGivesItsBoundsBack() async throws {
        let server = FakeServer()
        try await withGrid(of: server) { grid in
            let held = try await grid.change(
                to: ScaleRequest(count: 5),
                ifMatch: grid.scale().etag,
                beyond: false
            )
            #expect(
                held
                    == ScaleChange(
                        what: "horizontalpodautoscaler/valengine",
                        before: "2 to 8 engines",
                        after: "5 engines"
                    )
            )
            #expect(grid.scale().held)
            #expect(grid.cluster().autoscaler?.held == true)
            #expect(grid.scale().least == 5)
            _ = try await grid.change(to: ScaleRequest(count: 3), ifMatch: nil, beyond: false)
            let back = try await grid.change(
                to: ScaleRequest(giveBack: true),
                ifMatch: nil,
                beyond: false
            )
            #expect(back.before == "3 engines")
            #expect(back.after == "2 to 8 engines")
            #expect(!grid.scale().held)
            #expect(server.object(Recorded.autoscalersPath)?.contains("bounds-before") == false)
        }
    }

    @Test func withoutAnAutoscalerItSetsTheReplicas() async throws {
        let server = FakeServer()
        server.set(Recorded.autoscalersPath, #"{"metadata":{},"items":[]}"#)
        try await withGrid(of: server) { grid in
            #expect(grid.scale().least == nil)
            #expect(grid.cluster().autoscaler == nil)
            let change = try await grid.change(
                to: ScaleRequest(count: 4),
                ifMatch: nil,
                beyond: false
            )
            #expect(
                change
                    == ScaleChange(
                        what: "deployment/valengine",
                        before: "2 engines",
                        after: "4 engines"
                    )
            )
            #expect(grid.scale().desired == 4)
        }
    }

    @Test func withKEDAItSetsTheScaledObject() async throws {
        let server = FakeServer()
        let path = "/apis/keda.sh/v1alpha1/namespaces/valgrid/scaledobjects/valengine"
        server.set("/apis/keda.sh", #"{"versions":[{"version":"v1alpha1"}]}"#)
        server.set(path, Recorded.scaledObject)
        server.set(
            Recorded.autoscalersPath,
            Recorded.autoscalers.replacing(
                #""annotations":{}"#,
                with: #""labels":{"scaledobject.keda.sh/name":"valengine"}"#
            )
        )
        try await withGrid(of: server) { grid in
            #expect(grid.cluster().autoscaler?.kind == "keda")
            // What it found is its autoscaler's.
            #expect(grid.cluster().autoscaler?.metrics.count == 1)
            _ = try await grid.change(to: ScaleRequest(count: 4), ifMatch: nil, beyond: false)
            #expect(server.object(path)?.contains(#""maxReplicaCount":4"#) == true)
            #expect(grid.scale().held)
        }
    }

    @Test func aChangeOfAnotherIsSeen() async throws {
        let server = FakeServer()
        try await withGrid(of: server) { grid in
            let seen = grid.scale().etag
            // The object's version moves on with its status: that is no change of the bounds.
            server.set(
                Recorded.autoscalersPath,
                Recorded.autoscalers.replacing("\"308\"", with: "\"309\"")
            )
            // Between reading and writing somebody may be faster, a few times.
            server.failNext("PATCH", 409, Recorded.conflict)
            server.failNext("PATCH", 409, Recorded.conflict)
            _ = try await grid.change(to: ScaleRequest(count: 5), ifMatch: seen, beyond: false)
            let refused = await #expect(throws: ScalingError.self) {
                try await grid.change(to: ScaleRequest(count: 6), ifMatch: seen, beyond: false)
            }
            #expect(refused?.code == .changedMeanwhile)
            #expect(refused?.reason == "somebody has set 5 engines meanwhile: look again")
            for _ in 0..<5 { server.failNext("PATCH", 409, Recorded.conflict) }
            let busy = await #expect(throws: ScalingError.self) {
                try await grid.change(to: ScaleRequest(count: 6), ifMatch: nil, beyond: false)
            }
            #expect(busy?.code == .changedMeanwhile)
        }
    }

    @Test func aRefusalIsGivenWithItsReason() async throws {
        let server = FakeServer()
        server.refuse(["horizontalpodautoscalers", "nodes"])
        try await withGrid(of: server) { grid in
            #expect(grid.cluster().forbidden.map(\.what) == ["bounds", "nodes"])
            #expect(grid.scale().reason == grid.cluster().forbidden.first?.why)
            server.failNext("PATCH", 403, Recorded.forbidden)
            let refused = await #expect(throws: ScalingError.self) {
                try await grid.change(to: ScaleRequest(count: 5), ifMatch: nil, beyond: false)
            }
            #expect(refused?.code == .clusterForbids)
            #expect(refused?.status == 403)
            #expect(refused?.reason.contains("User \"viewer\" cannot patch resource") == true)
            #expect(!server.requests.contains { $0.path.hasPrefix("/api/v1/nodes") })
        }
    }

    @Test func anAutoscalerThatMayNotBeSeenIsNotFoughtWith() async throws {
        let server = FakeServer()
        try await withGrid(of: server) { grid in
            server.failNext("GET", 403, Recorded.forbidden)
            let refused = await #expect(throws: ScalingError.self) {
                try await grid.change(to: ScaleRequest(count: 5), ifMatch: nil, beyond: false)
            }
            #expect(refused?.code == .clusterForbids)
            #expect(!server.requests.contains { $0.method == "PATCH" })
        }
    }

    @Test func anAutoscalerBesideKEDAIsItsOwn() async throws {
        let server = FakeServer()
        server.set("/apis/keda.sh", #"{"versions":[{"version":"v1alpha1"}]}"#)
        try await withGrid(of: server) { grid in
            #expect(grid.cluster().autoscaler?.kind == "hpa")
            #expect(!server.requests.contains { $0.path.contains("scaledobjects") })
        }
    }

    @Test func aServerThatIsAwayIsSaidAndComesBack() async throws {
        let server = FakeServer()
        try await withGrid(of: server) { grid in
            server.setAway(true)
            try await eventually("it is said") { grid.cluster().reason != nil }
            let cluster = grid.cluster()
            #expect(cluster.reason?.hasPrefix("Kubernetes does not answer (connection re") == true)
            #expect(cluster.pods.count == 2)
            #expect(grid.scale().reason == cluster.reason)
            let refused = await #expect(throws: ScalingError.self) {
                try await grid.change(to: ScaleRequest(count: 5), ifMatch: nil, beyond: false)
            }
            #expect(refused?.code == .clusterAway)
            server.setAway(false)
            try await eventually("it is back") {
                grid.cluster().reason == nil && !server.watchedVersions.isEmpty
            }
        }
    }

    @Test func theWatchGoesOnWhereItWas() async throws {
        let server = FakeServer()
        try await withGrid(of: server) { grid in
            #expect(server.watchedVersions == ["312"])
            server.say(Recorded.line("ADDED", Recorded.pod("valengine-c", version: "320")))
            try await eventually("the pod is seen") { grid.cluster().pods.count == 3 }
            server.endWatches()
            try await eventually("it goes on") { server.watchedVersions == ["320"] }
            // The server has forgotten: all pods are read again.
            server.set(Recorded.podsPath, Recorded.pods.replacing("\"312\"", with: "\"500\""))
            server.say(Recorded.gone)
            server.endWatches()
            try await eventually("it was read again") {
                server.watchedVersions == ["500"] && grid.cluster().pods.count == 2
            }
        }
    }

    @Test func aLogIsOfTheProgramsContainer() async throws {
        let server = FakeServer()
        server.set("/api/v1/namespaces/valgrid/pods/valengine-a/log", "line\n")
        try await withGrid(of: server) { grid in
            let log = try await grid.log(ofPod: "valengine-a", tail: 20_000, previous: true)
            #expect(String(decoding: log, as: UTF8.self) == "line\n")
            #expect(
                server.requests.last { $0.path.contains("/log?") }?.path == """
                    /api/v1/namespaces/valgrid/pods/valengine-a/log?container=valengine\
                    &tailLines=10000&limitBytes=4194304&previous=true
                    """
            )
            // Only pods of the grid, however the name is written.
            for name in ["other", "../../secrets/x", ""] {
                let refused = await #expect(throws: ScalingError.self) {
                    try await grid.log(ofPod: name, tail: 1, previous: false)
                }
                #expect(refused?.code == .unknownPod)
            }
        }
    }

    @Test func anEngineEndsByItsPod() async throws {
        let server = FakeServer()
        server.set("/api/v1/namespaces/valgrid/pods/valengine-a", "{}")
        try await withGrid(of: server) { grid in
            _ = try await grid.endEngine("valengine-a", how: .now)
            _ = try await grid.endEngine("valengine-a", how: .drain)
            let bodies = server.requests.filter { $0.method == "DELETE" }
                .map { String(decoding: $0.body.dropLast(), as: UTF8.self) }
            #expect(
                bodies == [
                    #"{"apiVersion":"v1","gracePeriodSeconds":1,"kind":"DeleteOptions"}"#,
                    #"{"apiVersion":"v1","kind":"DeleteOptions"}"#,
                ]
            )
            let foreign = await #expect(throws: ScalingError.self) {
                try await grid.endEngine("elsewhere-1", how: .drain)
            }
            #expect(foreign?.code == .notOurs)
        }
    }
}
