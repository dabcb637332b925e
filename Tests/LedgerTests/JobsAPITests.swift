import AggregatorAPI
import Foundation
import GridAPI
import GridProtocol
import HTTP
import Ledger
import Reports
import Testing

@Suite struct JobsAPITests {
    private let directory: TestDirectory
    private let core: AggregatorCore
    private let api: JobsAPI
    private let job: TestJob
    private let now = TestJob.start + 1_000_000

    init() throws {
        directory = try TestDirectory()
        core = try directory.core()
        api = JobsAPI(core: core)
        job = try TestJob()
    }

    private func get(
        _ path: String,
        _ query: [String: String] = [:],
        method: String = "GET"
    ) throws -> (status: Int, body: String) {
        let response = try #require(
            api.response(to: HTTPRequest(method: method, path: path, query: query), at: now)
        )
        switch response.body {
        case .bytes(let bytes): return (response.status, String(decoding: bytes, as: UTF8.self))
        case .file(let path, _):
            return (response.status, try String(contentsOfFile: path, encoding: .utf8))
        case .stream: throw TestFailure()
        }
    }

    @Test func jobsAndTheirProgressAreJSON() throws {
        _ = try core.apply(job.all.filter { $0 != job.resultRecord(1) })
        let one = try APIJSON.decoded(JobStatus.self, from: Array(try get("/jobs/eod-1").body.utf8))
        #expect(one.job == "eod-1")
        #expect(one.state == "running")
        #expect(one.done == 15)
        #expect(one.missingBatches == ["1"])
        #expect(one.waitingFor == "2 of 3 batches have results")
        #expect(one.endedAt == nil)
        let list = try APIJSON.decoded(JobList.self, from: Array(try get("/jobs").body.utf8))
        #expect(list.jobs == [one])
    }

    @Test func filesAreRefusedUntilTheJobIsFinalUnlessAskedFor() throws {
        _ = try core.apply(job.all.filter { $0 != job.resultRecord(1) })
        let refused = try get("/jobs/eod-1/summary.json")
        #expect(refused.status == 409)
        #expect(refused.body.contains("2 of 3 batches have results"))
        let partial = try get("/jobs/eod-1/summary.json", ["partial": "true"])
        #expect(partial.status == 200)
        #expect(partial.body.contains("\"state\": \"running\""))
        _ = try core.apply([job.resultRecord(1)])
        for name in ReportWriter.fileNames {
            let file = try get("/jobs/eod-1/\(name)")
            #expect(file.status == 200)
            #expect(!file.body.isEmpty)
        }
        #expect(try get("/jobs/eod-1/summary.json").body.contains("complete with errors"))
    }

    @Test(arguments: [
        "/jobs/none", "/jobs/eod-1/other.txt", "/jobs/..", "/jobs/eod-1/summary.json/x",
        "/jobs/../../etc/passwd", "/jobs/a b",
    ])
    func whatIsNotThereIsNotFound(path: String) throws {
        _ = try core.apply(job.all)
        let answer = try get(path)
        #expect(answer.status == 404)
        #expect(answer.body.contains("\"error\""))
    }

    @Test func otherPathsAreNotAnswered() {
        #expect(api.response(to: HTTPRequest(path: "/metrics")) == nil)
        #expect(api.response(to: HTTPRequest(path: "/")) == nil)
    }

    @Test func theListComesInPages() throws {
        var names: [String] = []
        for number in 0..<5 {
            var other = try TestJob("job-\(number)")
            other.record.submittedAt += Int64(number)
            _ = try core.apply([other.jobRecord(offset: Int64(number))])
        }
        var query = ["limit": "2"]
        for _ in 0..<5 {
            let list: JobList = try APIJSON.decoded(from: Array(try get("/jobs", query).body.utf8))
            #expect(list.jobs.count <= 2)
            names += list.jobs.map(\.job)
            guard let next = list.next else { break }
            query["after"] = next
        }
        #expect(names == ["job-4", "job-3", "job-2", "job-1", "job-0"])
        for bad in [["limit": "0"], ["limit": "1001"], ["limit": "x"], ["after": "a b"]] {
            #expect(try get("/jobs", bad).status == 400)
        }
    }

    @Test func nothingIsChangedThroughIt() throws {
        #expect(try get("/jobs", method: "DELETE").status == 405)
    }
}
