import Foundation
import KafkaClient
import TestBed
import Testing

/// TLS, passwords and least rights on a real Apache Kafka of its own, started from KAFKA_HOME.
@Suite(
    .serialized,
    .tags(.broker),
    .timeLimit(.minutes(10)),
    .enabled(
        if: ProcessInfo.processInfo.environment["KAFKA_HOME"] != nil,
        "needs an Apache Kafka at KAFKA_HOME"
    )
)
struct SecureBrokerTests {
    private static let mayBeEmpty: Set<String> = [
        "deadletter", "batches.intraday", "batches.parked",
    ]

    @Test(arguments: Way.allCases)
    func aPortfolioIsValuedAndNobodySeesAPassword(way: Way) async throws {
        let kafka = try await SecureBroker.shared.kafka()
        guard way != .scram || !kafka.isKafka4 else { return try await refusesScram(kafka) }
        let grid = try SecureGrid(kafka, way)
        let portfolio = try grid.scratch.write(TestMarket.options(30), to: "portfolio.json")
        let market = try grid.scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        let aggregator = try await grid.start(
            "aggregator",
            ["--ledger", grid.scratch.path("ledger.sqlite")]
        )
        // The engine has its password in its environment, from which its pricers must not get it.
        let secret = try kafka.password("valengine")
        let engine = try await grid.start(
            "valengine",
            ["--pricers", "1", "--allow-test-trades", "--log-level", "trace"],
            environment: way == .mutualTLS ? [:] : ["VALGRID_KAFKA_PASSWORD": secret]
        )
        let url = try #require(grid.urls["aggregator"])
        let job = "secure-\(way)"
        let (code, submission) = try await grid.run(
            "eodservice",
            as: "eodservice",
            [
                "submit", portfolio, "--market", market, "--metrics", "NPV", "--job-id", job,
                "--batch-size", "5", "--wait", "--aggregator", url, "--log-level", "trace",
            ] + kafka.options(way, as: "eodservice")
        )
        #expect(code == 0, "\(submission.standardError)")
        let directory = grid.scratch.path("report")
        let (fetched, report) = try await grid.run(
            "eodservice",
            as: "eodservice",
            ["report", job, "--output", directory, "--aggregator", url]
        )
        #expect(fetched == 0, "\(report.standardError)")
        #expect(try Report(URL(fileURLWithPath: directory)).summary.results == 30)
        let letters = ["deadletters", "list"] + kafka.options(way, as: "eodservice")
        #expect(try await grid.run("eodservice", as: "eodservice", letters).code == 0)

        let secrets = try ["eodservice", "valengine", "aggregator"].map(kafka.password)
        var places: [String: [UInt8]] = [
            "metrics of the engine": try await grid.page("valengine", "/metrics"),
            "metrics of the aggregator": try await grid.page("aggregator", "/metrics"),
            "jobs": try await grid.page("aggregator", "/jobs/\(job)"),
        ]
        let pricers = engine.children
        #expect(pricers.count == 1)
        for pid in pricers + [engine.pid, aggregator.pid] {
            places["arguments of \(pid)"] = try ProcessFacts.bytes(of: "cmdline", of: pid)
        }
        for pid in pricers {
            places["environment of \(pid)"] = try ProcessFacts.bytes(of: "environ", of: pid)
        }
        try await grid.stop(engine)
        try await grid.stop(aggregator)
        for topic in SecureKafka.topics { places[topic] = try await kafka.bytes(of: topic) }
        for process in grid.processes {
            places["\(process.name) \(process.pid)"] =
                Array((process.standardOutput + process.standardError).utf8)
        }
        for file in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            places[file] = try Array(Data(contentsOf: URL(fileURLWithPath: directory + "/" + file)))
        }
        #expect(engine.standardError.contains("kafka-security"))
        for (place, bytes) in places {
            #expect(!bytes.isEmpty || Self.mayBeEmpty.contains(place), "\(place) is empty")
            let text = String(decoding: bytes, as: UTF8.self)
            for secret in secrets { #expect(!text.contains(secret), "a password is in: \(place)") }
        }
    }

    @Test(arguments: [Way.mutualTLS, .plain])
    func oneProcessValuesAPortfolioWithTheRightsOfAllPrograms(way: Way) async throws {
        let kafka = try await SecureBroker.shared.kafka()
        let grid = try SecureGrid(kafka, way)
        let portfolio = try grid.scratch.write(TestMarket.options(10), to: "portfolio.json")
        let market = try grid.scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        let (code, process) = try await grid.run(
            "valgrid",
            as: "admin",
            [
                "run", portfolio, "--market", market, "--metrics", "NPV", "--group", "run-\(way)",
                "--log-level", "trace",
            ] + kafka.options(way, as: "admin")
        )
        #expect(code == 0, "\(process.standardError)")
        #expect(process.standardOutput.contains("trades 10 = results 10 + errors 0"))
        let secret = try kafka.password("admin")
        #expect(!(process.standardOutput + process.standardError).contains(secret))
    }

