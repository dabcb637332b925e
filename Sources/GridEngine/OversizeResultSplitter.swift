internal import Finance
internal import GridProtocol
internal import GridTopics
internal import KafkaClient
internal import Operations
internal import Synchronization

/// Makes records smaller that a topic refuses as too large.
///
/// A topic's own limit may be below ours, and not every broker can be asked for it. So a record is
/// made about half as large after each refusal, until it is accepted. Refused sizes are stored, so
/// that the next record of that size is made smaller before it is sent.
final class OversizeResultSplitter: Sendable {
    private let topics: Topics
    private let engineID: String
    private let counters: EngineCounters
    private let logger: Logger
    /// The smallest size that each topic has refused, in bytes of value.
    private let refused = Mutex<[String: Int]>([:])

    /// How many bytes the dead letters of one result may hold together.
    private static let letterBytes = 4 << 20
    /// A part of a record below this many bytes is useless.
    private static let fewestBytes = 512

    init(topics: Topics, engineID: String, counters: EngineCounters, logger: Logger) {
        self.topics = topics
        self.engineID = engineID
        self.counters = counters
        self.logger = logger
    }

    /// Notes that a topic has refused a record for its own size.
    func note(refusalOf record: ProducedRecord) {
        let size = record.value?.count ?? 0
        let isNews = refused.withLock { refused in
            let isNews = refused[record.topic] == nil
            refused[record.topic] = min(size, refused[record.topic] ?? size)
            return isNews
        }
        guard isNews else { return }
        logger.info(
            "a topic refuses records that are too large for it",
            [.kafkaTopic: record.topic, .count: String(size)]
        )
    }

    /// Returns what to write in place of a record, given what its topic has refused.
    ///
    /// - Parameters:
    ///   - record: a result or a dead letter.
    ///   - origin: the record that it was made from.
    /// - Returns: the record, or smaller ones; none when it cannot be made smaller, which is
    ///   logged.
    func fitting(_ record: ProducedRecord, of origin: ConsumedRecord) -> [ProducedRecord] {
        var open = [record]
        var fitting: [ProducedRecord] = []
        while let next = open.popLast() {
            if isRefused(next) {
                open += smaller(next, origin).reversed()
            } else {
                fitting.append(next)
            }
        }
        return fitting
    }

    // MARK: Private

    private func isRefused(_ record: ProducedRecord) -> Bool {
        refused.withLock { $0[record.topic].map { (record.value?.count ?? 0) >= $0 } ?? false }
    }

    private func smaller(
        _ record: ProducedRecord,
        _ origin: ConsumedRecord
    ) -> [ProducedRecord] {
        if record.topic == topics.results,
            let result = try? BatchResult.decode(record.value ?? []), result.failure == nil
        {
            return reduced(result, record, origin)
        }
        if record.topic == topics.deadLetters,
            let letter = try? DeadLetter.decode(record.value ?? []), !letter.bytes.isEmpty
        {
            return [reduced(letter, record)]
        }
        logger.info("a record cannot be written", [.kafkaTopic: record.topic])
        return []
    }

    private func reduced(
        _ result: BatchResult,
        _ record: ProducedRecord,
        _ origin: ConsumedRecord
    ) -> [ProducedRecord] {
        var trades = TruncatedResult(result)
        var smaller = result
        let failed: [Int]
        if let largest = trades.shrink() {
            failed = largest
            smaller.parts = [trades.encoded()]
        } else {
            failed = trades.failAll()
            smaller.parts = []
            smaller.failure = Failure(TruncatedResult.reason)
        }
        var reduced = record
        reduced.value = smaller.encoded()
        return letters(failed, result, record, origin) + [reduced]
    }

    private func letters(
        _ failed: [Int],
        _ result: BatchResult,
        _ record: ProducedRecord,
        _ origin: ConsumedRecord
    ) -> [ProducedRecord] {
        let message =
            "the topic \(record.topic) refuses a result of \(record.value?.count ?? 0) bytes"
        let headers = origin.value.flatMap { try? Batch.decode($0) }?.headers ?? []
        var room = Self.letterBytes
        return failed.map { position in
            var letter = DeadLetter(record: origin, cause: message, engineID: engineID)
            letter.cause = TruncatedResult.reason.code.rawValue
            letter.jobID = result.jobID
            letter.batchIndex = result.index
            letter.tradeID = position < headers.count ? headers[position].tradeID : ""
            letter.attempt = result.attempt
            if letter.bytes.count > room { letter.bytes = [] }
            room -= letter.bytes.count
            counters.wroteDeadLetter()
            return ProducedRecord(
                topic: topics.deadLetters,
                key: Array(letter.jobID.utf8),
                message: letter
            )
        }
    }

    private func reduced(_ letter: DeadLetter, _ record: ProducedRecord) -> ProducedRecord {
        var shorter = letter
        let kept = letter.bytes.count / 2
        shorter.bytes = kept < Self.fewestBytes ? [] : Array(letter.bytes.prefix(kept))
        var reduced = record
        reduced.value = shorter.encoded()
        return reduced
    }
}
