import Foundation
import GridAPI
import Operations
import Scaling
import Testing

@testable import Kubernetes

/// The real control plane that scripts/kube-test starts, with the objects of k8s/.
struct ControlPlane {
    let address: KubernetesAddress
    /// Of an account that may read only.
    let viewerTokenFile: String
    /// The API server's process.
    let server: pid_t
    /// What sets the number of engines: `hpa`, `keda` or `none`.
    let autoscaler: String

    static let ofEnvironment: ControlPlane? = {
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["VALGRID_TEST_KUBERNETES"],
            let ca = environment["VALGRID_TEST_KUBERNETES_CA"],
            let token = environment["VALGRID_TEST_KUBERNETES_TOKEN_FILE"],
            let viewer = environment["VALGRID_TEST_KUBERNETES_VIEWER_TOKEN_FILE"],
            let server = environment["VALGRID_TEST_KUBERNETES_SERVER"].flatMap(pid_t.init),
            let autoscaler = environment["VALGRID_TEST_KUBERNETES_AUTOSCALER"]
        else { return nil }
        return ControlPlane(
            address: KubernetesAddress(
                url: url,
                caFile: ca,
                tokenFile: token,
                namespace: "valgrid"
            ),
            viewerTokenFile: viewer,
            server: server,
            autoscaler: autoscaler
        )
    }()
}

@Suite(
    .enabled(if: ControlPlane.ofEnvironment != nil, "scripts/kube-test runs these"),
    .serialized,
    .timeLimit(.minutes(5))
)
struct ControlPlaneTests {
    private let plane: ControlPlane

    init() throws {
        plane = try #require(ControlPlane.ofEnvironment)
    }

    /// Follows the cluster until the body is done, from when its pods and scale are known.
    private func withGrid(
        tokenFile: String? = nil,
        _ body: (KubernetesGrid) async throws -> Void
    ) async throws {
        var address = plane.address
        if let tokenFile { address.tokenFile = tokenFile }
        let grid = KubernetesGrid(
            address,
            limits: try #require(ScaleLimits("1..6")),
            logger: Logger(label: "trial")
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await grid.run() }
            do {
                try await eventually("the cluster was read", within: .seconds(60)) {
                    engines(grid).count >= 2 && grid.cluster().reason == nil
                        && (grid.scale().etag != "unknown" || grid.scale().reason != nil)
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

    private func engines(_ grid: KubernetesGrid) -> [ClusterStatus.Pod] {
        grid.cluster().pods.filter { $0.engine != nil && $0.phase == "Running" && $0.ready }
    }

    @Test func theNumberOfEnginesIsSetAndGivenBack() async throws {
        try await withGrid { grid in
            let before = grid.scale()
            let hasAutoscaler = plane.autoscaler != "none"
            #expect((grid.cluster().autoscaler != nil) == hasAutoscaler)
            #expect(grid.scale().reason == nil)
            _ = try await grid.change(
                to: ScaleRequest(count: 5),
                ifMatch: before.etag,
                beyond: false
            )
            #expect(grid.scale().held == hasAutoscaler)
            if plane.autoscaler != "keda" {
                try await eventually("five engines run", within: .seconds(120)) {
                    engines(grid).count == 5
                }
            }
            let stale = await #expect(throws: ScalingError.self) {
                try await grid.change(
                    to: ScaleRequest(count: 4),
                    ifMatch: before.etag,
                    beyond: false
                )
            }
            #expect(stale?.code == .changedMeanwhile)
            _ = try await grid.change(
                to: hasAutoscaler ? ScaleRequest(giveBack: true) : ScaleRequest(count: 2),
                ifMatch: nil,
                beyond: false
            )
            #expect(grid.scale().etag == before.etag)
            #expect(!grid.scale().held)
            try await eventually("two engines run", within: .seconds(180)) {
                engines(grid).count == 2
            }
        }
    }

    @Test func whatTheServerRefusesIsOutOfBounds() async throws {
        try await withGrid { grid in
            guard plane.autoscaler == "hpa" else { return }
            let refused = await #expect(throws: ScalingError.self) {
                try await grid.change(to: ScaleRequest(count: 0), ifMatch: nil, beyond: true)
            }
            #expect(refused?.code == .outOfBounds)
        }
    }

    @Test func podsAndTheirLogsAreShown() async throws {
        try await withGrid { grid in
            try await eventually("nodes, CPU and events were read", within: .seconds(60)) {
                let cluster = grid.cluster()
                return cluster.nodes.first?.cpu != nil && !cluster.events.isEmpty
                    && cluster.pods.contains { $0.cpuMillicores != nil }
            }
            let cluster = grid.cluster()
            #expect(cluster.pods.contains { $0.name == "aggregator-0" && $0.engine == nil })
            #expect(cluster.forbidden.map(\.what) == ["end"])
            let engine = try #require(engines(grid).first)
            let log = try await grid.log(ofPod: engine.name, tail: 5, previous: false)
            let lines = String(decoding: log, as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 5)
            #expect(lines.allSatisfy { $0.contains("valgrid/\(engine.name)/valengine line") })
            let refused = await #expect(throws: ScalingError.self) {
                try await grid.endEngine(engine.name, how: .drain)
            }
            #expect(refused?.code == .clusterForbids)
        }
    }

    @Test func aViewersTokenIsRefusedWithTheReason() async throws {
        try await withGrid(tokenFile: plane.viewerTokenFile) { grid in
            let what = plane.autoscaler == "none" ? "scale" : "bounds"
            try await eventually("the refusal is said") {
                let why = grid.cluster().forbidden.first { $0.what == what }?.why
                return why != nil && grid.scale().reason == why
            }
            let refused = await #expect(throws: ScalingError.self) {
                try await grid.change(to: ScaleRequest(count: 5), ifMatch: nil, beyond: false)
            }
            #expect(refused?.code == .clusterForbids)
            #expect(refused?.reason.contains("valengine") == true)
        }
    }

    @Test func aServerThatHangsIsSaidAndComesBack() async throws {
        try await withGrid { grid in
            kill(plane.server, SIGSTOP)
            defer { kill(plane.server, SIGCONT) }
            try await eventually("it is said", within: .seconds(60)) {
                grid.cluster().reason?.hasPrefix("Kubernetes does not answer") == true
            }
            #expect(engines(grid).count >= 2)
            let refused = await #expect(throws: ScalingError.self) {
                try await grid.change(to: ScaleRequest(count: 3), ifMatch: nil, beyond: false)
            }
            #expect(refused?.code == .clusterAway)
            kill(plane.server, SIGCONT)
            try await eventually("it is back", within: .seconds(60)) {
                grid.cluster().reason == nil
            }
        }
    }
}
