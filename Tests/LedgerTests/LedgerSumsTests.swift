import GridProtocol
import Testing

@testable import Ledger

/// What a ledger keeps in order and in sums equals what a walk over all its jobs finds.
@Suite struct LedgerSumsTests {
    /// Random events of a few jobs, applied to a ledger.
    private struct Play {
        var ledger = Ledger()
        var generator: SeededGenerator
        var now: Int64 = 0
        let jobs: [JobID]

        init(_ seed: Int) throws {
            generator = SeededGenerator(seed)
            jobs = try (0..<25).map { try JobID.test("job-\($0)") }
        }

        mutating func number(_ range: Range<Int>) -> Int {
            Int.random(in: range, using: &generator)
        }

        private mutating func record() -> JobRecord {
            var record = JobRecord()
            record.state =
                [.submitting, .submitted, .submitted, .submitted, .cancelled][
                    number(0..<5)
                ]
            record.hold = number(0..<4) == 0 ? .paused : .resumed
            record.priority = number(0..<3) == 0 ? .intraday : .eod
            record.batchCount = UInt32(number(1..<4))
            record.tradeCount = record.batchCount * 10
            record.tradeIdsHash = [7]
            record.submittedAt = Int64(number(0..<50))
            record.deadline = number(0..<3) == 0 ? 0 : Int64(number(0..<200))
            return record
        }

        /// Does something, and returns the jobs that expired.
        mutating func step() -> (expired: [JobID], was: Ledger, isTime: Bool) {
            let was = ledger
            let job = jobs[number(0..<jobs.count)]
            let index = UInt32(number(0..<4))
            let at = Int64(number(0..<200))
            switch number(0..<10) {
            case 0..<2: ledger.apply(job: record(), of: job, at: at)
            case 2..<4:
                let facts = BatchFacts(job: job, index: index, trades: 10, queuedAt: at)
                _ = ledger.apply(batch: facts)
            case 4..<7:
                _ = ledger.apply(
                    result: ResultFacts(job: job, index: index, priced: 9, failed: 1, joinedAt: at)
                )
            case 7:
                guard ledger.needsProof(job) else { break }
                let trades = Int(ledger.record(of: job)?.tradeCount ?? 0)
                let hash: [UInt8] = number(0..<5) == 0 ? [8] : [7]
                ledger.apply(proof: CompletenessProof(trades: trades, hash: hash), of: job)
            case 8 where number(0..<10) == 0: ledger.set(nil, of: job)
            case 8:
                ledger.withdraw(ResultFacts(job: job, index: index, priced: 9, failed: 1))
            default:
                now += Int64(number(0..<8))
                return (ledger.advance(to: now), was, true)
            }
            return ([], was, false)
        }

        var entries: [(job: JobID, entry: JobEntry)] {
            jobs.compactMap { job in ledger.entry(of: job).map { (job, $0) } }
        }
    }

    @Test(arguments: 1...60) func equalAWalkOverAllJobs(seed: Int) throws {
        var play = try Play(seed)
        for _ in 0..<400 {
            let (expired, was, isTime) = play.step()
            if isTime {
                let expected = play.jobs.filter { job in
                    guard let entry = was.entry(of: job) else { return false }
                    return entry.phase(at: was.now) != .expired
                        && entry.phase(at: play.now) == .expired
                }
                #expect(expired == expected.sorted())
            }
            check(play)
        }
    }

