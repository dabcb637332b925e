import GridProtocol
import Testing

@testable import Ledger

@Suite struct StuckJobDiagnosisTests {
    static let start = TestJob.start
    static let second: Int64 = 1_000_000

    /// A job of ten batches, submitted a minute ago, of which four have results, the last
    /// `quiet` seconds ago.
    private static func facts(
        quiet: Int64 = 30,
        published: Int = 10,
        joined: Int = 4,
        state: JobState = .submitted,
        _ change: (inout WaitingFacts) -> Void = { _ in }
    ) throws -> WaitingFacts {
        var job = try TestJob(trades: 100)
        job.record.state = state
        job.record.submittedAt = start
        let now = start + 60 * second
        var ledger = Ledger()
        ledger.apply(job: job.record, of: job.id, at: start)
        for index in 0..<published {
            let at = now - (joined > 0 ? 60 : quiet) * second
            _ = ledger.apply(
                batch: BatchFacts(job: job.id, index: UInt32(index), trades: 10, queuedAt: at)
            )
        }
        for index in 0..<joined {
            let at = now - quiet * second
            _ = ledger.apply(
                result: ResultFacts(job: job.id, index: UInt32(index), priced: 10, joinedAt: at)
            )
        }
        let progress = try #require(ledger.current(job.id, clock: now))
        var facts = WaitingFacts(progress: progress, now: now)
        facts.batchesTopic = "valgrid.batches"
        facts.resultsTopic = "valgrid.results"
        facts.engines = [engine("a", owns: 0..<12), engine("b", owns: 12..<24)]
        facts.partitions = 24
        change(&facts)
        return facts
    }

    static func engine(
        _ id: String,
        _ state: EngineState = .live,
        heard ago: Int64 = 1,
        works: (job: String, batch: UInt32, seconds: Int64)? = nil,
        owns: Range<Int32> = 0..<0
    ) -> EngineStatus {
        let now = start + 60 * second
        let work = works.map {
            EngineWork(jobID: $0.job, batchIndex: $0.batch, since: now - $0.seconds * second)
        }
        return EngineStatus(
            heartbeat: Heartbeat(
                engineID: id,
                host: "h-\(id)",
                partitions: Array(owns),
                work: work.map { [$0] } ?? []
            ),
            state: state,
            seenAt: now - ago * second,
            at: now
        )
    }

    private static func loss(_ topic: String, noticed: Int64) -> RecordLoss {
        RecordLoss(
            source: SourcePartition(topic: topic, partition: 3),
            offsets: 5..<17,
            noticedAt: start + noticed * second
        )
    }

    private func sentence(_ facts: WaitingFacts) -> String? { StuckJobDiagnosis(facts).sentence }

    @Test func aLedgerThatLagsSaysSoBeforeAnythingElse() throws {
        let facts = try Self.facts(published: 3, state: .submitting) {
            $0.trouble = "no broker answers"
            $0.engines = []
        }
        #expect(sentence(facts) == "the aggregator is not up to date: no broker answers")
    }

