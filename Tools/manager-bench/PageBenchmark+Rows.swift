internal import Foundation
internal import GridAPI
internal import GridProtocol
internal import HTTP
internal import KafkaClient
internal import Operations
internal import TestBed

extension PageBenchmark {
    private struct Check: Decodable {
        struct Problem: Decodable {
            var line: Int?
            var field: String?
        }

        var state: String
        var problems: [Problem]
    }

    /// A portfolio file in which no line is right.
    func badFile(_ page: Page, _ scratch: Scratch, _ figures: inout Figures) async throws {
        let lines = 1_000_000
        let example = try String(
            contentsOfFile: Repository.path("examples/portfolio.csv"),
            encoding: .utf8
        )
        .split(separator: "\n")
        guard let head = example.first, let swap = example.first(where: { $0.hasPrefix("SWAP") })
        else { throw TestBedError("the example has no swap") }
        let bad = swap.replacing("93500000", with: "x93500000")
        guard bad != swap else { throw TestBedError("the example's swap is another") }
        var text = Array("\(head)\n".utf8)
        for number in 0..<lines {
            text += Array("S\(number)\(bad.dropFirst(11))\n".utf8)
        }
        let path = scratch.path("bad.csv")
        try Data(text).write(to: URL(fileURLWithPath: path))
        let before = try await page.jobCount()
        let upload = try await page.send(path, name: "bad.csv")
        let order = "{\"portfolio\": \"\(upload)\", \"market\": [\"example:market.json\"]}"
        let start = ContinuousClock.now
        let answer = try await page.answer("POST", "/checks", order, token: 0)
        let took = start.duration(to: .now) / .seconds(1)
        let check = try? APIJSON.decoded(Check.self, from: answer.body)
        // In CSV the field is the column.
        let named = check?.problems.filter { $0.line != nil && $0.field != nil }
        figures.check(
            "17",
            "file of \(lines) bad lines (\(text.count / 1_000_000) MB): 50 problems with line and field",
            check?.state == "failed" && check?.problems.count == 50 && named?.count == 50,
            "\(check?.problems.count ?? -1), \(named?.count ?? -1)"
        )
        figures.add("17", "they are said after", took, "s")
        let refused = try await page.answer("POST", "/jobs", order, token: 0)
        let after = try await page.jobCount()
        figures.check(
            "17",
            "nothing is queued",
            refused.status == 422 && before == after,
            "answer \(refused.status)"
        )
    }

    /// Lines of logs, more than the page keeps.
    func fillLogs(_ page: Page, _ brokers: String, _ figures: inout Figures) async throws {
        let lines = 220_000
        var configuration = KafkaConfiguration(bootstrapServers: brokers)
        configuration.messageTimeout = .seconds(60)
        let producer = try KafkaProducer(configuration: configuration)
        for first in stride(from: 1, through: lines, by: 2_000) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in first..<min(first + 2_000, lines + 1) {
                    group.addTask {
                        let entry = Self.line(number)
                        _ = try await producer.send(
                            ProducedRecord(
                                topic: Topics().logs,
                                partition: Int32(number % 3),
                                value: try APIJSON.line(entry)
                            )
                        )
                    }
                }
                try await group.waitForAll()
            }
        }
        await producer.close()
        // Partitions are read one beside the other: each one's last line is looked for.
        for number in lines - 2...lines {
            try await eventually("the page has read all lines", within: .seconds(300)) {
                try await page.answer("GET", "/logs?limit=1&q=\(number)").text
                    .contains("\(number)")
            }
        }
        figures.add(
            "3",
            "resident with \(lines) log lines read",
            Double(ProcessFacts.peakMegabytes(of: page.pid) ?? 0),
            "MB"
        )
    }

    private static func line(_ number: Int) -> LogEntry {
        LogEntry(
            at: Timestamp.iso8601(Timestamp.now),
            level: "info",
            program: "valengine",
            host: "valengine-7d9c5b6f4-x2vbq",
            engine: "valengine-7d9c5b6f4-x2vbq-\(number % 8)",
            pid: 1_000 + number % 8,
            sequence: number,
            message: "published the result of a batch, line \(number)",
            fields: [
                "job.id": "eod-2026-01-15-\(number % 40)", "batch.index": "\(number % 10_000)",
                "kafka.topic": "results", "kafka.partition": "\(number % 12)",
            ],
            dropped: 0
        )
    }
}
