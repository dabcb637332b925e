/// What kind of client the properties are for.
enum ClientRole: Hashable, Sendable {
    case producer
    case transactions(id: String, timeout: Duration)
    case consumer(group: String)
    case reader(isolation: String)
    case admin
}

/// The librdkafka properties of a client: defaults, then the caller's, then what must be so.
struct ClientProperties {
    /// Names and values, in the order to set them.
    private(set) var pairs: [(name: String, value: String)] = []

    init(_ configuration: KafkaConfiguration, role: ClientRole) throws(KafkaError) {
        try ClientProperties.validate(configuration)
        let fixed = ClientProperties.fixed(configuration, role: role)
        let owned = Set(fixed.map(\.0)).union(ClientProperties.reserved)
        if let name = configuration.properties.keys.sorted().first(where: owned.contains) {
            throw KafkaError(
                code: .configuration,
                reason: "the Kafka property “\(name)” cannot be set: the client decides it"
            )
        }
        let defaults = ClientProperties.defaults(configuration, role: role)
        pairs += defaults.filter { configuration.properties[$0.0] == nil }
        pairs += configuration.properties.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        pairs += fixed
    }

    // MARK: - The three layers

    private static func defaults(
        _ configuration: KafkaConfiguration,
        role: ClientRole
    ) -> [(String, String)] {
        var pairs = [
            ("socket.nagle.disable", "true"),
            ("socket.keepalive.enable", "true"),
            ("reconnect.backoff.max.ms", "2000"),
            ("statistics.interval.ms", "2000"),
            // Stale metadata, such as a topic without a leader, is refreshed soon.
            ("topic.metadata.refresh.interval.ms", "10000"),
        ]
        switch role {
        case .producer:
            pairs.append(("partitioner", "murmur2_random"))
        case .transactions:
            pairs.append(("partitioner", "murmur2_random"))
            // Each transaction waits this long for the end of the one before.
            pairs.append(("retry.backoff.ms", "5"))
        case .consumer:
            pairs.append(("max.poll.interval.ms", "300000"))
            pairs.append(("fetch.error.backoff.ms", "100"))
        case .reader:
            pairs.append(("fetch.error.backoff.ms", "100"))
        case .admin:
            break
        }
        return pairs
    }

    private static func fixed(
        _ configuration: KafkaConfiguration,
        role: ClientRole
    ) -> [(String, String)] {
        var pairs = [
            ("bootstrap.servers", configuration.bootstrapServers),
            ("client.id", configuration.clientID),
            ("log.queue", "true"),
            ("message.max.bytes", String(configuration.messageMaxBytes)),
        ]
        switch role {
        case .producer:
            pairs += writing(configuration, within: configuration.messageTimeout)
        case .transactions(let id, let timeout):
            pairs += [
                ("transactional.id", id),
                ("transaction.timeout.ms", String(timeout.wholeMilliseconds)),
            ]
            pairs += writing(configuration, within: min(timeout, configuration.messageTimeout))
        case .consumer(let group):
            pairs += [
                ("group.id", group),
                ("enable.auto.commit", "false"),
                ("enable.auto.offset.store", "false"),
                ("auto.offset.reset", "earliest"),
                ("enable.partition.eof", "true"),
                ("partition.assignment.strategy", "range"),
                ("session.timeout.ms", String(configuration.sessionTimeoutMillis)),
                ("heartbeat.interval.ms", String(max(100, configuration.sessionTimeoutMillis / 5))),
            ]
            pairs += reading(configuration)
        case .reader(let isolation):
            pairs += [
                ("enable.auto.commit", "false"),
                ("enable.auto.offset.store", "false"),
                ("auto.offset.reset", "earliest"),
                ("enable.partition.eof", "true"),
                ("isolation.level", isolation),
            ]
            pairs += reading(configuration)
        case .admin:
            break
        }
        return pairs
    }

