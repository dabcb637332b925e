import Foundation
import GridProtocol
import KafkaClient
import TestBed
import Testing

/// What others see of engines and of jobs that wait.
@Suite(.serialized, .timeLimit(.minutes(4))) struct WatchingTests {
    private func state(_ engine: String, in grid: Grid) async throws -> String? {
        try await grid.engines().first { $0["engine"] as? String == engine }?["state"] as? String
    }

    private func waitingFor(_ job: String, in grid: Grid) async throws -> String {
        try await grid.status(job)?["waitingFor"] as? String ?? ""
    }

    @Test func anEngineThatHangsIsSilentUntilItWakesAndSaysWhenItStops() async throws {
        let grid = try Grid(.embedded)
        let scratch = try Scratch()
        let portfolio = try scratch.write(TestMarket.options(300), to: "portfolio.json")
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        try await grid.startAggregator()
        let submitted = try await grid.submit(
            portfolio,
            market: market,
            metrics: "OptionPV",
            job: "seen-1",
            more: ["--batch-size", "50"]
        )
        #expect(submitted.code == 0, "\(submitted.errors)")
        try await eventually("the job says that there is no engine", within: .seconds(30)) {
            try await waitingFor("seen-1", in: grid).hasPrefix("no engine is running")
        }
        let waiting = try await grid.eodservice(["status", "seen-1"] + grid.aggregatorOptions)
        #expect(waiting.output.contains("waiting: no engine is running"))
        #expect(try await grid.metrics().contains("grid_engines{state=\"live\"} 0"))
        let none = try await grid.eodservice(["engines"] + grid.aggregatorOptions)
        #expect(none.output.isEmpty)
        #expect(none.errors.contains("no engine was heard"))

        let engine = try await grid.startEngine(["--engine-id", "seen"])
        try await eventually("it lives and works", within: .seconds(30)) {
            let seen = try await grid.engines().first
            let work = seen?["work"] as? [[String: Any]] ?? []
            return seen?["state"] as? String == "live" && work.first?["job"] as? String == "seen-1"
        }
        engine.signal(SIGSTOP)
        try await eventually("it is silent", within: .seconds(30)) {
            try await state("seen", in: grid) == "silent"
        }
        #expect(
            try await waitingFor("seen-1", in: grid)
                .hasPrefix("the only engine is silent: the last heartbeat came from seen")
        )
        let table = try await grid.eodservice(["engines"] + grid.aggregatorOptions)
        #expect(table.output.contains("SILENT"), "\(table.output)")
        #expect(table.output.contains("batch "), "\(table.output)")
        let json = try await grid.eodservice(["engines", "--json"] + grid.aggregatorOptions)
        let list = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
        #expect((list as? [[String: Any]])?.first?["pid"] as? Int == Int(engine.pid))

        engine.signal(SIGCONT)
        try await eventually("it lives again and works", within: .seconds(60)) {
            let seen = try await grid.engines().first
            return seen?["state"] as? String == "live" && seen?["busyPricers"] as? Int == 1
        }
        engine.signal(SIGTERM)
        try await eventually("it says that it stops", within: .seconds(30)) {
            let state = try await state("seen", in: grid)
            return state == "draining" || state == "stopped"
        }
        #expect(try await engine.end(within: .seconds(60)) == 0)
        try await eventually("it is stopped", within: .seconds(30)) {
            try await state("seen", in: grid) == "stopped"
        }
    }

    /// What Kafka itself may leave behind: a transaction that nobody ends.
    @Test(arguments: BrokerKind.real)
    func resultsThatATransactionHoldsBackAreToldAndCome(broker: BrokerKind) async throws {
        let grid = try Grid(broker)
        let scratch = try Scratch()
        try await grid.startAggregator()
        try await grid.startEngine()
        let holder = try TransactionalProducer(
            configuration: KafkaConfiguration(bootstrapServers: grid.brokers, clientID: "test"),
            transactionalID: "\(grid.prefix)holder",
            transactionTimeout: .seconds(180)
        )
        try await holder.start()
        try await holder.begin()
        // Records of one key share a partition.
        try await holder.send([
            ProducedRecord(
                topic: grid.prefix + "results",
                key: Array("held".utf8),
                value: Array("never seen".utf8)
            )
        ])
        // What was given to a transaction is written some time later.
        let results = (0..<8).map { TopicPartition(topic: grid.prefix + "results", partition: $0) }
        let reader = try KafkaReader(
            configuration: KafkaConfiguration(bootstrapServers: grid.brokers, clientID: "test"),
            isolation: .readUncommitted,
            start: Dictionary(uniqueKeysWithValues: results.map { ($0, .beginning) })
        )
        #expect(try await reader.nextBatch(maximum: 1, within: .seconds(30)).count == 1)
        await reader.close()
        let submitted = try await grid.submit(
            try scratch.write(TestMarket.options(20), to: "portfolio.json"),
            market: try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json"),
            metrics: "NPV",
            job: "held",
            more: ["--batch-size", "10"]
        )
        #expect(submitted.code == 0, "\(submitted.errors)")
        var reason = ""
        let wanted = "are held back by a transaction that has not ended"
        for _ in 0..<120 where !reason.contains(wanted) {
            try await Task.sleep(for: .seconds(1))
            reason = try await waitingFor("held", in: grid)
        }
        let said = grid.aggregator?.standardError ?? ""
        #expect(reason.contains("\(grid.prefix)results/"), "\(reason); \(said.suffix(2_000))")
        try await holder.abort()
        await holder.close()
        #expect(try await grid.report("held").summary.results == 20)
        #expect(try await grid.resultCounts("held") == [0: 1, 1: 1])
    }
}
