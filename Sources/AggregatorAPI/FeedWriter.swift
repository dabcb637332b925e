internal import GridAPI

/// Writes lines of the feed as JSON.
///
/// A feed begins with a line of each job: those of plain text and numbers are written here, at a
/// tenth of what a `JSONEncoder` takes for them; it writes all others.
enum FeedWriter {
    /// The lines, each with its line feed; without those that JSON cannot have.
    static func bytes(_ lines: [FeedLine]) -> [UInt8] {
        var bytes: [UInt8] = []
        for line in lines {
            var writer = RowWriter()
            if line.type == .job, let row = line.row, let version = line.version,
                row.acknowledged == nil, writer.write(row, version)
            {
                bytes += writer.bytes
            } else {
                bytes += (try? APIJSON.line(line)) ?? []
            }
        }
        return bytes
    }
}

/// Writes a job's row, its keys in the order that `JSONEncoder` sorts them in.
private struct RowWriter {
    private(set) var bytes: [UInt8] = []
    /// Whether all was plain so far.
    private var isPlain = true

    init() { bytes.reserveCapacity(1_024) }

    /// Returns false when something is not plain.
    mutating func write(_ row: JobRow, _ version: String) -> Bool {
        bytes += "{\"row\":{".utf8
        add("baseCurrency", row.baseCurrency)
        add("batches", row.batches)
        add("batchesDone", row.batchesDone)
        add("batchesPublished", row.batchesPublished)
        add("deadline", row.deadline)
        add("done", row.done)
        add("endedAt", row.endedAt)
        add("expired", row.expired)
        add("failed", row.failed)
        if let forecast = row.forecast {
            bytes += ",\"forecast\":{".utf8
            add("p10", forecast.p10)
            add("p50", forecast.p50)
            add("p90", forecast.p90)
            add("reason", forecast.reason)
            add("verdict", forecast.verdict)
            bytes.append(0x7D)
        }
        add("id", row.id)
        bytes += row.isFinal ? ",\"isFinal\":true".utf8 : ",\"isFinal\":false".utf8
        add("lastResultAt", row.lastResultAt)
        bytes += ",\"metrics\":[".utf8
        for (index, metric) in row.metrics.enumerated() {
            if index > 0 { bytes.append(0x2C) }
            add(metric)
        }
        bytes.append(0x5D)
        add("missing", row.missing)
        add("portfolio", row.portfolio)
        add("priority", row.priority)
        add("seconds", row.seconds)
        bytes += ",\"snapshot\":{".utf8
        add("id", row.snapshot.id)
        add("name", row.snapshot.name)
        bytes.append(0x7D)
        add("state", row.state)
        add("submittedAt", row.submittedAt)
        add("submitter", row.submitter)
        add("total", row.total)
        add("trades", row.trades)
        add("tradesPerSecond", row.tradesPerSecond)
        add("valuationDate", row.valuationDate)
        add("waitingFor", row.waitingFor)
        bytes += "},\"type\":\"job\"".utf8
        add("version", version)
        bytes += "}\n".utf8
        return isPlain
    }

    private mutating func add(_ key: StaticString) {
        bytes += bytes.last == 0x7B ? "\"".utf8 : ",\"".utf8
        bytes += UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
        bytes += "\":".utf8
    }

    private mutating func add(_ key: StaticString, _ text: String?) {
        guard let text else { return }
        add(key)
        add(text)
    }

    private mutating func add(_ text: String) {
        bytes.append(0x22)
        let start = bytes.count
        bytes += text.utf8
        // What JSON has to escape.
        if bytes[start...].contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
            isPlain = false
        }
        bytes.append(0x22)
    }

    private mutating func add(_ key: StaticString, _ number: Int) {
        add(key)
        bytes += number.description.utf8
    }

    private mutating func add(_ key: StaticString, _ number: Double?) {
        guard let number else { return }
        if !number.isFinite { isPlain = false }
        add(key)
        bytes += number.description.utf8
    }
}
