import Foundation
import GridAPI
import GridProtocol
import Operations
import Synchronization
import Testing

@testable import AggregatorAPI
@testable import HTTP
@testable import Ledger

@Suite(.timeLimit(.minutes(1))) struct FeedTests {
    private let directory: TestDirectory
    private let core: AggregatorCore
    private let now = TestJob.start + 1_000_000

    init() throws {
        directory = try TestDirectory()
        core = try directory.core()
    }

    private func sources(
        trouble: @escaping @Sendable () -> String? = { nil },
        news: @escaping @Sendable (Int) -> (jobs: [JobID], next: Int) = { ([], $0) }
    ) -> FeedSources {
        FeedSources(
            pulse: { view, time in GridPulse(view, LiveGridState(trouble: trouble()), at: time) },
            engines: { _ in [] },
            row: { view, job, time in
                guard let record = view.ledger.record(of: job) else { return nil }
                return view.ledger.current(job, clock: time)?.row(
                    of: record,
                    waitingFor: nil,
                    tradesPerSecond: view.ledger.tradesPerSecond(of: job, at: time)
                )
            },
            news: news
        )
    }

    private func rows(_ lines: [FeedLine]) -> [String: JobRow] {
        lines.compactMap(\.row).reduce(into: [:]) { $0[$1.id] = $1 }
    }

    /// The number in the newest version of the lines.
    private func version(_ lines: [FeedLine]) throws -> Int64 {
        let text = try #require(lines.compactMap(\.version).last)
        return try #require(text.split(separator: ".").last.flatMap { Int64($0) })
    }

    @Test func aSnapshotComesInPagesAndThenWhatChanges() throws {
        for number in 0..<450 {
            let job = try TestJob("job-\(number)", trades: 1)
            _ = try core.apply([shifted(job.jobRecord(), number)])
        }
        var feed = FeedComposer(boot: "b", since: nil, sources: sources())
        var lines: [FeedLine] = []
        var counts: [Int] = []
        for _ in 0..<3 {
            let page = feed.lines(of: core.view, at: now, elapsed: .zero)
            counts.append(page.count { $0.type == .job })
            lines += page
        }
        #expect(counts == [200, 200, 50])
        #expect(lines.first == FeedLine(.hello, boot: "b", isSnapshot: true))
        #expect(rows(lines).count == 450)
        #expect(lines.count { $0.type == .ready } == 1)
        #expect(lines.last?.grid?.jobs == ["running": 450])
        #expect(feed.lines(of: core.view, at: now, elapsed: .milliseconds(500)).isEmpty)
        let job = try TestJob("job-7", trades: 1)
        _ = try core.apply([shifted(job.batchRecord(0), 7), shifted(job.resultRecord(0), 7)])
        let changed = feed.lines(of: core.view, at: now, elapsed: .milliseconds(600))
        #expect(changed.map(\.type) == [.job, .ready])
        #expect(rows(changed)["job-7"]?.state == "complete")
    }

    @Test func aJobThatChangesOftenIsSentFourTimesASecondAsItIs() throws {
        let job = try TestJob(trades: 500)
        _ = try core.apply([job.jobRecord()])
        var feed = FeedComposer(boot: "b", since: nil, sources: sources())
        _ = feed.lines(of: core.view, at: now, elapsed: .zero)
        var sent: [Int] = []
        for step in 0..<50 {
            _ = try core.apply([job.batchRecord(step), job.resultRecord(step)])
            let lines = feed.lines(
                of: core.view,
                at: now,
                elapsed: .milliseconds(1 + 20 * step)
            )
            sent += rows(lines).values.map(\.done)
        }
        #expect(sent == [140, 270, 400])
        let last = feed.lines(of: core.view, at: now, elapsed: .milliseconds(1_100))
        #expect(rows(last).values.map(\.done) == [500])
    }

    @Test func aRowIsSentAgainWhenItsTotalBecomesKnown() throws {
        let job = try TestJob(trades: 5)
        _ = try core.apply(job.all)
        let known = Mutex(0)
        var feed = FeedComposer(
            boot: "b",
            since: nil,
            sources: sources(news: { number in
                let count = known.withLock { $0 }
                return (number < count ? [job.id] : [], count)
            })
        )
        #expect(rows(feed.lines(of: core.view, at: now, elapsed: .zero)).count == 1)
        #expect(rows(feed.lines(of: core.view, at: now, elapsed: .seconds(2))).isEmpty)
        known.withLock { $0 = 1 }
        #expect(rows(feed.lines(of: core.view, at: now, elapsed: .seconds(4))).count == 1)
        #expect(rows(feed.lines(of: core.view, at: now, elapsed: .seconds(6))).isEmpty)
    }

    /// A reader that is cut off again and again has in the end what a new one has.
    @Test(arguments: 1...10) func aReaderGoesOnWhereItWas(seed: Int) throws {
        var generator = SeededGenerator(seed)
        let jobs = try (0..<20).map { try TestJob("job-\($0)", trades: 30) }
        var records = jobs.enumerated().flatMap { number, job in
            job.all.map { shifted($0, number) }
        }.shuffled(using: &generator)
        var known: [String: JobRow] = [:]
        var place: Int64?
        var snapshots = 0
        while true {
            var feed = FeedComposer(boot: "b", since: place, sources: sources())
            var elapsed = Duration.zero
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let lines = feed.lines(of: core.view, at: now, elapsed: elapsed)
                for line in lines {
                    if line.type == .hello, line.isSnapshot == true {
                        snapshots += 1
                        known = [:]
                    }
                    if let row = line.row { known[row.id] = row }
                }
                if lines.contains(where: { $0.version != nil }) { place = try version(lines) }
                elapsed += .milliseconds(100)
                let count = min(records.count, Int.random(in: 0...9, using: &generator))
                _ = try core.apply(Array(records.suffix(count)))
                records.removeLast(count)
            }
            if records.isEmpty, place == core.view.ledger.version { break }
        }
        #expect(snapshots == 1)
        var fresh = FeedComposer(boot: "b", since: nil, sources: sources())
        #expect(known == rows(fresh.lines(of: core.view, at: now, elapsed: .zero)))
        #expect(known.count == 20)
    }

    @Test func removedJobsAreNamed() throws {
        var job = try TestJob(trades: 1)
        job.record.deadline = TestJob.start + 1
        _ = try core.apply([job.jobRecord()])
        var feed = FeedComposer(boot: "b", since: nil, sources: sources())
        _ = feed.lines(of: core.view, at: now, elapsed: .zero)
        _ = core.advance(to: TestJob.start + 100)
        #expect(try core.forget(olderThan: .microseconds(1)).jobs == [job.id])
        let lines = feed.lines(of: core.view, at: now, elapsed: .milliseconds(300))
        #expect(lines.map(\.type) == [.removed, .ready])
        #expect(lines.first?.id == job.id.rawValue)
    }

    @Test func aVersionThatTheLedgerNeverHadBeginsAnew() throws {
        _ = try core.apply([try TestJob().jobRecord()])
        var feed = FeedComposer(boot: "b", since: 1_000, sources: sources())
        let lines = feed.lines(of: core.view, at: now, elapsed: .zero)
        #expect(lines.first?.isSnapshot == true)
        #expect(rows(lines).count == 1)
    }

    @Test func gridAndRatesComeAgainWhenTimeChangesThem() throws {
        let job = try TestJob()
        _ = try core.apply([job.jobRecord(), job.batchRecord(0), job.resultRecord(0)])
        let box = Trouble()
        var feed = FeedComposer(boot: "b", since: nil, sources: sources { box.text })
        let first = feed.lines(of: core.view, at: now, elapsed: .zero)
        #expect((rows(first)["eod-1"]?.tradesPerSecond ?? 0) > 0)
        box.set("no broker answers")
        #expect(feed.lines(of: core.view, at: now, elapsed: .milliseconds(900)).isEmpty)
        let second = feed.lines(of: core.view, at: now, elapsed: .milliseconds(1_000))
        #expect(second.map(\.type) == [.grid])
        #expect(second.first?.grid?.ledger.trouble == "no broker answers")
        // After a minute without a result the rate is 0, although nothing of the job came.
        let later = now + 100_000_000
        let third = feed.lines(of: core.view, at: later, elapsed: .seconds(100))
        #expect(rows(third)["eod-1"]?.tradesPerSecond == 0)
        #expect(feed.lines(of: core.view, at: later, elapsed: .seconds(106)).isEmpty)
    }

    private final class Trouble: Sendable {
        private let state = Mutex<String?>(nil)
        var text: String? { state.withLock { $0 } }
        func set(_ text: String) { state.withLock { $0 = text } }
    }

    private func shifted(_ record: SourceRecord, _ number: Int) -> SourceRecord {
        var record = record
        record.source.partition += Int32(number) * 100
        return record
    }

    // MARK: The route

    private func stream(_ api: FeedAPI, since place: String? = nil) throws -> HTTPStream {
        let query = place.map { ["since": $0] } ?? [:]
        let answer = try #require(api.response(to: HTTPRequest(path: "/v1/feed", query: query)))
        #expect(answer.contentType == "application/x-ndjson")
        guard case .stream(let stream) = answer.body else { throw TestFailure() }
        return stream
    }

    private func lines(_ part: HTTPStream.Part) throws -> [FeedLine] {
        guard case .bytes(let bytes) = part else { return [] }
        return try bytes.split(separator: 0x0A).map { try APIJSON.decoded(from: Array($0)) }
    }

    @Test func theRouteStreamsLinesOfJSONUntilItIsClosed() throws {
        let job = try TestJob()
        _ = try core.apply(job.all)
        let api = FeedAPI(core: core, liveState: { _ in LiveGridState() }, engines: { _ in [] })
        #expect(api.response(to: HTTPRequest(path: "/v1/feeds")) == nil)
        #expect(api.response(to: HTTPRequest(method: "POST", path: "/v1/feed"))?.status == 405)
        let stream = try stream(api)
        let first = try lines(stream.next(.seconds(30)))
        #expect(first.map(\.type) == [.hello, .job, .ready, .grid])
        let place = try #require(first.compactMap(\.version).last)
        let again = try lines(try self.stream(api, since: place).next(.seconds(30)))
        #expect(again.map(\.type) == [.hello, .ready, .grid])
        #expect(again.first?.isSnapshot == false)
        let other = try lines(try self.stream(api, since: "other.1").next(.seconds(30)))
        #expect(other.first?.isSnapshot == true)
        Thread.detachNewThread { stream.close() }
        var part = HTTPStream.Part.nothing
        let limit = ContinuousClock.now + .seconds(30)
        while part != .end, .now < limit { part = stream.next(.seconds(30)) }
        #expect(part == .end)
    }

    // MARK: Over a socket

    /// Reads lines until one has what is waited for.
    private final class Follower: Sendable {
        private struct State {
            var rest: [UInt8] = []
            var lines: [FeedLine] = []
            var isBroken = false
        }

        private let state = Mutex(State())

        var lines: [FeedLine] { state.withLock { $0.lines } }
        var isBroken: Bool { state.withLock { $0.isBroken } }

        /// Takes bytes as they come; returns whether the last line is still another one.
        func take(_ bytes: [UInt8], until isLast: (FeedLine) -> Bool) -> Bool {
            state.withLock { state in
                state.rest += bytes
                while let end = state.rest.firstIndex(of: 0x0A) {
                    let text = Array(state.rest[..<end])
                    state.rest.removeFirst(end + 1)
                    guard let line: FeedLine = try? APIJSON.decoded(from: text) else {
                        state.isBroken = true
                        return false
                    }
                    state.lines.append(line)
                    if isLast(line) { return false }
                }
                return true
            }
        }
    }

    @Test func aFollowerWithTheTokenSeesAJobToItsEnd() async throws {
        let token = try #require(BearerToken("0123456789abcdef"))
        let api = FeedAPI(core: core, liveState: { _ in LiveGridState() }, engines: { _ in [] })
        let server = try HTTPServer(
            logger: .silent,
            handler: guarded({ api.response(to: $0) }, by: token)
        )
        let url = "http://127.0.0.1:\(server.port)/v1/feed"
        let refused = try await HTTPClient().get(url)
        #expect(refused.status == 401)
        let failure: APIFailure = try APIJSON.decoded(from: refused.body)
        #expect(failure.error.code == "unauthorized")
        var configuration = HTTPClient.Configuration()
        configuration.token = { token.text }
        let client = HTTPClient(configuration: configuration)
        let job = try TestJob(trades: 75)
        let follower = Follower()
        var rest = job.all[...]
        let (core, first) = (core, Array(rest.prefix(5)))
        _ = try core.apply(first)
        rest = rest.dropFirst(5)
        let later = Array(rest)
        try await client.stream(HTTPCall(url: url, timeout: .seconds(30))) { bytes in
            follower.take(bytes) { line in
                // The rest comes when the follower has what there was.
                if line.type == .ready, line.version?.hasSuffix(".1") == true {
                    Thread.detachNewThread { _ = try? core.apply(later) }
                }
                return line.row?.isFinal == true
            }
        }
        #expect(!follower.isBroken)
        #expect(follower.lines.first?.type == .hello)
        #expect(follower.lines.last?.row?.done == 75)
        #expect(follower.lines.last?.row?.state == "complete with errors")
        await server.shutdown()
    }
}

