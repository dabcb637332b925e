import Finance
import GridProtocol
import Testing

@testable import GridSubmission

@Suite struct RedrivePlanTests {
    @Test func aRequestHasTheDeadTradesAndNothingElse() throws {
        let batch = DeadBatch()
        let plan = plan([try batch.letter(7), try batch.letter(2)])
        #expect(plan.refusals.isEmpty)
        let request = try #require(plan.requests.first)
        #expect(plan.requests.count == 1)
        #expect(request.sourceJobID.rawValue == "eod-1")
        #expect(request.tradeIDs == ["T-2", "T-7"])
        #expect(request.metrics == ["NPV"])

        let content = try #require(request.batches.first)
        let trades = try batch.trades()
        let summaries = try content.tradeSummaries()
        #expect(summaries == [TradeSummary(trades[2]), TradeSummary(trades[7])])
        let work = try PricingBatch.decode(content.payload)
        #expect(work.trades.count == 2 && content.tradeCount == 2)
        #expect(try work.terms(at: 0) == .product(trades[2].product))
        #expect(try work.terms(at: 1) == .product(trades[7].product))
    }

    @Test func batchesStayApartAndInOrder() throws {
        let second = DeadBatch(index: 1, first: 10)
        let plan = plan([try second.letter(14), try DeadBatch().letter(9), try second.letter(11)])
        let request = try #require(plan.requests.first)
        #expect(request.batches.map { $0.headers.map(\.tradeID) } == [["T-9"], ["T-11", "T-14"]])
    }

    @Test func severalLettersOfATradeAreOneTrade() throws {
        let batch = DeadBatch()
        let once = plan([try batch.letter(3)])
        let twice = plan([try batch.letter(3, at: 1), try batch.letter(3, at: 9)])
        #expect(twice.refusals.isEmpty)
        #expect(twice.requests == once.requests)
    }

    @Test func lettersOfSeveralJobsAreSeveralRequests() throws {
        let plan = plan([try DeadBatch(job: "b").letter(1), try DeadBatch(job: "a").letter(1)])
        #expect(plan.requests.map(\.sourceJobID.rawValue) == ["a", "b"])
    }

    @Test func theIDDependsOnTheTradesAndNotOnTheOrderOfTheirLetters() throws {
        let batch = DeadBatch()
        let first = try #require(plan([try batch.letter(1), try batch.letter(2)]).requests.first)
        let same = try #require(plan([try batch.letter(2), try batch.letter(1)]).requests.first)
        let other = try #require(plan([try batch.letter(1)]).requests.first)
        #expect(first.defaultJobID == same.defaultJobID)
        #expect(first.defaultJobID != other.defaultJobID)
        #expect(first.defaultJobID.rawValue.hasPrefix("eod-1-redrive-"))
        var moved = batch
        moved.snapshot.name = "another"
        let elsewhere = try #require(plan([try moved.letter(1)]).requests.first)
        #expect(elsewhere.defaultJobID != other.defaultJobID)
    }

    @Test func idsStayShortHoweverOftenAndWhateverTheFirstIDWas() throws {
        var id = String(repeating: "x", count: 64)
        var seen: Set<String> = []
        for _ in 0..<4 {
            let request = try #require(plan([try DeadBatch(job: id).letter(1)]).requests.first)
            id = request.defaultJobID.rawValue
            #expect(id.utf8.count <= 64)
            #expect(id.components(of: "-redrive-") == 2)
            #expect(seen.insert(id).inserted)
        }
    }

    @Test func lettersThatHoldNoDeadTradeAreRefusedWithTheirReason() throws {
        let batch = DeadBatch()
        var letters = try (0..<8).map { try batch.letter(1, at: Int64($0)) }
        letters[0].letter.topic = "results"
        letters[1].letter.tradeID = ""
        letters[1].letter.cause = "undecodable"
        letters[2].letter.bytes.removeLast(40)
        letters[3].letter.tradeID = "T-99"
        letters[4].letter.jobID = "another"
        letters[5].letter.bytes = []
        var record = try batch.record()
        record.headers[2].tradeID = "T-1"
        letters[6].letter.bytes = record.encoded()
        record = try batch.record()
        record.headers[1].book = 99
        letters[7].letter.bytes = record.encoded()
        let plan = plan(letters)
        #expect(plan.requests.isEmpty)
        #expect(plan.refusals.map(\.place) == letters.map(\.place))
        let reasons = [
            "a record of results", "the whole record is undecodable", "not a complete batch",
            "0 times", "not the letter's", "no job", "2 times", "99",
        ]
        for (refusal, reason) in zip(plan.refusals, reasons) {
            #expect(refusal.reason.contains(reason), "\(refusal.reason)")
        }
    }

    @Test func aBatchThatIsNotTheSameAsAnotherLettersIsRefused() throws {
        let batch = DeadBatch()
        var other = batch
        other.first = 1
        let plan = plan([try batch.letter(3, at: 1), try other.letter(4, at: 2)])
        #expect(plan.refusals.map(\.place.offset) == [2])
        #expect(plan.requests.first?.tradeIDs == ["T-3"])
    }

    @Test func tradesForTestsAreCarriedThrough() throws {
        var stored = try DeadBatch().letter(1)
        var record = try Batch.decode(stored.letter.bytes)
        var work = try PricingBatch.decode(record.payload)
        work.trades[1] = PricingTrade(product: .test(TestTerms(behaviour: "crash")))
        record.payload = work.encoded()
        stored.letter.bytes = record.encoded()
        let content = try #require(plan([stored]).requests.first?.batches.first)
        #expect(try PricingBatch.decode(content.payload).terms(at: 0) == .test("crash"))
    }
}

extension String {
    /// In how many parts a mark cuts the text.
    fileprivate func components(of mark: String) -> Int {
        var parts = 1
        var rest = self[...]
        while let range = rest.firstRange(of: mark) {
            parts += 1
            rest = rest[range.upperBound...]
        }
        return parts
    }
}
