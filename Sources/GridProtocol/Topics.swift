/// A topic as it should be created.
public struct TopicPlan: Hashable, Sendable {
    /// The name, prefix included.
    public var name: String
    /// How many partitions it is created with.
    public var partitions: Int
    /// Kafka's topic configuration, `cleanup.policy` and the like.
    public var configuration: [String: String]

    /// Makes a plan.
    public init(name: String, partitions: Int, configuration: [String: String]) {
        self.name = name
        self.partitions = partitions
        self.configuration = configuration
    }
}

/// The topics of a grid, all under one prefix.
public struct Topics: Hashable, Sendable {
    /// What every topic's name begins with.
    public let prefix: String
    /// Partitions of each topic of batches; 24 by default.
    public var batchPartitions = 24
    /// Partitions of `results`; 8 by default.
    public var resultPartitions = 8

    /// The prefix of grids that set none.
    public static let defaultPrefix = "valgrid."
    /// The longest record of `market` and `batches`, 8 MiB; programs refuse to write a longer one.
    public static let maximumRecordBytes = 8 << 20

    /// Makes the names; ``problem(ofPrefix:)`` tells whether Kafka accepts them.
    public init(prefix: String = Topics.defaultPrefix) {
        self.prefix = prefix
    }

    /// Returns why topics cannot have the prefix, or nil when they can.
    public static func problem(ofPrefix prefix: String) -> String? {
        let isSound = prefix.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
        guard isSound, prefix.utf8.count <= 200 else {
            return "a topic prefix is at most 200 letters, digits, dots, underscores and hyphens"
        }
        return nil
    }

    // MARK: Names

    /// ``JobRecord``, by job id.
    public var jobs: String { prefix + "jobs" }
    /// ``MarketSnapshotRecord``, by snapshot id.
    public var market: String { prefix + "market" }
    /// ``Batch``, by job id and index.
    public var batches: String { prefix + "batches" }
    /// ``Batch``, of jobs that go before others.
    public var intradayBatches: String { prefix + "batches.intraday" }
    /// ``Batch``, of jobs that were paused before it was priced; engines move them here.
    public var parkedBatches: String { prefix + "batches.parked" }
    /// ``BatchResult``, by job id.
    public var results: String { prefix + "results" }
    /// ``DeadLetter``.
    public var deadLetters: String { prefix + "deadletter" }
    /// ``Heartbeat``, by engine id.
    public var engines: String { prefix + "engines" }
    /// Lines of programs' logs as JSON, by engine id.
    public var logs: String { prefix + "logs" }
    /// Who did what through compute-manager, as JSON.
    public var audit: String { prefix + "audit" }

    /// The topic into which the batches of a job of a priority are written.
    public func batches(of priority: JobPriority) -> String {
        priority == .intraday ? intradayBatches : batches
    }

    /// The topics into which jobs are written, those that are priced first first.
    public var submittedBatches: [String] { [intradayBatches, batches] }
    /// Every topic that holds batches.
    public var allBatches: [String] { submittedBatches + [parkedBatches] }

    // MARK: Plans

    /// All topics with partitions and retention.
    ///
    /// - `batches` have 24 partitions: as many engines can share the work, and 24 divides evenly
    ///   among 2, 3, 4, 6, 8 and 12. So have `batches.intraday` and `batches.parked`.
    /// - `results` have 8: a job is in one of them, so that a single reader sees it whole and in
    ///   order; they only spread jobs that run at the same time over brokers and aggregators, and
    ///   a desk has few of those.
    /// - `jobs` and `market` have one, small and compacted: every program reads them whole.
    /// - `logs` are kept for a day, at most 256 MiB a partition; `audit` for 400 days.
    /// - Batches and results stay 7 days, which is how far back a deleted ledger rebuilds.
    public var all: [TopicPlan] {
        let size = ["max.message.bytes": String(Self.maximumRecordBytes)]
        let compacted = ["cleanup.policy": "compact"]
        func kept(days: Int) -> [String: String] {
            ["cleanup.policy": "delete", "retention.ms": String(days * 86_400_000)]
        }
        func plan(_ name: String, _ partitions: Int, _ settings: [String: String]...) -> TopicPlan {
            TopicPlan(
                name: name,
                partitions: partitions,
                configuration: settings.reduce(into: [:]) { $0.merge($1) { $1 } }
            )
        }
        return [
            plan(jobs, 1, compacted),
            plan(market, 1, compacted, size),
            plan(batches, batchPartitions, kept(days: 7), size),
            plan(intradayBatches, batchPartitions, kept(days: 7), size),
            plan(parkedBatches, batchPartitions, kept(days: 7), size),
            plan(results, resultPartitions, kept(days: 7), size),
            plan(deadLetters, 1, kept(days: 30), size),
            plan(
                engines,
                1,
                [
                    "cleanup.policy": "compact,delete", "retention.ms": "86400000",
                    "segment.ms": "3600000",
                ]
            ),
            plan(logs, 3, kept(days: 1), ["retention.bytes": "268435456"]),
            plan(audit, 1, kept(days: 400)),
        ]
    }
}