/// Lines that are written by hand are those of an encoder.
@Suite struct FeedWriterTests {
    private func line(_ id: String, total: Double? = 1.5, hasForecast: Bool = false) -> FeedLine {
        var row = JobRow(
            id: id,
            state: "running",
            priority: "eod",
            portfolio: "EOD",
            submitter: "desk",
            snapshot: JobStatus.Snapshot(id: "sha256:ab", name: "market é"),
            valuationDate: "2026-01-15",
            baseCurrency: "EUR",
            metrics: ["NPV", "Vega"],
            trades: 1_000_000,
            done: 1,
            failed: 2,
            expired: 3,
            missing: 4,
            batches: 5,
            batchesPublished: 6,
            batchesDone: 7,
            submittedAt: "2026-01-15T10:00:00.000000Z",
            deadline: nil,
            endedAt: "2026-01-15T11:00:00.000000Z",
            lastResultAt: nil,
            seconds: 1e-7,
            tradesPerSecond: 17,
            isFinal: false,
            waitingFor: "1 of 2 batches",
            total: total
        )
        if hasForecast {
            row.forecast = JobRow.Forecast(
                verdict: "holds",
                p10: nil,
                p50: "2026-01-15T10:00:00Z",
                p90: nil,
                reason: "at 5 trades/s"
            )
        }
        return FeedLine(.job, version: "b.1", row: row)
    }

