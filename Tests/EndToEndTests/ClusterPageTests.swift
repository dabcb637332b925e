import Foundation
import HTTP
import TestBed
import Testing

/// The real control plane that scripts/kube-test starts.
private enum TrialCluster {
    /// The options for the control plane, with an account's token.
    static func options(of token: String) -> [String]? {
        let environment = ProcessInfo.processInfo.environment
        let prefix = "VALGRID_TEST_KUBERNETES"
        guard let url = environment[prefix], let ca = environment[prefix + "_CA"],
            let file = environment["\(prefix)_\(token)"]
        else { return nil }
        return [
            "--kubernetes-api", url, "--kubernetes-ca", ca, "--kubernetes-token-file", file,
        ]
    }
}

/// compute-manager as a process on the real control plane that scripts/kube-test starts.
@Suite(
    .enabled(if: TrialCluster.options(of: "TOKEN_FILE") != nil, "scripts/kube-test runs these"),
    .serialized,
    .timeLimit(.minutes(6))
)
struct ClusterPageTests {
    private func grid(_ token: String = "TOKEN_FILE") async throws -> PageGrid {
        let grid = try await PageGrid(
            engines: 0,
            cluster: #require(TrialCluster.options(of: token))
        )
        try await eventually("the cluster was read", within: .seconds(60)) {
            let tag = try await scale(grid)["etag"] as? String
            return try await running(grid).count >= 2 && tag != "unknown"
        }
        return grid
    }

    /// The pods of engines that run.
    private func running(_ grid: PageGrid) async throws -> [String] {
        let pods = try await grid.json("/cluster")["pods"] as? [[String: Any]] ?? []
        return pods.filter { $0["phase"] as? String == "Running" && $0["engine"] is String }
            .compactMap { $0["name"] as? String }
    }

    private func scale(_ grid: PageGrid) async throws -> [String: Any] {
        try await grid.json("/scale")
    }

    @Test func twoEnginesBecomeEightAndTwoAgainAndTheBoundsAreGivenBack() async throws {
        let grid = try await grid()
        let before = try await scale(grid)
        #expect(before["least"] as? Int == 2)
        let eight = "{\"count\":8,\"reason\":\"a test\"}"
        let tag = ["If-Match": "\"\(before["etag"] as? String ?? "")\""]
        let up = try await grid.call("PUT", "/scale", tag, body: eight)
        #expect(up.status == 202, "\(up.text)")
        #expect(try await scale(grid)["held"] as? Bool == true)
        let begun = ContinuousClock.now
        try await eventually("eight engines run", within: .seconds(150)) {
            try await running(grid).count == 8
        }
        print("the cluster had 8 engines after \(begun.duration(to: .now))")
        let stale = try await grid.call("PUT", "/scale", tag, body: eight)
        #expect(stale.status == 409)
        #expect(stale.text.contains("changed_meanwhile"))
        let back = try await grid.call(
            "PUT",
            "/scale",
            body: "{\"giveBack\":true,\"reason\":\"a test\"}"
        )
        #expect(back.status == 202, "\(back.text)")
        let after = try await scale(grid)
        #expect(after["least"] as? Int == before["least"] as? Int)
        #expect(after["most"] as? Int == before["most"] as? Int)
        #expect(after["held"] as? Bool == false)
        let down = ContinuousClock.now
        try await eventually("two engines run", within: .seconds(200)) {
            try await running(grid).count == 2
        }
        print("the cluster had 2 engines again after \(down.duration(to: .now))")
        let audit = try await grid.json("/audit?action=scale")["items"] as? [[String: Any]]
        let outcomes = audit?.compactMap { $0["outcome"] as? String } ?? []
        #expect(outcomes.sorted() == ["changed_meanwhile", "done", "done"])
    }

    @Test func podsAndTheirLogsAreShown() async throws {
        let grid = try await grid()
        let cluster = try await grid.json("/cluster")
        #expect(cluster["kind"] as? String == "kubernetes")
        #expect((cluster["nodes"] as? [Any])?.isEmpty == false)
        let pod = try #require(try await running(grid).first)
        let log = try await grid.call("GET", "/pods/\(pod)/log?tail=5")
        #expect(log.status == 200)
        #expect(log.text.split(separator: "\n").count == 5)
        #expect(log.text.contains(pod))
        #expect(try await grid.call("GET", "/pods/nobody/log").status == 404)
    }

    @Test func aViewersTokenIsRefusedWithTheReason() async throws {
        let grid = try await grid("VIEWER_TOKEN_FILE")
        let refused = try await grid.call("PUT", "/scale", body: "{\"count\":5,\"reason\":\"r\"}")
        #expect(refused.status == 403, "\(refused.text)")
        #expect(refused.text.contains("cluster_forbids"))
        #expect(refused.text.contains("valengine"))
        try await eventually("the page says why", within: .seconds(30)) {
            try await scale(grid)["reason"] is String
        }
    }

    @Test func aServerThatIsAwayIsSaidAndComesBack() async throws {
        let grid = try await grid()
        let variable = ProcessInfo.processInfo.environment["VALGRID_TEST_KUBERNETES_SERVER"]
        let server = try #require(variable.flatMap(pid_t.init))
        kill(server, SIGSTOP)
        defer { kill(server, SIGCONT) }
        try await eventually("the page says so", within: .seconds(60)) {
            (try await grid.json("/cluster")["reason"] as? String)?
                .hasPrefix("Kubernetes does not answer") == true
        }
        // What was known is shown, and the rest of the page works.
        #expect(try await running(grid).count >= 2)
        #expect(try await grid.call("GET", "/jobs").status == 200)
        let refused = try await grid.call("PUT", "/scale", body: "{\"count\":3,\"reason\":\"r\"}")
        #expect(refused.status == 503, "\(refused.text)")
        #expect(refused.text.contains("cluster_away"))
        kill(server, SIGCONT)
        let back = ContinuousClock.now
        try await eventually("it is back", within: .seconds(60)) {
            try await grid.json("/cluster")["reason"] == nil
        }
        print("the page was right \(back.duration(to: .now)) after the API server")
    }
}
