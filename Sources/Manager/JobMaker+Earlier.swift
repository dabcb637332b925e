internal import Finance
internal import Foundation
internal import GridAPI
internal import GridProtocol
internal import GridSubmission
internal import HTTP

extension JobMaker {
    /// How many failed trades of a job are priced again at most.
    private static let mostFailed = 100_000

    /// Trades of an earlier job that are wanted.
    struct EarlierTrades: Sendable {
        var record: JobRecord
        var selection: TradeSelection
        /// What such a portfolio is called.
        var name: String
    }

    /// Finds out which trades of an earlier job are wanted; that may take a while, as the aggregator
    /// may be indexing them.
    func find(_ earlier: JobOrder.Earlier) throws(Problem) -> EarlierTrades {
        guard let id = JobID(rawValue: earlier.job) else {
            throw Problem(404, "unknown_job", "there is no job \(earlier.job)")
        }
        let record = try grid.record(of: id)
        switch (earlier.only ?? .all, earlier.sample) {
        case (.all, nil):
            return EarlierTrades(record: record, selection: .all, name: record.portfolioName)
        case (.failed, nil):
            return EarlierTrades(
                record: record,
                selection: .ids(try failed(of: earlier.job)),
                name: "failed trades of \(earlier.job)"
            )
        case (.all, let count?):
            guard (1...100_000).contains(count) else {
                throw Problem(400, "bad_request", "sample is 1 to 100,000 trades")
            }
            return EarlierTrades(
                record: record,
                selection: .sample(count, seed: earlier.seed ?? earlier.job),
                name: "sample of \(earlier.job)"
            )
        case (.failed, _?):
            throw Problem(400, "bad_request", "a sample is of all trades, not of the failed")
        }
    }

    /// A snapshot that was sent before.
    func snapshot(_ hash: String) throws(Problem) -> MarketSnapshot {
        guard let id = SnapshotID(rawValue: hash) else {
            throw Problem(400, "bad_request", "\(hash) is no snapshot's hash")
        }
        guard let snapshot = try grid.snapshot(id) else {
            throw Problem(410, "terms_expired", "the snapshot \(hash) is not in its topic any more")
        }
        return snapshot
    }

    /// Hands over trades of an earlier job.
    func read(_ earlier: EarlierTrades, _ take: (Trade) -> Void) throws(Problem) {
        let batches = try grid.batches(of: earlier.record)
        do throws(SubmissionError) {
            try batches.trades(earlier.selection, take)
        } catch {
            throw Problem(409, "not_possible", error.reason)
        }
    }

    /// The ids of a job's trades that have an error, as the aggregator knows them.
    private func failed(of job: String) throws(Problem) -> Set<TradeID> {
        var ids: Set<TradeID> = []
        var cursor = ""
        while true {
            let answer = try indexed(
                "/v1/jobs/\(job.percentEncoded)/trades?status=error&limit=500\(cursor)"
            )
            guard answer.status == 200, case .bytes(let bytes) = answer.body,
                let page = try? APIJSON.decoded(PagedList<TradeRow>.self, from: bytes)
            else {
                throw Problem(409, "not_possible", "the failed trades of \(job) are not known yet")
            }
            ids.formUnion(page.items.compactMap { TradeID(rawValue: $0.id) })
            guard ids.count <= Self.mostFailed else {
                throw Problem(
                    409,
                    "out_of_bounds",
                    "more than \(Self.mostFailed) trades failed: price all of the job again"
                )
            }
            guard let next = page.next else { break }
            cursor = "&cursor=\(next.percentEncoded)"
        }
        guard !ids.isEmpty else {
            throw Problem(409, "not_possible", "no trade of job \(job) failed")
        }
        return ids
    }

    /// Asks the aggregator for what it may still be indexing, and waits for that, at most 20 s.
    private func indexed(_ path: String) throws(Problem) -> HTTPResponse {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            do throws(Problem) {
                return try jobs.get(path, headers: [:])
            } catch {
                guard error.code == "index_building", ContinuousClock.now < end else { throw error }
                Thread.sleep(forTimeInterval: 0.2)
            }
        }
    }
}
