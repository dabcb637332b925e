public import GridProtocol
public import KafkaClient

extension Topics {
    /// What to create where a topic is missing.
    ///
    /// - Parameter replicationFactor: copies of each partition; -1 for the broker's default.
    /// - Returns: one specification a topic.
    public func specifications(replicationFactor: Int = -1) -> [TopicSpecification] {
        all.map {
            TopicSpecification(
                name: $0.name,
                partitions: $0.partitions,
                replicationFactor: replicationFactor,
                configuration: $0.configuration
            )
        }
    }

    /// Creates the topics that are missing.
    ///
    /// - Returns: the names of those created.
    public func createMissing(
        with configuration: KafkaConfiguration,
        replicationFactor: Int = -1,
        within limit: Duration = .seconds(30)
    ) async throws(KafkaError) -> [String] {
        let admin = try KafkaAdmin(configuration: configuration)
        do throws(KafkaError) {
            // Fails within seconds, with the addresses, if no broker answers.
            _ = try await admin.brokers(within: .seconds(10))
            let created = try await admin.createMissing(
                specifications(replicationFactor: replicationFactor),
                within: limit
            )
            await admin.close()
            return created
        } catch {
            await admin.close()
            throw error
        }
    }
}
