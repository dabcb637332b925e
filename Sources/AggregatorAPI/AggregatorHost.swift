internal import GridAPI
public import GridProtocol
public import HTTP
public import KafkaClient
internal import Ledger
public import Operations
internal import Reports

/// The aggregator: joins results, and serves jobs, reports and its feed over HTTP.
public struct AggregatorHost: Sendable {
    /// What it is made of.
    public struct Configuration: Sendable {
        /// How Kafka is reached.
        public var kafka: KafkaConfiguration
        /// Where the topics are.
        public var topics: Topics
        /// The ledger's SQLite file; reports lie beside it.
        public var ledger: String
        /// How long after its deadline a job is kept; nil for ever.
        public var keepJobs: Duration?
        /// Where it listens.
        public var host: String
        /// 0 for any free port.
        public var port: Int
        /// What requests must carry; nil for nothing.
        public var token: BearerToken?

        /// Makes a configuration.
        public init(
            kafka: KafkaConfiguration,
            topics: Topics,
            ledger: String,
            keepJobs: Duration?,
            host: String,
            port: Int,
            token: BearerToken?
        ) {
            self.kafka = kafka
            self.topics = topics
            self.ledger = ledger
            self.keepJobs = keepJobs
            self.host = host
            self.port = port
            self.token = token
        }
    }

    /// The port it listens on.
    public let port: Int
    /// What runs, dependencies first.
    public let services: [any Service]
    private let service: AggregatorService

    /// Why the ledger is not up to date; nil when it is.
    public var trouble: String? { service.trouble }

    /// Opens the ledger and begins to listen; nothing is joined before the services run.
    ///
    /// - Throws: `AggregationError` or `HTTPServerError` that says what is wrong.
    public init(
        _ configuration: Configuration,
        logger: Logger,
        registry: MetricsRegistry
    ) throws {
        let topics = configuration.topics
        let kafka = configuration.kafka
        let core = try AggregatorCore(
            store: LedgerStore(path: configuration.ledger),
            topics: topics
        )
        let watch = EngineWatch(configuration: kafka, topic: topics.engines, logger: logger)
        let service = AggregatorService(
            core: core,
            configuration: kafka,
            topics: topics,
            keepJobs: configuration.keepJobs,
            logger: logger,
            registry: registry
        )
        let held = HeldResultsWatch(
            configuration: kafka,
            topic: topics.results,
            logger: logger
        ) {
            let quietSince = core.backlog.quietSince ?? .max
            return quietSince < WireClock.now() - 10_000_000
        }
        let liveState = { @Sendable (time: Int64) in
            LiveGridState(
                trouble: service.trouble,
                partitions: service.batchPartitions,
                engines: watch.isUpToDate ? watch.engines(at: time) : nil,
                held: held.reason
            )
        }
        let jobs = JobsAPI(
            core: core,
            reportsDirectory: configuration.ledger + ".reports",
            liveState: liveState
        )
        let details = JobDetailsAPI(core: core, liveState: liveState)
        let indexes = TradeIndexes(
            core: core,
            reportsDirectory: configuration.ledger + ".reports"
        )
        let trades = TradesAPI(core: core, indexes: indexes)
        let totals = TotalsAPI(core: core, jobs: jobs)
        let final = FinalTotals(core: core, directory: configuration.ledger + ".reports")
        let comparisons = ComparisonsAPI(core: core, indexes: indexes)
        let feed = FeedAPI(
            core: core,
            liveState: liveState,
            engines: watch.engines(at:),
            enrich: { row, progress in
                if progress.isFinal { row.total = final.total(of: progress.job) }
                row.addForecast(progress, core.view, at: WireClock.now())
            },
            news: final.news(after:)
        )
        service.afterPurge {
            jobs.removeOrphans()
            indexes.removeOrphans()
            final.removeOrphans()
        }
        GridGauges(
            engines: watch.engines(at:),
            backlog: { core.backlog },
            isCaughtUp: { service.trouble == nil }
        ).register(in: registry)
        let health = HealthChecks()
        health.ready("ledger") { service.trouble.map { .notReady($0) } ?? .ok }
        let server = try HTTPServer(
            host: configuration.host,
            port: configuration.port,
            logger: logger,
            handler: firstMatch(of: [
                operationsRoutes(health: health, metrics: registry),
                guarded(
                    firstMatch(of: [
                        enginesRoute(EnginesAPI(engines: watch.engines(at:))),
                        jobsRoute(jobs), { details.response(to: $0) },
                        { trades.response(to: $0) }, { totals.response(to: $0) },
                        { comparisons.response(to: $0) }, { feed.response(to: $0) },
                    ]),
                    by: configuration.token
                ),
            ])
        )
        port = server.port
        self.service = service
        services = [server, watch, held, service]
    }
}
