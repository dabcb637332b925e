internal import Foundation
internal import GridAPI

/// Reads a feed's line of a job, as aggregators write it: its keys in order, without spaces.
///
/// It takes a tenth of what a `JSONDecoder` takes, to which a line with anything else is left.
struct FeedRowReader {
    /// Something that is read elsewhere.
    private struct Unusual: Error {}

    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    /// The line; nil when it has to be read in full.
    static func line(_ bytes: [UInt8]) -> FeedLine? {
        bytes.withUnsafeBufferPointer { bytes in
            var reader = FeedRowReader(bytes: bytes)
            return try? reader.line()
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func line() throws(Unusual) -> FeedLine {
        try take("{\"row\":{")
        let row = try row()
        try take("},\"type\":\"job\",\"version\":")
        let version = try text()
        try take("}")
        guard place == bytes.count else { throw Unusual() }
        return FeedLine(.job, version: version, row: row)
    }

    private mutating func row() throws(Unusual) -> JobRow {
        let baseCurrency = try text("\"baseCurrency\":")
        let batches = try whole(",\"batches\":")
        let batchesDone = try whole(",\"batchesDone\":")
        let batchesPublished = try whole(",\"batchesPublished\":")
        let deadline = try optionalText(",\"deadline\":")
        let done = try whole(",\"done\":")
        let endedAt = try optionalText(",\"endedAt\":")
        let expired = try whole(",\"expired\":")
        let failed = try whole(",\"failed\":")
        let forecast = try forecast()
        let id = try text(",\"id\":")
        try take(",\"isFinal\":")
        let isFinal = has("true")
        if !isFinal { try take("false") }
        let lastResultAt = try optionalText(",\"lastResultAt\":")
        try take(",\"metrics\":[")
        var metrics: [String] = []
        while !has("]") {
            if !metrics.isEmpty { try take(",") }
            metrics.append(try text())
        }
        let missing = try whole(",\"missing\":")
        let portfolio = try text(",\"portfolio\":")
        let priority = try text(",\"priority\":")
        let seconds = try number(",\"seconds\":")
        let snapshot = JobStatus.Snapshot(
            id: try text(",\"snapshot\":{\"id\":"),
            name: try text(",\"name\":")
        )
        try take("}")
        let state = try text(",\"state\":")
        let submittedAt = try text(",\"submittedAt\":")
        let submitter = try text(",\"submitter\":")
        let total = has(",\"total\":") ? try number() : nil
        let trades = try whole(",\"trades\":")
        let tradesPerSecond = try number(",\"tradesPerSecond\":")
        let valuationDate = try text(",\"valuationDate\":")
        let waitingFor = try optionalText(",\"waitingFor\":")
        return JobRow(
            id: id,
            state: state,
            priority: priority,
            portfolio: portfolio,
            submitter: submitter,
            snapshot: snapshot,
            valuationDate: valuationDate,
            baseCurrency: baseCurrency,
            metrics: metrics,
            trades: trades,
            done: done,
            failed: failed,
            expired: expired,
            missing: missing,
            batches: batches,
            batchesPublished: batchesPublished,
            batchesDone: batchesDone,
            submittedAt: submittedAt,
            deadline: deadline,
            endedAt: endedAt,
            lastResultAt: lastResultAt,
            seconds: seconds,
            tradesPerSecond: tradesPerSecond,
            isFinal: isFinal,
            waitingFor: waitingFor,
            total: total,
            forecast: forecast
        )
    }

    private mutating func forecast() throws(Unusual) -> JobRow.Forecast? {
        guard has(",\"forecast\":{") else { return nil }
        var times: [String?] = []
        for key in ["\"p10\":", "\"p50\":", "\"p90\":"] as [StaticString] {
            times.append(try optionalText(key))
            if times.last != .some(nil) { try take(",") }
        }
        let reason = try text("\"reason\":")
        let verdict = try text(",\"verdict\":")
        try take("}")
        return JobRow.Forecast(
            verdict: verdict,
            p10: times[0],
            p50: times[1],
            p90: times[2],
            reason: reason
        )
    }

    // MARK: Parts

    /// Goes behind a text where it comes next.
    private mutating func has(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard let start = bytes.baseAddress, place + count <= bytes.count,
            memcmp(start + place, text.utf8Start, count) == 0
        else { return false }
        place += count
        return true
    }

    private mutating func take(_ text: StaticString) throws(Unusual) {
        guard has(text) else { throw Unusual() }
    }

    private mutating func optionalText(_ key: StaticString) throws(Unusual) -> String? {
        has(key) ? try text() : nil
    }

    private mutating func text(_ key: StaticString) throws(Unusual) -> String {
        try take(key)
        return try text()
    }

    /// A text in quotes that escapes nothing.
    private mutating func text() throws(Unusual) -> String {
        try take("\"")
        let start = place
        while place < bytes.count, bytes[place] != 0x22 {
            guard bytes[place] != 0x5C, bytes[place] >= 0x20 else { throw Unusual() }
            place += 1
        }
        // What is no UTF-8 is refused elsewhere.
        guard place < bytes.count,
            let text = String(validating: bytes[start..<place], as: UTF8.self)
        else { throw Unusual() }
        place += 1
        return text
    }

    private mutating func whole(_ key: StaticString) throws(Unusual) -> Int {
        guard let number = Int(exactly: try number(key)) else { throw Unusual() }
        return number
    }

    private mutating func number(_ key: StaticString) throws(Unusual) -> Double {
        try take(key)
        return try number()
    }

    private mutating func number() throws(Unusual) -> Double {
        let start = place
        var whole = 0
        while place < bytes.count, (0x30...0x39).contains(bytes[place]), place - start < 15 {
            whole = whole * 10 + Int(bytes[place] - 0x30)
            place += 1
        }
        let isWhole = place > start && (bytes[start] != 0x30 || place == start + 1)
        guard place < bytes.count else { throw Unusual() }
        if isWhole, bytes[place] == 0x2C || bytes[place] == 0x7D { return Double(whole) }
        while place < bytes.count, bytes[place] != 0x2C, bytes[place] != 0x7D {
            guard "0123456789+-.eE".utf8.contains(bytes[place]) else { throw Unusual() }
            place += 1
        }
        guard let number = Double(String(decoding: bytes[start..<place], as: UTF8.self)) else {
            throw Unusual()
        }
        return number
    }
}