    /// Debian's librdkafka cannot do it, and the message has to say so instead of "wrong password".
    private func refusesScram(_ kafka: SecureKafka) async throws {
        let grid = try SecureGrid(kafka, .scram)
        let (code, process) = try await grid.run(
            "eodservice",
            as: "eodservice",
            ["deadletters", "list"] + kafka.options(.scram, as: "eodservice"),
            limit: .seconds(40)
        )
        #expect(code == 5)
        #expect(process.standardError.contains("cannot do SCRAM there"))
        #expect(process.standardError.contains("use mutual TLS or PLAIN over TLS"))
        #expect(process.standardError.contains("librdkafka.so.1 of 2.6.1 or later"))
    }

    // MARK: - What is refused

    /// Options that are wrong in one thing, and what has to be said of it.
    private struct Refusal {
        var options: [String]
        var words: String
        var code: Int32 = 5
        /// Whether it takes all the time that a broker has to answer.
        var isSlow = false
    }

    private func refusals(_ kafka: SecureKafka) -> [Refusal] {
        let topics = ["--topic-prefix", SecureKafka.prefix]
        let tls = topics + ["--kafka-security", "tls"]
        let me = [
            "--kafka-certificate", kafka.certificate("valengine"), "--kafka-key",
            kafka.key("valengine"),
        ]
        let ca = ["--kafka-ca", kafka.ca]
        let port = kafka.tls.split(separator: ":").last.map(String.init) ?? ""
        let sasl =
            topics + ca + [
                "--brokers", kafka.sasl, "--kafka-security", "sasl-tls", "--kafka-user",
                "valengine",
            ]
        let wrong = ["--kafka-password", "@" + kafka.passwordFile("outsider")]
        return [
            Refusal(
                options: tls + me
                    + ["--brokers", kafka.tls, "--kafka-ca", kafka.certificate("outsider")],
                words: "is not signed by an authority that this client trusts"
            ),
            Refusal(
                options: tls + me + ca + ["--brokers", "127.1:\(port)"],
                words: "is not made out to the host name or address it was reached by"
            ),
            Refusal(
                options: tls + ca + ["--brokers", kafka.tls],
                words: "asks for a client certificate and got none"
            ),
            Refusal(
                options: tls + ca + [
                    "--brokers", kafka.tls, "--kafka-certificate", kafka.certificate("valengine"),
                    "--kafka-key", kafka.key("outsider"),
                ],
                words: "the private key does not belong to the certificate",
                code: 2
            ),
            Refusal(
                options: sasl + wrong + ["--kafka-sasl-mechanism", "PLAIN"],
                words: "does not accept user and password (sasl_ssl"
            ),
            Refusal(
                options: sasl + wrong + ["--kafka-sasl-mechanism", "SCRAM-SHA-256"],
                words: "does not offer this SASL mechanism"
            ),
            Refusal(
                options: kafka.options(.mutualTLS, as: "outsider"),
                words: "not authorized to see or to create topics: secure.audit, secure.batches"
            ),
            Refusal(
                options: topics + ["--brokers", kafka.tls],
                words: "no Kafka broker answers at \(kafka.tls)",
                isSlow: true
            ),
            Refusal(
                options: tls + me + ca + ["--brokers", kafka.bootstrap],
                words: "no Kafka broker answers at \(kafka.bootstrap)",
                isSlow: true
            ),
        ]
    }

    @Test func everyProgramSaysInOneLineWhyItIsRefused() async throws {
        let kafka = try await SecureBroker.shared.kafka()
        let grid = try SecureGrid(kafka, .mutualTLS)
        let portfolio = try grid.scratch.write(TestMarket.options(1), to: "portfolio.json")
        let market = try grid.scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        let programs: [(String, [String])] = [
            ("aggregator", ["--http-port", "0", "--ledger", grid.scratch.path("l.sqlite")]),
            ("valengine", ["--http-port", "0"]),
            ("eodservice", ["submit", portfolio, "--market", market]),
            ("valgrid", ["run", portfolio, "--market", market]),
        ]
        let secret = try kafka.password("outsider")
        for refusal in refusals(kafka) {
            for (program, arguments) in refusal.isSlow ? Array(programs.prefix(1)) : programs {
                let (code, process) = try await grid.run(
                    program,
                    as: program,
                    arguments + refusal.options,
                    limit: .seconds(40)
                )
                #expect(code == refusal.code, "\(program): \(process.standardError)")
                let last = process.standardError.split(separator: "\n").last.map(String.init) ?? ""
                #expect(last.hasPrefix("\(program): "), "\(last)")
                #expect(last.contains(refusal.words), "\(program): \(last)")
                #expect(!process.standardError.contains(secret))
            }
        }
    }

    @Test(arguments: [
        ("exactly-once", "not authorized for transactional id secure.other."),
        ("at-least-once", "not authorized for group other"),
    ])
    func anEngineEndsThatMayNotJoinItsGroup(delivery: String, words: String) async throws {
        let kafka = try await SecureBroker.shared.kafka()
        let grid = try SecureGrid(kafka, .mutualTLS)
        let (code, process) = try await grid.run(
            "valengine",
            as: "valengine",
            ["--http-port", "0", "--pricers", "1", "--group", "other", "--delivery", delivery]
                + kafka.options(.mutualTLS, as: "valengine"),
            limit: .seconds(60)
        )
        #expect(code == 5, "\(process.standardError)")
        #expect(process.standardError.split(separator: "\n").last?.contains(words) == true)
    }
}
