internal import GridPrograms
internal import GridProtocol
internal import GridTopics
internal import KafkaClient
internal import Operations

/// `eodservice topics`: makes the grid's topics and says what is there.
enum TopicsCommand {
    static let command = Command(
        name: "topics",
        summary: "Creates the topics that are missing and lists all.",
        discussion: """
            Every program creates what it misses when it starts, if it may. Where programs have least \
            rights only an administrator may: run this once, as one, before they start. Topics that \
            exist stay as they are. What is kept is said as planned, not as the broker has it.
            """,
        options: [
            Option(
                name: "check",
                help: "create nothing; exit with 1 unless every topic is there as planned",
                kind: .flag
            )
        ] + CommonOptions.kafka + CommonOptions.quietLogging,
        exitCodes: [.success, .failure, .usage, .unreachable]
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let kafka = try program.kafkaConfiguration(clientID: "eodservice")
        let isCheck = program.settings.flag("check")
        let created =
            isCheck
            ? []
            : try await program.topics.createMissing(
                with: kafka,
                replicationFactor: program.settings.int("replication-factor")
            )
        let survey = try await program.topics.survey(with: kafka, created: created)
        for line in survey.table { try Program.say(line) }
        return isCheck && !survey.isAsPlanned ? .failure : .success
    }
}