    @Test func aSubmissionIsUnderWayOrStandsStill() throws {
        #expect(
            sentence(try Self.facts(quiet: 2, published: 3, joined: 0, state: .submitting))
                == "being submitted: 3 of 10 batches are published"
        )
        #expect(
            sentence(try Self.facts(quiet: 45, published: 3, joined: 0, state: .submitting))
                == "its submission has made no progress for 45 s: 3 of 10 batches are published; "
                + "submit it again to resume it"
        )
    }

    @Test func batchesThatAreNotThereAreNamedWithTheirCause() throws {
        let missing = "6 of 10 batches are not in valgrid.batches"
        #expect(
            sentence(try Self.facts(published: 4))
                == "\(missing), although the job was submitted; submit it again to add them"
        )
        let facts = try Self.facts(published: 4) {
            $0.losses = [
                Self.loss("valgrid.batches", noticed: -5), Self.loss("valgrid.results", noticed: 5),
                Self.loss("valgrid.batches", noticed: 5),
            ]
        }
        #expect(
            sentence(facts)
                == "\(missing): retention removed 12 records of valgrid.batches before they were "
                + "read, the last up to offset 17 of partition 3"
        )
        // What was lost before the job cannot be the job's.
        let before = try Self.facts(published: 4) {
            $0.losses = [Self.loss("valgrid.batches", noticed: -5)]
        }
        #expect(sentence(before)?.contains("retention") == false)
    }

    @Test func resultsThatWereRemovedMayBeTheRest() throws {
        let facts = try Self.facts { $0.losses = [Self.loss("valgrid.results", noticed: 5)] }
        #expect(
            sentence(facts)
                == "4 of 10 batches have results, and the rest may be lost: retention removed 12 "
                + "records of valgrid.results before they were read, the last up to offset 17 of "
                + "partition 3"
        )
        var moving = facts
        moving.engines = [Self.engine("a", works: ("eod-1", 7, 2))]
        #expect(sentence(moving)?.contains("retention") == false)
    }

    @Test func aMissingSnapshotIsNamed() throws {
        let facts = try Self.facts(quiet: 1, joined: 0) { $0.hasSnapshot = false }
        #expect(
            sentence(facts)
                == "its snapshot sha256:ab is not in the topic of market data; submit the job "
                + "again to add it"
        )
        // With results the snapshot was there; the ledger may only have forgotten it.
        let moving = try Self.facts(quiet: 1) { $0.hasSnapshot = false }
        #expect(sentence(moving)?.contains("snapshot") == false)
    }

    static let withoutEngine: [([EngineStatus], String)] = [
        ([], "no engine is running; there was no heartbeat in the last day"),
        (
            [engine("a", .stopped, heard: 400), engine("b", .stopped, heard: 300)],
            "no engine is running; b at h-b was the last one and stopped 5 min ago"
        ),
        (
            [engine("a", .silent, heard: 45)],
            "the only engine is silent: the last heartbeat came from a at h-a, 45 s ago"
        ),
        (
            [
                engine("a", .silent, heard: 45), engine("b", .silent, heard: 9_000),
                engine("c", .stopped, heard: 1),
            ],
            "all 2 engines are silent: the last heartbeat came from a at h-a, 45 s ago"
        ),
        (
            [engine("a", .draining), engine("b", .silent, heard: 45)],
            "no engine takes batches: a is stopping"
        ),
    ]

    @Test(arguments: withoutEngine)
    func withoutALiveEngineItSaysWhatBecameOfThem(
        engines: [EngineStatus],
        expected: String
    ) throws {
        #expect(sentence(try Self.facts { $0.engines = engines }) == expected)
        #expect(sentence(try Self.facts(quiet: 0) { $0.engines = engines }) == expected)
    }

    @Test func aBatchAtASilentOrASlowEngineIsNamed() throws {
        let silent = try Self.facts {
            $0.engines = [
                Self.engine("a", works: ("eod-1", 7, 50)),
                Self.engine("b", .silent, heard: 20, works: ("eod-1", 17, 40)),
            ]
        }
        #expect(
            sentence(silent)
                == "engine b at h-b is pricing batch 17 and has been silent for 20 s; its batches "
                + "go to other engines after the session timeout"
        )
        let slow = try Self.facts {
            $0.engines = [
                Self.engine("a", works: ("eod-1", 7, 12)),
                Self.engine("b", works: ("eod-1", 8, 40)),
                Self.engine("c", works: ("other", 9, 99)),
            ]
        }
        #expect(
            sentence(slow)
                == "engine b at h-b has been pricing batch 8 for 40 s; 4 of 10 batches have results"
        )
    }

    @Test func jobsBeforeItAreCounted() throws {
        let ahead = JobsAhead(batches: 340, count: 2, first: try JobID.test("eod-0"))
        let facts = try Self.facts { $0.ahead = ahead }
        #expect(sentence(facts) == "waits behind 340 batches of job eod-0 and 1 more job")
        var moving = facts
        moving.engines = [Self.engine("a", works: ("eod-1", 7, 2))]
        #expect(sentence(moving)?.contains("behind") == false)
    }

    @Test func partitionsWithoutAnEngineAreCounted() throws {
        let facts = try Self.facts {
            $0.engines = [
                Self.engine("a", owns: 0..<10), Self.engine("b", .silent, heard: 20, owns: 10..<24),
            ]
        }
        #expect(
            sentence(facts)
                == "no engine owns 14 of the 24 partitions of valgrid.batches; 4 of 10 batches "
                + "have results"
        )
    }

    @Test func otherwiseItSaysHowFarItIsAndSinceWhen() throws {
        #expect(sentence(try Self.facts(quiet: 2)) == "4 of 10 batches have results")
        #expect(
            sentence(try Self.facts(quiet: 20)) == "4 of 10 batches have results; the last 20 s ago"
        )
        // Nothing is made up about engines that are not known.
        let unknown = try Self.facts(quiet: 20) { $0.engines = nil }
        #expect(sentence(unknown) == "4 of 10 batches have results; the last 20 s ago")
    }

    @Test func ofAJobThatHasEndedOnlyTheLedgerSpeaks() throws {
        let facts = try Self.facts(state: .cancelled) {
            $0.engines = []
            $0.trouble = "no broker answers"
        }
        #expect(facts.progress.isFinal)
        #expect(sentence(facts) == facts.progress.reason)
    }

    @Test func theLedgerCountsWhatIsAheadOfAJob() throws {
        var ledger = Ledger()
        var jobs: [TestJob] = []
        for (position, name) in ["done", "first", "second", "mine", "later"].enumerated() {
            var job = try TestJob(name, trades: 30)
            job.record.submittedAt = TestJob.start + Int64(position)
            ledger.apply(job: job.record, of: job.id, at: TestJob.start)
            for batch in 0..<3 {
                _ = ledger.apply(batch: BatchFacts(job: job.id, index: UInt32(batch), trades: 10))
            }
            jobs.append(job)
        }
        for batch in 0..<3 {
            let index = UInt32(batch)
            _ = ledger.apply(result: ResultFacts(job: jobs[0].id, index: index, priced: 10))
        }
        _ = ledger.apply(result: ResultFacts(job: jobs[1].id, index: 0, priced: 10))
        let ahead = ledger.ahead(of: jobs[3].id)
        #expect(ahead == JobsAhead(batches: 5, count: 2, first: jobs[1].id))
        #expect(ledger.ahead(of: jobs[0].id) == JobsAhead())
    }

    @Test func intradayJobsGoBeforeTheOthersAndPausedOnesDoNot() throws {
        var ledger = Ledger()
        func add(_ name: String, _ position: Int64, _ change: (inout JobRecord) -> Void) throws
            -> JobID
        {
            var job = try TestJob(name, trades: 30)
            job.record.submittedAt = TestJob.start + position
            change(&job.record)
            ledger.apply(job: job.record, of: job.id, at: TestJob.start)
            for batch in 0..<3 {
                _ = ledger.apply(batch: BatchFacts(job: job.id, index: UInt32(batch), trades: 10))
            }
            return job.id
        }
        _ = try add("paused", 1) { $0.hold = .paused }
        let eod = try add("eod", 2) { _ in }
        let first = try add("first", 3) { $0.priority = .intraday }
        let second = try add("second", 4) { $0.priority = .intraday }
        #expect(ledger.ahead(of: eod) == JobsAhead(batches: 6, count: 2, first: first))
        #expect(ledger.ahead(of: second) == JobsAhead(batches: 3, count: 1, first: first))
        #expect(ledger.ahead(of: first) == JobsAhead())
        // Nor does a paused job make engines start or an alert ring.
        #expect(ledger.backlog.batches == 9)
        #expect(ledger.backlog.jobs == [.paused: 1, .running: 3])
        #expect(ledger.backlog.oldestSubmission == TestJob.start + 2)
    }

    @Test func aPausedJobSaysSoBeforeItLooksForEngines() throws {
        var paused = try Self.facts { $0.engines = [] }
        paused.progress.phase = .paused
        let reason = try #require(sentence(paused))
        #expect(reason.hasPrefix("it is paused, with 4 of 10 batches done"))
        #expect(reason.contains("eodservice resume eod-1"))
    }
}
