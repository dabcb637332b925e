internal import GridProtocol

/// A dead letter that cannot be priced again.
public struct RedriveRefusal: Hashable, Sendable {
    /// The letter.
    public var place: LetterPlace
    /// Why, for people; one clause.
    public var reason: String
}

/// Sorts dead letters into jobs that price their trades again: no I/O, no clock.
///
/// A batch of such a job is an earlier batch with its failed trades only, as bytes: terms are
/// not decoded, so that a letter of another version passes unchanged. Several letters of one
/// trade give one trade.
public struct RedrivePlan: Sendable {
    /// Letters that cannot be priced again, in the order given.
    public private(set) var refusals: [RedriveRefusal] = []
    private let batchesTopics: Set<String>
    private var groups: [Origin: [UInt32: DeadBatch]] = [:]

    /// Begins without letters.
    ///
    /// - Parameter batchesTopics: letters of records of other topics hold no batch.
    public init(batchesTopics: Set<String>) {
        self.batchesTopics = batchesTopics
    }

    /// Adds a letter to a request or to the refusals.
    public mutating func add(_ stored: StoredLetter) {
        do throws(WireError) {
            let dead = try deadTrade(of: stored.letter)
            var batch = groups[dead.origin]?[stored.letter.batchIndex] ?? dead.batch
            guard batch.names == dead.batch.names, batch.workNames == dead.batch.workNames else {
                throw WireError(
                    code: .invalidValue,
                    reason: "another letter has a different batch \(stored.letter.batchIndex) of "
                        + "job \(dead.origin.jobID)"
                )
            }
            batch.trades.merge(dead.batch.trades) { $1 }
            groups[dead.origin, default: [:]][stored.letter.batchIndex] = batch
        } catch {
            refusals.append(RedriveRefusal(place: stored.place, reason: error.description))
        }
    }

    /// What is priced again: a request for each job with failed trades, by id.
    public var requests: [RedriveRequest] {
        groups.map { origin, batches in
            RedriveRequest(
                sourceJobID: origin.jobID,
                snapshotID: origin.snapshotID,
                metrics: origin.metrics,
                batches: batches.sorted { $0.key < $1.key }.map { _, dead in
                    dead.content(metrics: origin.metrics)
                }
            )
        }
        .sorted { ($0.sourceJobID, $0.defaultJobID) < ($1.sourceJobID, $1.defaultJobID) }
    }

    // MARK: Private

    /// What the trades of one job have in common.
    private struct Origin: Hashable {
        var jobID: JobID
        var snapshotID: SnapshotID
        var metrics: [String]
    }

    /// The failed trades of a batch, by position.
    private struct DeadBatch {
        var names: [String]
        var workNames: [String]
        var trades: [Int: (header: TradeHeader, terms: PricingTrade)]

        func content(metrics: [String]) -> Batch {
            let inOrder = trades.sorted { $0.key < $1.key }.map(\.value)
            var work = PricingBatch()
            work.names = workNames
            work.metrics = metrics
            work.trades = inOrder.map(\.terms)
            var batch = Batch()
            batch.tradeCount = UInt32(inOrder.count)
            batch.names = names
            batch.headers = inOrder.map(\.header)
            batch.payload = work.encoded()
            return batch
        }
    }

    private func deadTrade(
        of letter: DeadLetter
    ) throws(WireError) -> (origin: Origin, batch: DeadBatch) {
        guard batchesTopics.contains(letter.topic) else {
            throw .refusing("it is a record of \(letter.topic), not a batch with a failed trade")
        }
        guard !letter.tradeID.isEmpty else {
            throw .refusing("it names no trade; the whole record is \(letter.cause)")
        }
        let (batch, work) = try decoded(letter)
        guard let jobID = JobID(rawValue: batch.jobID),
            let snapshotID = SnapshotID(rawValue: batch.snapshotID)
        else { throw .refusing("its batch has no job or no snapshot") }
        guard batch.jobID == letter.jobID, batch.index == letter.batchIndex else {
            throw .refusing("its batch is \(batch.jobID)/\(batch.index), which is not the letter's")
        }
        guard batch.headers.count == work.trades.count else {
            throw .refusing(
                "its batch has \(batch.headers.count) headers for \(work.trades.count) trades"
            )
        }
        let positions = batch.headers.indices.filter { batch.headers[$0].tradeID == letter.tradeID }
        guard positions.count == 1, let position = positions.first else {
            throw .refusing("its batch has the trade \(positions.count) times")
        }
        let trades = [position: (header: batch.headers[position], terms: work.trades[position])]
        let dead = DeadBatch(names: batch.names, workNames: work.names, trades: trades)
        // A header that points nowhere would be refused by the report writer.
        _ = try dead.content(metrics: work.metrics).tradeSummaries()
        return (Origin(jobID: jobID, snapshotID: snapshotID, metrics: work.metrics), dead)
    }

    private func decoded(
        _ letter: DeadLetter
    ) throws(WireError) -> (batch: Batch, work: PricingBatch) {
        do throws(WireError) {
            let batch = try Batch.decode(letter.bytes)
            return (batch, try PricingBatch.decode(batch.payload))
        } catch {
            throw .refusing(
                "the letter holds \(letter.bytes.count) bytes, not a complete batch: \(error)"
            )
        }
    }
}

extension WireError {
    fileprivate static func refusing(_ reason: String) -> WireError {
        WireError(code: .invalidValue, reason: reason)
    }
}
