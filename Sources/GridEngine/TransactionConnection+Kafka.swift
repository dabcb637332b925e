internal import GridTopics
internal import KafkaClient
internal import Operations

extension TransactionConnection {
    /// Makes a connection to Kafka.
    ///
    /// - Parameters:
    ///   - configuration: how to reach Kafka.
    ///   - transactionalID: the identity by which Kafka knows the engine.
    ///   - group: the group whose offsets are committed.
    ///   - topics: what is written to.
    ///   - placeholder: an offset of the group that transactions are begun with.
    ///   - logger: is told of transactions that fail.
    init(
        configuration: KafkaConfiguration,
        transactionalID: String,
        group: String,
        topics: [String],
        placeholder: @escaping @Sendable () -> OffsetPlaceholder,
        logger: Logger
    ) {
        self.init(
            makeSink: { isOneByOne throws(TransactionError) in
                try await TransactionalProducer.open(
                    configuration: isOneByOne ? configuration.sendingOneByOne : configuration,
                    transactionalID: transactionalID,
                    topics: topics
                )
            },
            evidence: KafkaTransactionEvidence(configuration: configuration, group: group),
            group: group,
            placeholder: placeholder,
            logger: logger
        )
    }
}

/// What Kafka shows of a transaction that was not answered.
struct KafkaTransactionEvidence: TransactionEvidence {
    let configuration: KafkaConfiguration
    let group: String

    func committedOffset(of partition: TopicPartition) async throws(KafkaError) -> Int64? {
        let admin = try KafkaAdmin(configuration: configuration)
        let answer = await Self.committed(of: group, partition, by: admin)
        await admin.close()
        return try answer.get()[partition]
    }

    func visibility(of records: [TopicPartition: Int64]) async -> TransactionVisibility {
        await TransactionOutcomeProbe(configuration, of: records).look()
    }

    private static func committed(
        of group: String,
        _ partition: TopicPartition,
        by admin: KafkaAdmin
    ) async -> Result<[TopicPartition: Int64], KafkaError> {
        do throws(KafkaError) {
            return .success(try await admin.committedOffsets(of: group, in: [partition]))
        } catch {
            return .failure(error)
        }
    }
}

extension KafkaConfiguration {
    /// The same with a request for each record, so that a record is refused for its own size only.
    var sendingOneByOne: KafkaConfiguration {
        var configuration = self
        configuration.properties["batch.num.messages"] = "1"
        return configuration
    }
}