    private func check(_ play: Play) {
        let (ledger, entries) = (play.ledger, play.entries)
        #expect(ledger.count == entries.count)
        #expect(ledger.backlog == backlog(entries, at: ledger.now))
        for job in play.jobs { #expect(ledger.ahead(of: job) == ahead(of: job, entries, ledger)) }
        let order = entries.filter { $0.entry.record != nil }.sorted {
            ($0.entry.record?.submittedAt ?? 0, $0.job) > (
                $1.entry.record?.submittedAt ?? 0, $1.job
            )
        }.map(\.job)
        #expect(ledger.jobs(at: 0).map(\.job) == order)
        #expect(ledger.submittedCount == order.count)
        if order.count > 3 {
            let page = ledger.jobs(at: 0, after: order[1], most: 2).map(\.job)
            #expect(page == Array(order[2..<4]))
        }
        for age: Int64 in [0, 20, 90] {
            let old = entries.filter { isPurgeable($0.entry, before: ledger.now - age, ledger.now) }
            let found = ledger.forgettable(olderThan: age, most: .max)
            #expect(found == old.map(\.job).sorted())
        }
    }

    private func backlog(_ entries: [(job: JobID, entry: JobEntry)], at now: Int64) -> Backlog {
        var backlog = Backlog()
        for (_, entry) in entries {
            guard let record = entry.record else { continue }
            let phase = entry.phase(at: now)
            backlog.jobs[phase, default: 0] += 1
            guard !phase.isFinal, phase != .paused else { continue }
            backlog.batches += max(0, Int(record.batchCount) - entry.joined.count)
            let done = entry.priced + entry.failed + entry.expired
            backlog.trades += max(0, Int(record.tradeCount) - done)
            let quiet = max(entry.lastJoinedAt, record.submittedAt)
            backlog.oldestSubmission = min(backlog.oldestSubmission ?? .max, record.submittedAt)
            backlog.quietSince = min(backlog.quietSince ?? .max, quiet)
        }
        return backlog
    }

    private func ahead(
        of job: JobID,
        _ entries: [(job: JobID, entry: JobEntry)],
        _ ledger: Ledger
    ) -> JobsAhead {
        guard let record = ledger.record(of: job) else { return JobsAhead() }
        let earlier = entries.filter { other, entry in
            guard let first = entry.record, other != job,
                entry.published.count > entry.joined.count
            else { return false }
            let phase = entry.phase(at: ledger.now)
            guard !phase.isFinal, phase != .paused else { return false }
            if (first.priority == .intraday) != (record.priority == .intraday) {
                return record.priority != .intraday
            }
            return (first.submittedAt, other) < (record.submittedAt, job)
        }
        return JobsAhead(
            batches: earlier.reduce(0) { $0 + $1.entry.published.count - $1.entry.joined.count },
            count: earlier.count,
            first: earlier.min {
                ($0.entry.record?.submittedAt ?? 0, $0.job)
                    < ($1.entry.record?.submittedAt ?? 0, $1.job)
            }?.job
        )
    }

    private func isPurgeable(_ entry: JobEntry, before limit: Int64, _ now: Int64) -> Bool {
        let lastSign = max(entry.recordAt, entry.lastJoinedAt, entry.lastPublishedAt)
        guard let record = entry.record else { return lastSign < limit }
        if record.deadline > 0 { return record.deadline < limit }
        return entry.recordAt < limit && (entry.phase(at: now).isFinal || lastSign < limit)
    }

    // MARK: Changes

    /// Whoever follows the changes has the jobs that are there, as they are.
    @Test(arguments: 1...20) func changesLeadToTheJobsThatAreThere(seed: Int) throws {
        var play = try Play(seed)
        var known: [JobID: Int] = [:]
        var version: Int64 = 0
        for _ in 0..<600 {
            _ = play.step()
            guard play.number(0..<4) == 0 else { continue }
            let most = play.number(1..<6)
            let changes = play.ledger.changes(since: version, most: most)
            #expect(changes.jobs.count <= most)
            #expect(!changes.isTooOld)
            for change in changes.jobs {
                known[change.job] =
                    change.isRemoved ? nil : play.ledger.entry(of: change.job)?.joined.count
            }
            version = changes.version
        }
        for change in play.ledger.changes(since: version, most: .max).jobs {
            known[change.job] =
                change.isRemoved ? nil : play.ledger.entry(of: change.job)?.joined.count
        }
        #expect(Set(known.keys) == Set(play.entries.map(\.job)))
        for (job, entry) in play.entries { #expect(known[job] == entry.joined.count) }
    }

    @Test func aFollowerThatMissedRemovalsIsTold() throws {
        var ledger = Ledger()
        var record = JobRecord()
        record.batchCount = 1
        let old = try JobID.test("old")
        ledger.apply(job: record, of: old, at: 0)
        let version = ledger.version
        for number in 0...ChangeLog.removalsKept {
            let job = try JobID.test("job-\(number)")
            ledger.apply(job: record, of: job, at: 0)
            ledger.set(nil, of: job)
        }
        #expect(ledger.changes(since: version, most: 10).isTooOld)
        let all = ledger.changes(since: 0, most: 1)
        #expect(!all.isTooOld)
        #expect(all.jobs.map(\.job) == [old])
    }

    @Test func theRateIsThatOfTheLastMinute() throws {
        var ledger = Ledger()
        let job = try JobID.test("job")
        var record = JobRecord()
        record.batchCount = 100
        record.tradeCount = 1_000
        ledger.apply(job: record, of: job, at: 0)
        let second: Int64 = 1_000_000
        for index in 0..<60 {
            let at = Int64(index) * 2 * second
            _ = ledger.apply(
                result: ResultFacts(job: job, index: UInt32(index), priced: 10, joinedAt: at)
            )
        }
        let now = 119 * second
        let entry = try #require(ledger.entry(of: job))
        #expect(abs(entry.recent.lastMinute(at: now, since: 0) - 300.0 / 59) < 1e-9)
        #expect(entry.recent.lastMinute(at: now + 60 * second, since: 0) == 0)
        #expect(ledger.rates(of: job, at: now).suffix(13) == [0] + Array(repeating: 5, count: 12))
        #expect(ledger.rates(of: job, at: now + 3_600 * second).allSatisfy { $0 == 0 })
    }
}