    private static func writing(
        _ configuration: KafkaConfiguration,
        within timeout: Duration
    ) -> [(String, String)] {
        let kilobytes = configuration.maximumInFlightBytes >> 10
        let largest = configuration.messageMaxBytes >> 10
        return [
            ("enable.idempotence", configuration.isDurable ? "true" : "false"),
            ("acks", configuration.isDurable ? "all" : "1"),
            ("linger.ms", String(configuration.lingerMillis)),
            ("message.timeout.ms", String(timeout.wholeMilliseconds)),
            ("queue.buffering.max.messages", String(configuration.maximumInFlight + 1_000)),
            ("queue.buffering.max.kbytes", String(kilobytes * 2 + largest + 1_024)),
        ]
    }

    private static func reading(_ configuration: KafkaConfiguration) -> [(String, String)] {
        [
            ("allow.auto.create.topics", "false"),
            ("fetch.wait.max.ms", String(configuration.fetchWaitMaxMillis)),
            ("queued.max.messages.kbytes", String(configuration.queuedMaxKilobytes)),
            ("queued.min.messages", String(configuration.queuedMinMessages)),
        ]
    }

    /// Names that no client takes from outside, by any spelling librdkafka knows.
    private static let reserved: Set<String> = [
        "metadata.broker.list", "acks", "request.required.acks", "enable.idempotence",
        "delivery.timeout.ms", "queue.buffering.max.ms", "group.id", "enable.auto.commit",
        "auto.commit.enable", "enable.auto.offset.store", "auto.offset.reset",
        "partition.assignment.strategy", "enable.partition.eof", "transactional.id",
        "transaction.timeout.ms",
        "test.mock.num.brokers", "enabled_events", "opaque", "default_topic_conf",
    ]

    private static func validate(_ configuration: KafkaConfiguration) throws(KafkaError) {
        let addresses = configuration.bootstrapServers.split(
            separator: ",",
            omittingEmptySubsequences: false
        )
        for address in addresses {
            guard let fault = fault(inAddress: address) else { continue }
            throw KafkaError(
                code: .configuration,
                reason: "“\(configuration.bootstrapServers)” is not a list of Kafka addresses"
                    + " (host:port, separated by commas): \(fault)"
            )
        }
        let bounds: [(String, Int, ClosedRange<Int>)] = [
            ("maximumInFlight", configuration.maximumInFlight, 1...1_000_000),
            ("maximumInFlightBytes", configuration.maximumInFlightBytes, 1_024...(1 << 40)),
            ("lingerMillis", configuration.lingerMillis, 0...900_000),
            ("messageTimeout", configuration.messageTimeout.wholeMilliseconds, 1...2_147_483_647),
            ("messageMaxBytes", configuration.messageMaxBytes, 1_000...1_000_000_000),
            ("sessionTimeoutMillis", configuration.sessionTimeoutMillis, 500...300_000),
            ("fetchWaitMaxMillis", configuration.fetchWaitMaxMillis, 0...60_000),
            ("queuedMaxKilobytes", configuration.queuedMaxKilobytes, 1...2_097_151),
            ("queuedMinMessages", configuration.queuedMinMessages, 1...10_000_000),
            ("commitIntervalMillis", configuration.commitIntervalMillis, 1...60_000),
        ]
        for (name, value, range) in bounds where !range.contains(value) {
            throw KafkaError(
                code: .configuration,
                reason: "\(name) is \(value), but must be"
                    + " from \(range.lowerBound) to \(range.upperBound)"
            )
        }
    }

    private static func fault(inAddress address: Substring) -> String? {
        let address = address.drop { $0 == " " }
        guard !address.isEmpty else { return "an address is empty" }
        guard !address.contains(where: \.isWhitespace) else { return "“\(address)” has a space" }
        let start = address.firstRange(of: "://")?.upperBound ?? address.startIndex
        let host = address[start...]
        let tail = host.hasPrefix("[") ? host.drop { $0 != "]" }.dropFirst() : host
        guard let colon = tail.lastIndex(of: ":") else { return nil }
        let port = tail[tail.index(after: colon)...]
        guard let number = Int(port), (1...65_535).contains(number) else {
            return "“\(port)” is not a port"
        }
        return nil
    }
}

extension Duration {
    /// The duration in milliseconds, rounded down.
    var wholeMilliseconds: Int {
        Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