    @Test func linesReadBackAsTheyAre() throws {
        let lines = [
            FeedLine(.hello, boot: "b", isSnapshot: true), line("a"), line("b", total: nil),
            line("c", total: -1e300, hasForecast: true), line("quote\"d"), line("line\nfeed"),
            line("back\\slash"), FeedLine(.removed, version: "b.2", id: "a"),
            FeedLine(.ready, version: "b.2"),
        ]
        let read = try FeedWriter.bytes(lines).split(separator: 0x0A).map {
            try APIJSON.decoded(FeedLine.self, from: Array($0))
        }
        #expect(read == lines)
        // A number that JSON does not have leaves its line out.
        #expect(FeedWriter.bytes([line("a", total: .nan)]).isEmpty)
        #expect(FeedWriter.bytes([line("a", total: .infinity)]).isEmpty)
    }

    /// The keys are in an encoder's order, which readers rely on.
    @Test func keysAreInOrder() throws {
        let line = line("a", hasForecast: true)
        let text = String(decoding: FeedWriter.bytes([line]), as: UTF8.self)
        let encoded = String(decoding: try APIJSON.line(line), as: UTF8.self)
        func keys(_ text: String) -> [String] {
            text.split(separator: "\"").map(String.init).filter { !$0.contains(":") }
        }
        #expect(keys(text) == keys(encoded))
    }
}
