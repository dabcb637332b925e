import Finance
import Foundation
import GridProtocol
import GridTopics
import KafkaClient
import TestBed
import Testing

/// Trades that kill or stop their pricer, made with a switch that only tests use.
@Suite(.serialized, .timeLimit(.minutes(3))) struct PoisonTests {
    /// Publishes a job of batches in which some trades misbehave.
    ///
    /// - Parameters:
    ///   - job: its id.
    ///   - behaviours: what trades do, by their position in the job; the others are options.
    ///   - count: how many trades the job has.
    ///   - perBatch: how many go into a batch.
    ///   - isSpoilt: whether records that are no batches come first.
    ///   - grid: where.
    /// - Throws: what Kafka does.
    func publish(
        _ job: String,
        behaviours: [Int: String],
        count: Int,
        perBatch: Int = 100,
        isSpoilt: Bool = true,
        on grid: Grid
    ) async throws {
        let expiry = try #require(CalendarDate(iso: "2027-06-15"))
        let valuation = try #require(CalendarDate(iso: "2026-01-15"))
        let snapshot = MarketSnapshot(
            name: "TEST",
            valuationDate: valuation,
            baseCurrency: .eur,
            curves: ["EUR", "DIV"].map {
                Curve(
                    id: $0,
                    currency: .eur,
                    valueType: .zeroRate,
                    nodes: [CurveNode(date: valuation, value: $0 == "EUR" ? 0.03 : 0)]
                )
            },
            discountCurves: [.eur: "EUR"],
            equities: [
                Equity(
                    id: "SHARE",
                    currency: .eur,
                    spot: 36,
                    dividendCurve: "DIV",
                    fundingCurve: "EUR",
                    volatility: "VOL"
                )
            ],
            volatilities: [FlatVolatility(id: "VOL", value: 0.2)]
        )
        let trades = try (0..<count).map { position in
            Trade(
                id: try #require(TradeID(rawValue: "T-\(position)")),
                product: .equityOption(
                    EquityOption(
                        underlying: "SHARE",
                        currency: .eur,
                        optionType: .put,
                        style: .european,
                        strike: 40,
                        expiryDate: expiry
                    )
                )
            )
        }
        let bytes = MarketSnapshotRecord(snapshot).encoded()
        let snapshotID = SnapshotID(canonicalBytes: bytes)
        let starts = stride(from: 0, to: count, by: perBatch)
        let batches = try starts.enumerated().map { index, first in
            let range = first..<min(count, first + perBatch)
            var builder = PricingBatchBuilder(metrics: [.npv])
            for position in range {
                if let behaviour = behaviours[position] {
                    builder.addTest(behaviour: behaviour)
                } else {
                    try builder.add(trades[position].product)
                }
            }
            let headers = TradeHeaders(Array(trades[range]))
            return Batch(
                jobID: job,
                index: UInt32(index),
                tradeCount: UInt32(range.count),
                snapshotID: snapshotID.rawValue,
                queuedAt: WireClock.now(),
                payload: builder.build().encoded(),
                names: headers.names,
                headers: headers.headers
            )
        }
        var record = JobRecord(
            jobID: job,
            state: .submitted,
            tradeCount: UInt32(count),
            batchCount: UInt32(batches.count),
            tradeIdsHash: tradeIDsHash(trades.map(\.id))
        )
        record.snapshotID = snapshotID.rawValue
        record.valuationDay = valuation.daysSince1970
        record.baseCurrency = "EUR"
        record.metrics = ["NPV"]
        record.submittedAt = WireClock.now()
        let producer = try KafkaProducer(
            configuration: KafkaConfiguration(
                bootstrapServers: grid.brokers,
                clientID: "test"
            )
        )
        try await producer.send(
            ProducedRecord(
                topic: grid.prefix + "market",
                key: RecordKey.snapshot(snapshotID),
                value: bytes,
                headers: RecordHeaders(schema: MarketSnapshotRecord.self).kafka
            )
        )
        try await producer.send(
            ProducedRecord(topic: grid.prefix + "jobs", key: Array(job.utf8), message: record)
        )
        // Before the batch, records that are not batches.
        for garbage: [UInt8]? in isSpoilt ? [nil, [0xFF, 0xFF, 0xFF], []] : [] {
            try await producer.send(
                ProducedRecord(
                    topic: grid.prefix + "batches",
                    partition: 0,
                    key: Array("x".utf8),
                    value: garbage
                )
            )
        }
        for batch in batches {
            try await producer.send(
                ProducedRecord(
                    topic: grid.prefix + "batches",
                    partition: 0,
                    key: Array("\(job)/\(batch.index)".utf8),
                    message: batch,
                    jobID: job,
                    batchIndex: batch.index
                )
            )
        }
        await producer.close()
    }

    func deadLetters(of grid: Grid, expecting count: Int) async throws -> [DeadLetter] {
        let reader = try KafkaReader(
            configuration: KafkaConfiguration(bootstrapServers: grid.brokers, clientID: "test"),
            start: [TopicPartition(topic: grid.prefix + "deadletter", partition: 0): .beginning]
        )
        var letters: [DeadLetter] = []
        for _ in 0..<50 where !(letters.count >= count && reader.isAtEnd) {
            for record in try await reader.nextBatch(maximum: 100, within: .milliseconds(200)) {
                letters.append(try DeadLetter.decode(record.value ?? []))
            }
        }
        await reader.close()
        return letters
    }
}
