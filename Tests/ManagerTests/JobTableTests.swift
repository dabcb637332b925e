import GridAPI
import Operations
import Testing

@testable import Manager

@Suite struct JobTableTests {
    private func row(_ number: Int, state: String = "complete") -> JobRow {
        JobRow(
            id: "job-\(number)",
            state: state,
            priority: number % 2 == 0 ? "eod" : "intraday",
            portfolio: "P\(number % 7)",
            submitter: "desk-\(number % 3)",
            snapshot: JobStatus.Snapshot(id: "sha256:\(number)", name: "EOD"),
            valuationDate: "2026-01-15",
            baseCurrency: "EUR",
            metrics: ["NPV"],
            trades: number * 13 % 101,
            done: 0,
            failed: number % 5,
            expired: 0,
            missing: 0,
            batches: 1,
            batchesPublished: 1,
            batchesDone: 0,
            submittedAt: "2026-01-\(10 + number % 20)T10:00:00.000000Z",
            deadline: number % 4 == 0 ? nil : "2026-02-\(10 + number % 15)T10:00:00.000000Z",
            endedAt: nil,
            lastResultAt: nil,
            seconds: Double(number % 17),
            tradesPerSecond: Double(number * 7 % 23),
            isFinal: state != "running",
            waitingFor: nil
        )
    }

    private func table(_ count: Int) -> JobTable {
        let table = JobTable()
        for number in 0..<count {
            table.set(row(number, state: number % 6 == 0 ? "running" : "complete"))
        }
        return table
    }

    /// A list that is kept in order while rows come, change and go is that of a fresh table.
    @Test(arguments: JobTable.Sort.allCases)
    func aListFollowsItsRows(sort: JobTable.Sort) {
        var generator = SystemRandomNumberGenerator()
        let table = table(120)
        var queries: [JobTable.Query] = []
        for isDescending in [true, false] {
            for states: Set<String> in [[], ["running"]] {
                var query = JobTable.Query()
                (query.sort, query.isDescending, query.states) = (sort, isDescending, states)
                queries.append(query)
            }
        }
        var rows = (0..<120).reduce(into: [:]) { $0["job-\($1)"] = table.row("job-\($1)") }
        for step in 0..<400 {
            let number = Int.random(in: 0..<160, using: &generator)
            if Int.random(in: 0..<5, using: &generator) == 0 {
                table.remove("job-\(number)")
                rows["job-\(number)"] = nil
            } else {
                var changed = row(number, state: Bool.random() ? "running" : "complete")
                changed.trades = Int.random(in: 0..<50, using: &generator)
                changed.seconds = Double(Int.random(in: 0..<9, using: &generator))
                table.set(changed)
                rows[changed.id] = changed
            }
            guard step % 10 == 0 else { continue }
            let fresh = JobTable()
            for row in rows.values { fresh.set(row) }
            for query in queries {
                let kept = table.page(query, after: nil, most: 500)
                let made = fresh.page(query, after: nil, most: 500)
                #expect(kept.rows.map(\.row) == made.rows.map(\.row))
                #expect(kept.total == made.total)
            }
            #expect(table.counts() == fresh.counts())
        }
    }

    @Test(arguments: JobTable.Sort.allCases, [true, false])
    func pagesAreTheWholeListInOrderAndNothingTwice(sort: JobTable.Sort, isDescending: Bool) {
        let table = table(250)
        var query = JobTable.Query()
        query.sort = sort
        query.isDescending = isDescending
        var place: JobTable.Place?
        var seen: [JobRow] = []
        repeat {
            let page = table.page(query, after: place, most: 33)
            #expect(page.total == 250)
            seen += page.rows.map(\.row)
            // A place survives its way through a cursor.
            place =
                page.hasMore
                ? page.rows.last.flatMap {
                    JobTable.Place(text: JobTable.Place(key: $0.key, id: $0.row.id).text)
                } : nil
        } while place != nil
        #expect(seen.count == 250)
        #expect(Set(seen.map(\.id)).count == 250)
        let keys = seen.map { JobTable.key(of: $0, sort) }
        let isInOrder = zip(keys, keys.dropFirst()).allSatisfy {
            isDescending ? $0 >= $1 : $0 <= $1
        }
        #expect(isInOrder)
    }

    @Test func filtersFindWhatANaiveWalkFinds() {
        let table = table(100)
        var query = JobTable.Query()
        query.states = ["running"]
        query.submitter = "desk-0"
        query.words = ["p3"]
        let found = table.page(query, after: nil, most: 500).rows.map(\.row.id)
        let expected = (0..<100).map { row($0, state: $0 % 6 == 0 ? "running" : "complete") }
            .filter { $0.state == "running" && $0.submitter == "desk-0" && $0.portfolio == "P3" }
            .map(\.id)
        #expect(Set(found) == Set(expected))
        #expect(!expected.isEmpty)
        #expect(table.counts()["all"] == 100)
        #expect(table.counts()["running"] == 17)
        #expect(table.counts()["paused"] == 0)
    }

    @Test func whatChangedOrWentIsSeenAtOnce() {
        let table = table(10)
        table.set(row(3, state: "cancelled"))
        #expect(table.row("job-3")?.state == "cancelled")
        table.remove("job-4")
        #expect(table.count == 9)
        table.keep(only: ["job-1", "job-2"])
        let ids = table.page(JobTable.Query(), after: nil, most: 10).rows.map(\.row.id)
        #expect(Set(ids) == ["job-1", "job-2"])
    }
}

@Suite struct LogRingTests {
    private func line(_ number: Int, level: String = "info", job: String = "a") -> LogEntry {
        LogEntry(
            at: "2026-01-15T10:00:00.\(100 + number)Z",
            level: level,
            program: "valengine",
            host: "h",
            engine: "e\(number % 2)",
            pid: 1,
            sequence: number,
            message: "priced a batch",
            fields: ["job.id": job, "batch.index": "\(number % 10)"],
            dropped: 0
        )
    }

    @Test func aFilterNarrowsAndPagesGoBackInTime() {
        let ring = LogRing()
        for number in 0..<100 {
            ring.add(
                line(
                    number,
                    level: number % 4 == 0 ? "debug" : "info",
                    job: number < 50 ? "a" : "b"
                )
            )
        }
        var filter = LogRing.Filter()
        filter.job = "b"
        let first = ring.lines(filter, below: nil, most: 10)
        #expect(first.lines.map(\.entry.sequence) == [87, 89, 90, 91, 93, 94, 95, 97, 98, 99])
        #expect(first.hasMore)
        let second = ring.lines(filter, below: first.lines.first?.number, most: 10)
        #expect(second.lines.last?.entry.sequence == 86)
        filter.engines = ["e1"]
        filter.words = ["batch", "priced"]
        filter.batch = "7"
        #expect(
            ring.lines(filter, below: nil, most: 50).lines.map(\.entry.sequence) == [
                57, 67, 77, 87, 97,
            ]
        )
        filter.least = .error
        #expect(ring.lines(filter, below: nil, most: 50).lines.isEmpty)
    }

    @Test func linesThatWereLostAreCounted() {
        let ring = LogRing()
        ring.add(line(0))
        ring.add(line(1))
        ring.add(line(5))
        ring.add(line(6))
        #expect(ring.lines(LogRing.Filter(), below: nil, most: 10).lost == ["e1": 3])
    }
}
