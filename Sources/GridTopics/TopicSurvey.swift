public import GridProtocol
public import KafkaClient

/// The topics of a grid as they should be, beside what a cluster has.
public struct TopicSurvey: Hashable, Sendable {
    /// A topic as planned and as found.
    public struct Row: Hashable, Sendable {
        /// The name, prefix included.
        public var name: String
        /// How many partitions it is created with.
        public var planned: Int
        /// How many it has; nil when it does not exist.
        public var found: Int?
        /// How long records stay, for people, as it is created.
        public var retention: String
        /// Whether it was created just now.
        public var isNew: Bool

        /// Whether it exists with the partitions that are planned.
        public var isAsPlanned: Bool { found == planned }

        /// The text of the state: `created`, `there`, `missing`, or how it differs.
        public var state: String {
            guard let found else { return "missing" }
            guard found == planned else { return "exists, but \(planned) partitions are planned" }
            return isNew ? "created" : "there"
        }
    }

    /// A row a topic, in the order of the plans.
    public var rows: [Row]

    /// Compares.
    ///
    /// - Parameters:
    ///   - plans: the topics as they should be.
    ///   - found: partitions of the topics that exist, by name.
    ///   - created: the names of those created just now.
    public init(plans: [TopicPlan], found: [String: Int], created: [String] = []) {
        rows = plans.map { plan in
            Row(
                name: plan.name,
                planned: plan.partitions,
                found: found[plan.name],
                retention: Self.retention(plan.configuration),
                isNew: created.contains(plan.name)
            )
        }
    }

    /// Whether every topic exists with the partitions that are planned.
    public var isAsPlanned: Bool { rows.allSatisfy(\.isAsPlanned) }

    /// The lines of a table with a header.
    public var table: [String] {
        let width = max(5, rows.map(\.name.count).max() ?? 0)
        func line(_ name: String, _ partitions: String, _ retention: String, _ state: String)
            -> String
        {
            let columns = [
                name + String(repeating: " ", count: width - name.count),
                String(repeating: " ", count: max(0, 10 - partitions.count)) + partitions,
                retention + String(repeating: " ", count: max(0, 14 - retention.count)),
                state,
            ]
            return columns.joined(separator: "  ")
        }
        return [line("topic", "partitions", "kept", "state")]
            + rows.map { line($0.name, $0.found.map(String.init) ?? "-", $0.retention, $0.state) }
    }

    // MARK: Private

    private static func retention(_ configuration: [String: String]) -> String {
        let policies = (configuration["cleanup.policy"] ?? "delete").split(separator: ",")
        var words: [String] = []
        if policies.contains("compact") { words.append("newest per key") }
        if policies.contains("delete"), let text = configuration["retention.ms"],
            let milliseconds = Int(text)
        {
            words.append(
                milliseconds % 86_400_000 == 0
                    ? "\(milliseconds / 86_400_000) d" : "\(milliseconds / 1_000) s"
            )
        }
        return words.joined(separator: ", ")
    }
}

extension Topics {
    /// Surveys a cluster's topics.
    ///
    /// - Parameters:
    ///   - configuration: how Kafka is reached.
    ///   - created: the names of those created just now.
    /// - Returns: what is there beside what is planned.
    /// - Throws: ``KafkaError`` when no broker answers.
    public func survey(
        with configuration: KafkaConfiguration,
        created: [String] = []
    ) async throws(KafkaError) -> TopicSurvey {
        let admin = try KafkaAdmin(configuration: configuration)
        let counts: [String: Int]
        do throws(KafkaError) {
            counts = try await admin.partitionCounts(of: all.map(\.name))
        } catch {
            await admin.close()
            throw error
        }
        await admin.close()
        return TopicSurvey(plans: all, found: counts, created: created)
    }
}
