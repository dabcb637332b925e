import Foundation
import TestBed
import Testing

/// What scripts/kafka-up asks of a Kafka.
@Suite(.timeLimit(.minutes(3))) struct BrokerScriptTests {
    /// An installation that does what its scripts are told to, and notes what that was.
    private func makeInstallation(in scratch: Scratch) throws -> String {
        let home = scratch.url.appendingPathComponent("kafka")
        let scripts = [
            // As Kafka's, takes what begins with a hyphen for an option, and no value.
            "kafka-storage.sh": """
            for argument in "$@"; do echo "$argument" >>"${0%/*}/asked"; done
            [[ $2 != -t || $3 != -* ]]
            """,
            "kafka-server-start.sh": """
            echo 'Kafka Server started'
            while sleep 0.1; do :; done
            """,
            "java": "",
        ]
        let bin = home.appendingPathComponent("bin")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
        for (name, text) in scripts {
            let file = bin.appendingPathComponent(name)
            try Data("#!/usr/bin/env bash\n\(text)\n".utf8).write(to: file)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: file.path
            )
        }
        return home.path
    }

    /// One random id in 64 begins with a hyphen.
    @Test(arguments: ["-AAAAAAAAAAAAAAAAAAAAQ", "--AAAAAAAAAAAAAAAAAAAQ", "_-AAAAAAAAAAAAAAAAAAAQ"])
    func anyClusterIDIsGivenToKafka(id: String) async throws {
        let scratch = try Scratch()
        let home = try makeInstallation(in: scratch)
        let directory = scratch.path("brokers")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        try await TrialBrokers.run(
            "kafka-up",
            [directory],
            environment: [
                "KAFKA_HOME": home, "KAFKA_CLUSTER_ID": id, "PATH": "\(home)/bin:\(path)",
            ]
        )
        try await TrialBrokers.run("kafka-down", [directory])
        let asked = try String(contentsOfFile: "\(home)/bin/asked", encoding: .utf8)
        #expect(asked.split(separator: "\n").contains("--cluster-id=\(id)"), "\(asked)")
    }
}
