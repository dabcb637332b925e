internal import Foundation
internal import GridAPI
public import GridProtocol
public import GridTopics
public import HTTP
public import KafkaClient
public import Operations
public import Scaling
internal import TradeAnalysis

/// compute-manager: the page and its API, as services to run together.
public final class ManagerService: Sendable {
    /// What it is made of.
    public struct Configuration: Sendable {
        /// How Kafka is reached.
        public var kafka: KafkaConfiguration
        /// Where the topics are.
        public var topics: Topics
        /// How batches are written; nil for transactions wherever the broker can.
        public var delivery: DeliveryMode?
        /// Where the aggregator serves, without a slash at the end.
        public var aggregator: String
        /// How the aggregator is asked.
        public var client = HTTPClient()
        /// Where users, the key of sessions and uploads are kept.
        public var directory: String
        /// Where the page's files are.
        public var web: String
        /// The pricer that is asked about trades; nil for none.
        public var pricer: String?
        /// Where the examples are; nil for none.
        public var examples: String?
        /// Where it listens.
        public var host = "127.0.0.1"
        /// 0 for any free port.
        public var port = 0
        /// The certificate; nil for plain HTTP.
        public var tls: TLSFiles?
        /// Whether browsers reach it over TLS, by itself or by a proxy in front.
        public var isSecure = false
        /// Whether a proxy is in front, so that all connections come from one address.
        public var isBehindProxy = false
        /// The names that browsers may call it by; empty for any.
        public var publicHosts: Set<String> = []
        /// What the page calls the grid; nil for nothing.
        public var environment: String?
        /// Bytes of one upload at most.
        public var uploadBytes: Int64 = 2 << 30
        /// Bytes of all uploads together at most.
        public var uploadRoom: Int64 = 20 << 30
        /// How many batches of a job may be without a result; nil for no limit.
        public var batchesInFlight: Int?

        /// Makes a configuration.
        public init(
            kafka: KafkaConfiguration,
            topics: Topics,
            aggregator: String,
            directory: String,
            web: String
        ) {
            self.kafka = kafka
            self.topics = topics
            self.aggregator = aggregator
            self.directory = directory
            self.web = web
        }
    }

    /// The port it listens on.
    public let port: Int
    /// The first password of `admin`, where its directory is new; to be shown once.
    public let firstPassword: String?
    /// What runs, dependencies first.
    public let services: [any Service]

    /// Opens its files and begins to listen; what it shows comes once the services run.
    ///
    /// - Throws: ``ManagerError``, `HTTPServerError` or `KafkaError` that says what is wrong.
    public init(
        _ configuration: Configuration,
        scaler: any Scaler,
        cluster: any ClusterSource,
        logger: Logger,
        registry: MetricsRegistry
    ) throws {
        let directory = configuration.directory
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let users = try UserStore(path: directory + "/users.json")
        let sessions = try SessionKeeper(keyFile: directory + "/session.key")
        let files = try StaticFiles(directory: configuration.web)
        let uploads = try UploadStore(
            directory: directory + "/uploads",
            limit: configuration.uploadBytes,
            room: configuration.uploadRoom
        )
        let table = JobTable()
        let hub = EventHub(boot: String(UInt64.random(in: 0...UInt64.max), radix: 36))
        let source = AggregatorSource(
            base: configuration.aggregator,
            client: configuration.client,
            table: table,
            hub: hub,
            logger: logger
        )
        let audit = try AuditLog(
            configuration: configuration.kafka,
            topic: configuration.topics.audit,
            writer: try Secrets.keptName(in: directory + "/audit-writer"),
            logger: logger
        )
        audit.onDone { entry in
            switch entry.action {
            case "session.end":
                let now = Timestamp.now
                sessions.end(entry.object, ends: now + SessionKeeper.length, at: now)
            case ManagerAPI.acknowledgement:
                let row = table.acknowledge(
                    entry.object,
                    JobRow.Acknowledgement(by: entry.who, at: entry.at, reason: entry.reason)
                )
                if let row { hub.publish(row: row) }
            default: break
            }
        }
        let ring = LogRing()
        let producer = try KafkaProducer(configuration: configuration.kafka)
        let inFlight = configuration.batchesInFlight
        let grid = KafkaGrid(
            configuration: configuration.kafka,
            topics: configuration.topics,
            producer: producer,
            delivery: configuration.delivery,
            logger: logger
        ) { job, position in
            guard let inFlight, position >= inFlight else { return }
            try await Self.waitForRoom(in: table, job, position: position, limit: inFlight)
        }
        let gate = Gate(
            users: users,
            sessions: sessions,
            isSecure: configuration.isSecure,
            hosts: configuration.publicHosts
        )
        let api = ManagerAPI(
            users: users,
            gate: gate,
            uploads: uploads,
            maker: JobMaker(
                uploads: uploads,
                grid: grid,
                jobs: source,
                examples: configuration.examples
            ),
            desk: SubmissionDesk(grid: grid, logger: logger),
            grid: grid,
            jobs: source,
            table: table,
            hub: hub,
            audit: audit,
            logs: ring,
            scaler: scaler,
            cluster: cluster,
            analyst: configuration.pricer.map { TradeAnalyst(pricer: $0) },
            logger: logger,
            environment: configuration.environment
        )
        registry.gauge(
            "valgrid_page_streams",
            help: "Streams of events that browsers and programs have open."
        ) { Double(hub.count) }
        registry.gauge("valgrid_page_jobs", help: "Jobs that the page lists.") {
            Double(table.count)
        }
        let health = HealthChecks()
        health.ready("page") { .ok }
        let operations = operationsRoutes(health: health, metrics: registry)
        var limits = HTTPServer.Limits()
        limits.connections = 1_200
        limits.busyConnections = 1_100
        limits.connectionsOfAnAddress = configuration.isBehindProxy ? 0 : 64
        limits.streams = 500
        // Files are uploads; what else is sent is small.
        limits.bodyBytes = 1 << 20
        let server = try HTTPServer(
            host: configuration.host,
            port: configuration.port,
            limits: limits,
            tls: configuration.tls,
            logger: logger,
            headers: PageHeaders.all(isTLS: configuration.isSecure),
            receptionist: api.reception,
            handler: firstMatch(of: [operations, api.response, files.response])
        )
        port = server.port
        firstPassword = users.firstPassword
        services = [
            audit,
            LogFollower(
                configuration: configuration.kafka,
                topic: configuration.topics.logs,
                ring: ring,
                hub: hub
            ),
            source,
            ClosingServer(server: server, hub: hub, producer: producer),
        ]
    }

    /// Waits until few of a job's batches are without a result.
    private static func waitForRoom(
        in table: JobTable,
        _ job: JobID,
        position: Int,
        limit: Int
    ) async throws {
        var last = table.row(job.rawValue)?.batchesDone ?? 0
        var lastMove = ContinuousClock.now
        while true {
            let now = table.row(job.rawValue)?.batchesDone ?? 0
            if position - now < limit { return }
            if now != last {
                last = now
                lastMove = .now
            }
            guard lastMove.duration(to: .now) < .seconds(300) else {
                throw ManagerError("no batch of job \(job) was joined for 5 minutes")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// The server, which ends its streams first and closes the producer last.
private struct ClosingServer: GracefulService {
    let server: HTTPServer
    let hub: EventHub
    let producer: KafkaProducer

    func run() async throws { try await server.run() }

    func shutdown() async {
        hub.close()
        await server.shutdown()
        await producer.close()
    }
}
