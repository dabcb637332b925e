import GridAPI
import Testing

@testable import Manager

/// The feed's rows, read by hand as a decoder reads them.
@Suite struct FeedRowReaderTests {
    /// A row that tells numbers and what is not known apart.
    private func row(_ number: Int, id: String = "eod-é-1") -> JobRow {
        var row = JobRow.ended(id)
        row.failed = number
        row.trades = number * 1_000_003
        row.deadline = number % 2 == 0 ? nil : "2026-01-16T10:00:00.000000Z"
        row.metrics = number % 3 == 0 ? [] : ["NPV", "Vega"]
        row.seconds = Double(number) / 7
        row.total = number % 5 == 0 ? nil : -1e17 / Double(number + 1)
        row.waitingFor = number % 4 == 0 ? "2 of 3 batches have results" : nil
        guard number % 2 == 1 else { return row }
        row.isFinal = false
        row.forecast = JobRow.Forecast(
            verdict: "holds",
            p10: number % 3 == 0 ? nil : "2026-01-15T10:00:00Z",
            p50: number % 5 == 0 ? nil : "2026-01-15T10:01:00Z",
            p90: nil,
            reason: "at 5 trades/s"
        )
        return row
    }

    @Test func rowsAreThoseThatADecoderReads() throws {
        for number in 0..<60 {
            let line = FeedLine(.job, version: "b.\(number)", row: row(number))
            let bytes = Array(try APIJSON.line(line).dropLast())
            #expect(FeedRowReader.line(bytes) == line)
        }
    }

    @Test func whatIsUnusualIsLeftToTheDecoder() throws {
        let plain = FeedLine(.job, version: "b.1", row: row(1))
        var seen = row(1)
        seen.acknowledged = JobRow.Acknowledgement(by: "olga", at: "2026", reason: nil)
        for line in [
            FeedLine(.alive), FeedLine(.removed, version: "b.2", id: "a"),
            FeedLine(.job, version: "b.1", row: row(1, id: "a\"b")),
            FeedLine(.job, version: "b.1", row: row(1, id: "a\nb")),
            FeedLine(.job, version: "b.1", row: seen),
        ] {
            #expect(FeedRowReader.line(Array(try APIJSON.line(line).dropLast())) == nil)
        }
        #expect(FeedRowReader.line(try APIJSON.encoded(plain)) == nil)
        #expect(FeedRowReader.line([]) == nil)
        // No part of a line is one.
        let bytes = try APIJSON.line(plain).dropLast()
        for count in 0..<bytes.count {
            #expect(FeedRowReader.line(Array(bytes.prefix(count))) == nil)
        }
        #expect(FeedRowReader.line(bytes + [0x20]) == nil)
    }

    /// What is read by hand of lines that were damaged is what a decoder reads of them.
    @Test func damagedLinesAreNeverReadOtherwise() throws {
        let bytes = Array(try APIJSON.line(FeedLine(.job, version: "b.1", row: row(1))).dropLast())
        for place in bytes.indices {
            for byte: UInt8 in [0x22, 0x2C, 0x30, 0x5C, 0x7D, 0x80, 0xFF] {
                var damaged = bytes
                damaged[place] = byte
                guard let line = FeedRowReader.line(damaged) else { continue }
                let decoded = try? APIJSON.decoded(FeedLine.self, from: damaged)
                #expect(decoded == nil || line == decoded)
            }
        }
    }
}
