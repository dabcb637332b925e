internal import GridPrograms
internal import GridTopics
internal import Operations

/// `eodservice topics`: creates what is missing, for where the programs may not do that themselves.
enum TopicsCommand {
    static let command = Command(
        name: "topics",
        summary: "Creates the topics that are missing and prints their names.",
        discussion: """
            Every program does that when it starts, if it may. Where programs have least rights only \
            an administrator may: run this once, as one, before they start.
            """,
        options: CommonOptions.kafka + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let created = try await program.topics.createMissing(
            with: program.kafkaConfiguration(clientID: "eodservice"),
            replicationFactor: program.settings.int("replication-factor")
        )
        for topic in created { print(topic) }
        if created.isEmpty { Program.complain("all topics exist") }
        return .success
    }
}
