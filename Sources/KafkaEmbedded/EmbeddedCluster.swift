import CRDKafka
public import KafkaClient
import Synchronization

/// librdkafka's mock cluster: brokers inside this process that clients of any process can use.
///
/// It keeps at most 5 MiB or 100,000 records per partition, drops the oldest silently, does
/// not isolate transactions, and creates topics only by ``createTopic(_:partitions:)``. Groups form
/// only with sessions longer than 3 s, and a later member joins after the session's time less one
/// second: 4 s work best. It is for trials on one machine and tests, and proves nothing about
/// delivery.
public final class EmbeddedCluster: Sendable {
    /// The client that owns the cluster; pointers of a thread-safe API, used under the lock only.
    private struct Pointers: @unchecked Sendable {
        var client: OpaquePointer
        var cluster: OpaquePointer
    }

    /// Where clients find the cluster: `host:port`, separated by commas.
    public let bootstrapServers: String
    private let pointers: Mutex<Pointers?>

    /// Starts brokers on free ports of the loopback interface.
    ///
    /// - Parameter brokers: 1...100.
    /// - Throws: ``KafkaError`` if they cannot be started.
    public init(brokers: Int = 1) throws(KafkaError) {
        guard (1...100).contains(brokers) else {
            throw KafkaError(
                code: .configuration,
                reason: "an embedded cluster has 1 to 100 brokers"
            )
        }
        guard let conf = rd_kafka_conf_new() else {
            throw KafkaError(code: .other, reason: "librdkafka cannot create a configuration")
        }
        // The client only owns the cluster; it is not used for records.
        rd_kafka_conf_set(conf, "log_level", "0", nil, 0)
        rd_kafka_conf_set(conf, "client.id", "embedded", nil, 0)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nil, 0) else {
            rd_kafka_conf_destroy(conf)
            throw KafkaError(code: .other, reason: "the embedded cluster's client does not start")
        }
        guard let cluster = rd_kafka_mock_cluster_new(client, Int32(brokers)),
            let addresses = rd_kafka_mock_cluster_bootstraps(cluster)
        else {
            rd_kafka_destroy(client)
            throw KafkaError(code: .other, reason: "the embedded cluster does not start")
        }
        bootstrapServers = String(cString: addresses)
        pointers = Mutex(Pointers(client: client, cluster: cluster))
    }

    deinit {
        close()
    }

    /// Stops the brokers; their records are lost.
    ///
    /// Further calls do nothing.
    public func close() {
        let pointers = pointers.withLock { $0.take() }
        guard let pointers else { return }
        rd_kafka_mock_cluster_destroy(pointers.cluster)
        rd_kafka_destroy(pointers.client)
    }

    /// Creates a topic.
    ///
    /// - Parameters:
    ///   - name: as Kafka allows it.
    ///   - partitions: 1 or more.
    /// - Throws: ``KafkaError`` if the topic exists or cannot be.
    public func createTopic(_ name: String, partitions: Int) throws(KafkaError) {
        try TopicSpecification(name: name, partitions: partitions).validate()
        try call("topic \(name)") { cluster in
            rd_kafka_mock_topic_create(cluster, name, Int32(clamping: partitions), 1)
        }
    }

    // MARK: - Faults for tests

    /// Disconnects a broker, or all of them.
    ///
    /// - Parameter broker: from 1; all without it.
    /// - Throws: ``KafkaError`` if there is no such broker, or the cluster is closed.
    public func takeDown(broker: Int32? = nil) throws(KafkaError) {
        try call("broker down") { rd_kafka_mock_broker_set_down($0, broker ?? -1) }
    }

    /// Lets a broker answer again, or all of them.
    ///
    /// - Parameter broker: from 1; all without it.
    /// - Throws: ``KafkaError`` if there is no such broker, or the cluster is closed.
    public func bringUp(broker: Int32? = nil) throws(KafkaError) {
        try call("broker up") { rd_kafka_mock_broker_set_up($0, broker ?? -1) }
    }

    /// Delays all answers of a broker, or of all of them.
    ///
    /// - Parameters:
    ///   - milliseconds: 0 or more; 0 ends the delay.
    ///   - broker: from 1; all without it.
    /// - Throws: ``KafkaError`` if there is no such broker, or the cluster is closed.
    public func setRoundTrip(
        milliseconds: Int,
        broker: Int32? = nil
    ) throws(KafkaError) {
        try call("round trip") {
            rd_kafka_mock_broker_set_rtt($0, broker ?? -1, Int32(clamping: milliseconds))
        }
    }

    /// Makes brokers answer requests for a topic's metadata with an error.
    ///
    /// - Parameters:
    ///   - error: the code as Kafka's protocol numbers it; 0 for none.
    ///   - name: the topic's.
    /// - Throws: ``KafkaError`` if the cluster is closed.
    public func setError(_ error: Int32, ofTopic name: String) throws(KafkaError) {
        try call("topic's error") { cluster in
            rd_kafka_mock_topic_set_error(cluster, name, rd_kafka_resp_err_t(rawValue: error))
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    /// Makes another broker lead a partition, or none.
    ///
    /// - Parameters:
    ///   - broker: its number, from 1; nil for none.
    ///   - partition: the partition.
    /// - Throws: ``KafkaError`` if there is no such partition.
    public func setLeader(_ broker: Int32?, of partition: TopicPartition) throws(KafkaError) {
        try call("leader") { cluster in
            rd_kafka_mock_partition_set_leader(
                cluster,
                partition.topic,
                partition.partition,
                broker ?? -1
            )
        }
    }

    /// Lets the next requests of a kind fail, one for each error.
    ///
    /// - Parameters:
    ///   - request: the kind of request.
    ///   - errors: codes as Kafka's protocol numbers them.
    /// - Throws: ``KafkaError`` if the cluster is closed.
    public func fail(_ request: KafkaRequest, with errors: [Int32]) throws(KafkaError) {
        let codes = errors.map { rd_kafka_resp_err_t(rawValue: $0) }
        try call("errors") { cluster in
            rd_kafka_mock_push_request_errors_array(
                cluster,
                request.rawValue,
                codes.count,
                codes
            )
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    /// Removes the errors that ``fail(_:with:)`` set for requests of a kind.
    ///
    /// - Throws: ``KafkaError`` if the cluster is closed.
    public func clearErrors(of request: KafkaRequest) throws(KafkaError) {
        try call("errors") { cluster in
            rd_kafka_mock_clear_request_errors(cluster, request.rawValue)
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    private func call(
        _ what: String,
        _ body: (OpaquePointer) -> rd_kafka_resp_err_t
    ) throws(KafkaError) {
        let error = try pointers.withLock { pointers throws(KafkaError) in
            guard let pointers else {
                throw KafkaError(code: .closed, reason: "the embedded cluster is closed")
            }
            return body(pointers.cluster)
        }
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(
                code: .other,
                reason: "\(what): \(String(cString: rd_kafka_err2str(error)))"
            )
        }
    }
}
