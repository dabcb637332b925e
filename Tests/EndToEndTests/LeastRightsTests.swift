import Foundation
import KafkaClient
import Testing

/// What scripts/kafka-acls gives each program, asked of the broker one right at a time.
extension SecureBrokerTests {
    /// What a user may do with the topics.
    struct Rights: CustomTestStringConvertible, Sendable {
        var user: String
        var reads: Set<String>
        var writes: Set<String>

        var testDescription: String { user }

        static let all = [
            Rights(
                user: "eodservice",
                reads: ["jobs", "market", "batches", "batches.intraday", "deadletter"],
                writes: ["jobs", "market", "batches", "batches.intraday"]
            ),
            Rights(
                user: "valengine",
                reads: [
                    "jobs", "market", "batches", "batches.intraday", "batches.parked", "results",
                ],
                writes: ["results", "deadletter", "engines", "batches.parked", "logs"]
            ),
            Rights(
                user: "aggregator",
                reads: ["jobs", "market", "batches", "batches.intraday", "results", "engines"],
                writes: ["deadletter", "logs"]
            ),
            Rights(
                user: "manager",
                reads: [
                    "jobs", "market", "batches", "batches.intraday", "deadletter", "engines",
                    "logs", "audit",
                ],
                writes: ["jobs", "market", "batches", "batches.intraday", "logs", "audit"]
            ),
            Rights(user: "topics", reads: [], writes: []),
            Rights(user: "outsider", reads: [], writes: []),
        ]
    }

    @Test(arguments: Rights.all)
    func aUserReadsAndWritesWhatItHasToAndNothingElse(rights: Rights) async throws {
        let kafka = try await SecureBroker.shared.kafka()
        let configuration = kafka.configuration(as: rights.user)
        for topic in SecureKafka.topics {
            let name = SecureKafka.prefix + topic
            let isRead = try await canRead(name, configuration)
            #expect(isRead == rights.reads.contains(topic), "\(rights.user) reads \(topic)")
            let isWritten = try await canWrite(name, configuration)
            #expect(isWritten == rights.writes.contains(topic), "\(rights.user) writes \(topic)")
        }
    }

    @Test(arguments: [
        ("valengine", "secure.valgrid-engines.e1", true),
        ("valengine", "secure.submit.j1", false),
        ("valengine", "other.valgrid-engines.e1", false),
        ("eodservice", "secure.submit.j1", true),
        ("eodservice", "secure.valgrid-engines.e1", false),
        ("aggregator", "secure.submit.j1", false),
        ("outsider", "secure.submit.j1", false),
    ])
    func aTransactionalIDBelongsToItsProgram(user: String, id: String, isAllowed: Bool) async throws
    {
        let kafka = try await SecureBroker.shared.kafka()
        let producer = try TransactionalProducer(
            configuration: kafka.configuration(as: user),
            transactionalID: id
        )
        var refusal: KafkaError?
        do throws(TransactionError) {
            try await producer.start(within: .seconds(20))
        } catch {
            refusal = error.cause
        }
        await producer.close()
        #expect((refusal == nil) == isAllowed, "\(user) and \(id): \(String(describing: refusal))")
        #expect(isAllowed || refusal?.code == .authorization)
        #expect(isAllowed || refusal?.reason.contains("transactional id \(id)") == true)
    }

    @Test(arguments: ["eodservice", "aggregator", "manager", "topics", "outsider"])
    func onlyEnginesJoinTheEnginesGroup(user: String) async throws {
        let kafka = try await SecureBroker.shared.kafka()
        let consumer = try KafkaConsumer(
            configuration: kafka.configuration(as: user),
            group: "valgrid-engines",
            topics: [SecureKafka.prefix + "batches"],
            maximumUnfinished: 1
        )
        var refusal: KafkaError?
        do throws(KafkaError) {
            _ = try await consumer.next()
        } catch {
            refusal = error
        }
        await consumer.close()
        #expect(refusal?.code == .authorization)
        #expect(refusal?.reason.hasPrefix("not authorized for") == true)
    }

    @Test(arguments: ["eodservice", "valengine", "aggregator", "manager", "outsider"])
    func noOtherUserThanTopicsCreatesTopics(user: String) async throws {
        let kafka = try await SecureBroker.shared.kafka()
        let admin = try KafkaAdmin(configuration: kafka.configuration(as: user))
        var refusal: KafkaError?
        do throws(KafkaError) {
            _ = try await admin.createMissing([
                TopicSpecification(name: SecureKafka.prefix + "more", partitions: 1)
            ])
        } catch {
            refusal = error
        }
        await admin.close()
        #expect(refusal?.code == .authorization)
        #expect(refusal?.reason == "not authorized to see or to create topics: secure.more")
    }

    // MARK: - Private

    /// Whether the broker hands out records, or at least says that there are no more.
    private func canRead(_ topic: String, _ configuration: KafkaConfiguration) async throws -> Bool
    {
        let place = TopicPartition(topic: topic, partition: 0)
        let reader = try KafkaReader(configuration: configuration, start: [place: .beginning])
        var isRefused = false
        do throws(KafkaError) {
            _ = try await reader.endOffsets(within: .seconds(20))
            for _ in 0..<100 where !reader.isAtEnd {
                _ = try await reader.nextBatch(maximum: 1_000, within: .milliseconds(200))
            }
        } catch {
            #expect(error.code == .authorization, "\(error)")
            #expect(error.reason.hasPrefix("not authorized for topic \(topic) ("), "\(error)")
            isRefused = true
        }
        #expect(isRefused || reader.isAtEnd, "neither refused nor read: \(topic)")
        await reader.close()
        return !isRefused
    }

    /// Whether the broker takes a record: one without value, which no program has a use for.
    private func canWrite(_ topic: String, _ configuration: KafkaConfiguration) async throws -> Bool
    {
        let producer = try KafkaProducer(configuration: configuration)
        var isRefused = false
        do throws(KafkaError) {
            try await producer.send(
                ProducedRecord(topic: topic, partition: 0, key: Array("rights".utf8), value: nil)
            )
        } catch {
            #expect(error.code == .authorization, "\(error)")
            isRefused = true
        }
        await producer.close(within: .seconds(2))
        return !isRefused
    }
}
