public import Finance
public import GridAPI
internal import GridProtocol
internal import Operations
internal import Synchronization

/// Asks a pricer about trades: what an NPV is made of, and which market data is missing.
///
/// Each question runs one process, which ends with its answer; this process never links QuantLib.
public final class TradeAnalyst: Sendable {
    private let pricer: String
    private let mostAtOnce: Int
    private let explanationLimit: Duration
    private let requirementsLimit: Duration
    private let running = Mutex(0)

    /// Makes an analyst.
    ///
    /// - Parameters:
    ///   - pricer: the path of the program.
    ///   - mostAtOnce: how many questions are answered at a time; others are refused as `busy`.
    ///   - explanationLimit: how long an explanation may take.
    ///   - requirementsLimit: how long a list of requirements may take; 1,000 trades take less
    ///     than a second.
    public init(
        pricer: String,
        mostAtOnce: Int = 2,
        explanationLimit: Duration = .seconds(10),
        requirementsLimit: Duration = .seconds(120)
    ) {
        self.pricer = pricer
        self.mostAtOnce = mostAtOnce
        self.explanationLimit = explanationLimit
        self.requirementsLimit = requirementsLimit
    }

    /// Explains the NPV of one trade of a job.
    ///
    /// - Parameters:
    ///   - trade: its id.
    ///   - batch: the record of its batch in the `batches` topic, with its terms.
    ///   - snapshot: the record of the job's snapshot in the `market` topic.
    /// - Returns: the JSON of `pricer --explain`, also for a trade without a value.
    /// - Throws: ``TradeAnalysisError``.
    public func explanation(
        of trade: String,
        inBatch batch: [UInt8],
        snapshot: [UInt8]
    ) async throws(TradeAnalysisError) -> [UInt8] {
        try await answer(
            batch: batch,
            snapshot: snapshot,
            ["--explain", trade],
            within: explanationLimit
        )
    }

    /// Finds which market data trades need and a snapshot lacks.
    ///
    /// - Parameters:
    ///   - portfolio: the trades.
    ///   - snapshot: the market; one without problems.
    ///   - metrics: those that the trades are priced for.
    /// - Returns: what is missing, that which most trades need first; empty when nothing is.
    /// - Throws: ``TradeAnalysisError``.
    public func requirements(
        of portfolio: [Trade],
        in snapshot: MarketSnapshot,
        metrics: [Metric] = [.npv]
    ) async throws(TradeAnalysisError) -> [MissingMarketData] {
        let batch: [UInt8]
        do throws(WireError) {
            batch = try PricingBatch(trades: portfolio, metrics: metrics).encoded()
        } catch {
            throw TradeAnalysisError(.badInput, error.reason)
        }
        let answer = try await answer(
            batch: batch,
            snapshot: MarketSnapshotRecord(snapshot).encoded(),
            ["--requirements"],
            within: requirementsLimit
        )
        do throws(APIJSON.Problem) {
            let found = try APIJSON.decoded(MarketRequirements.self, from: answer)
            // Such a batch has no ids: the pricer names trades by position.
            return found.missing.map { piece in
                var named = piece
                if let position = Int(piece.example.dropFirst()),
                    portfolio.indices.contains(position)
                {
                    named.example = portfolio[position].id.rawValue
                }
                return named
            }
        } catch {
            throw TradeAnalysisError(.failed, "the pricer's answer cannot be read: \(error)")
        }
    }

    // MARK: Private

    private func answer(
        batch: [UInt8],
        snapshot: [UInt8],
        _ question: [String],
        within limit: Duration
    ) async throws(TradeAnalysisError) -> [UInt8] {
        let isFree = running.withLock { running in
            guard running < mostAtOnce else { return false }
            running += 1
            return true
        }
        guard isFree else {
            throw TradeAnalysisError(
                .busy,
                "\(mostAtOnce) questions about trades are being answered; ask again"
            )
        }
        defer { running.withLock { $0 -= 1 } }
        let files = try QuestionFiles(batch: batch, snapshot: snapshot)
        let run = PricerRun(
            path: pricer,
            arguments: ["--batch", files.batch, "--market", files.market] + question,
            timeLimit: limit
        )
        let answer = AnswerBox()
        await onNewThread {
            // The files are there for as long as the process is.
            withExtendedLifetime(files) {
                answer.fill { () throws(TradeAnalysisError) in try run.answer() }
            }
        }
        return try answer.get()
    }
}

/// A question's input in files, which are removed with it.
private final class QuestionFiles: Sendable {
    private let directory: TemporaryDirectory
    let batch: String
    let market: String

    init(batch bytes: [UInt8], snapshot: [UInt8]) throws(TradeAnalysisError) {
        do throws(FileError) {
            directory = try TemporaryDirectory(prefix: "valgrid-analysis-")
            batch = "\(directory.path)/batch.pb"
            market = "\(directory.path)/market.pb"
            try writeAtomically(bytes, to: batch)
            try writeAtomically(snapshot, to: market)
        } catch {
            throw TradeAnalysisError(.failed, error.reason)
        }
    }
}

/// What a thread found out.
private final class AnswerBox: Sendable {
    private let result = Mutex<Result<[UInt8], TradeAnalysisError>>(
        .failure(TradeAnalysisError(.failed, "the system gives no thread for the pricer"))
    )

    func fill(_ body: () throws(TradeAnalysisError) -> [UInt8]) {
        let found = Result { () throws(TradeAnalysisError) in try body() }
        result.withLock { $0 = found }
    }

    func get() throws(TradeAnalysisError) -> [UInt8] { try result.withLock { $0 }.get() }
}
