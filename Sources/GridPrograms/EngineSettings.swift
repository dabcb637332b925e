internal import CProcess
internal import Glibc
public import GridEngine
public import GridTopics
public import KafkaClient
internal import Operations

extension Program {
    /// The configuration of an engine, as the options say.
    ///
    /// - Parameters:
    ///   - engineID: unique among running engines.
    ///   - kafka: how Kafka is reached.
    ///   - group: the consumer group that shares the batches.
    ///   - pricers: batches priced at the same time, where the options leave it open.
    ///   - delivery: how results reach Kafka.
    /// - Returns: the configuration.
    /// - Throws: ``ProgramError`` when there is no pricer, or a script without --allow-test-trades.
    public func engineConfiguration(
        engineID: String,
        kafka: KafkaConfiguration,
        group: String,
        pricers: Int,
        delivery: DeliveryMode
    ) throws -> EngineConfiguration {
        let memory = settings.int("pricer-memory-limit")
        var arguments = ["--memory-limit", String(memory)]
        if settings.flag("allow-test-trades") { arguments.append("--allow-test-trades") }
        if let script = settings.optionalString("pricer-script") {
            guard settings.flag("allow-test-trades") else {
                throw ProgramError(
                    .usage,
                    "--pricer-script is for tests only and needs --allow-test-trades"
                )
            }
            arguments += ["--script", script]
        }
        let asked = settings.int("pricers")
        return EngineConfiguration(
            engineID: engineID,
            host: Self.hostName,
            topics: topics,
            kafka: kafka,
            group: group,
            pricers: asked > 0 ? asked : pricers,
            pricer: PricerConfiguration(
                path: try pricerPath(),
                arguments: arguments,
                memoryLimit: memory << 20
            ),
            limits: PricingLimits(
                base: settings.duration("batch-base-limit"),
                perTrade: settings.duration("batch-trade-limit")
            ),
            restartLimit: settings.duration("pricer-restart-limit"),
            delivery: delivery
        )
    }

    /// The delivery that `--delivery` asks for; nil where it leaves it open.
    public var delivery: DeliveryMode? {
        settings.optionalString("delivery").flatMap(DeliveryMode.init(rawValue:))
    }

    /// The number of cores that this process may use.
    public static var cores: Int { Int(cprocess_processors()) }

    /// The machine's or pod's name.
    public static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    // MARK: Private

    private func pricerPath() throws -> String {
        if let path = settings.optionalString("pricer") { return path }
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let bytes = buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:))
        let directory = String(decoding: bytes, as: UTF8.self).split(separator: "/").dropLast()
        let path = "/" + (directory + ["pricer"]).joined(separator: "/")
        guard access(path, X_OK) == 0 else {
            throw ProgramError(
                .usage,
                "there is no pricer at \(path); say where with --pricer PATH"
            )
        }
        return path
    }
}
