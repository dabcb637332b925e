internal import Foundation
internal import GridProtocol
internal import GridSubmission
internal import HTTP
internal import Operations

extension ManagerAPI {
    private struct LetterAnswer: Encodable {
        var place: String
        var at: String
        var cause: String
        var message: String
        var job: String
        var batch: Int
        var trade: String
        var signal: Int
        var attempt: Int
        var engine: String
        var topic: String
        var partition: Int
        var offset: Int
        var bytes: Int

        init(_ stored: StoredLetter) {
            let letter = stored.letter
            place = Self.text(stored.place)
            at = Timestamp.iso8601(letter.at)
            cause = letter.cause
            message = letter.message
            job = letter.jobID
            batch = Int(letter.batchIndex)
            trade = letter.tradeID
            signal = Int(letter.signal)
            attempt = Int(letter.attempt)
            engine = letter.engineID
            topic = letter.topic
            partition = Int(letter.partition)
            offset = Int(letter.offset)
            bytes = letter.bytes.count
        }

        /// What was to be priced; nil in lists, and where the record is no batch.
        var decoded: DeadTrade?

        /// `0-17`: a slash would part the address.
        static func text(_ place: LetterPlace) -> String { "\(place.partition)-\(place.offset)" }
    }

    private struct Redrive: Decodable {
        var letters: [String]?
        var job: String?
        var dryRun: Bool?
        var id: String?
    }

    private struct RedriveAnswer: Encodable {
        struct Job: Encodable {
            var id: String
            var trades: Int
            var from: String
        }

        struct Refusal: Encodable {
            var place: String
            var why: String
        }

        var jobs: [Job]
        var refusals: [Refusal]
        /// Whether the jobs were queued.
        var queued: Bool
    }

    /// Dead letters.
    var letterRoutes: [Route] {
        [
            Route(
                method: "GET",
                path: "/deadletters",
                access: .right(.see),
                summary: "Dead letters, newest first.",
                query: [("job", "a job"), ("cause", "a cause"), ("limit", "1 to 500")],
                answer: letters
            ),
            Route(
                method: "GET",
                path: "/deadletters/{place}",
                access: .right(.see),
                summary: "One dead letter, by PARTITION-OFFSET, with what was to be priced.",
                answer: { (call) throws(Problem) in
                    let stored = try self.letter(call)
                    var answer = LetterAnswer(stored)
                    answer.decoded = DeadTrade(stored.letter)
                    return try .value(answer)
                }
            ),
            Route(
                method: "GET",
                path: "/deadletters/{place}/bytes",
                access: .right(.download),
                summary: "What was in it.",
                answer: { (call) throws(Problem) in
                    HTTPResponse(
                        contentType: "application/octet-stream",
                        body: .bytes(try self.letter(call).letter.bytes)
                    )
                }
            ),
            Route(
                method: "POST",
                path: "/deadletters/redrive",
                access: .right(.redrive),
                summary: "Prices the trades of dead letters again, as jobs of their own.",
                fields: [
                    ("letters", "PARTITION-OFFSET, ..."), ("job", "or all letters of a job"),
                    ("dryRun", "true only says what would be queued"), ("id", "the new job's id"),
                ],
                answer: redrive
            ),
        ]
    }

    private func letters(_ call: Call) throws(Problem) -> HTTPResponse {
        var filter = LetterFilter(cause: call.request.query["cause"])
        if let text = call.request.query["job"] { filter.jobID = try Self.job(text) }
        let found = try grid.letters(filter, most: try call.limit())
        return try .value(
            ListAnswer(
                items: found.letters.map(LetterAnswer.init),
                total: found.total,
                asOf: Timestamp.iso8601(Timestamp.now)
            )
        )
    }

    private func letter(_ call: Call) throws(Problem) -> StoredLetter {
        let place = try Self.place(call.parameter("place"))
        guard let letter = try grid.letter(at: place) else {
            throw Problem(404, "not_found", "there is no dead letter \(call.parameter("place"))")
        }
        return letter
    }

    private func redrive(_ call: Call) throws(Problem) -> HTTPResponse {
        let body: Redrive = try call.body()
        let selection: LetterSelection
        switch (body.letters, body.job) {
        case (let places?, nil) where (1...1_000).contains(places.count):
            var found: Set<LetterPlace> = []
            for place in places { found.insert(try Self.place(place)) }
            selection = .places(found)
        case (nil, let job?): selection = .job(try Self.job(job))
        default:
            throw Problem(400, "bad_request", "give letters, 1 to 1,000 of them, or job")
        }
        var id: JobID?
        if let text = body.id { id = try Self.job(text) }
        let isDry = body.dryRun == true
        func run() throws(Problem) -> RedriveAnswer {
            let done = try grid.redrive(
                selection,
                id: id,
                submitter: call.caller.user,
                isDry: isDry
            )
            return RedriveAnswer(
                jobs: done.jobs.map { job in
                    RedriveAnswer.Job(
                        id: job.jobID.rawValue,
                        trades: job.tradeCount,
                        from: job.request.sourceJobID.rawValue
                    )
                },
                refusals: done.refusals.map { refusal in
                    RedriveAnswer.Refusal(
                        place: LetterAnswer.text(refusal.place),
                        why: refusal.reason
                    )
                },
                queued: !isDry
            )
        }
        if isDry { return try .value(try run()) }
        let object = body.job ?? "\(body.letters?.count ?? 0) letters"
        let answer = try audited(call, "deadletters.redrive", object) { () throws(Problem) in
            let answer = try run()
            return (answer, answer.jobs.map(\.id).joined(separator: " "))
        }
        return try .value(answer)
    }

    private static func job(_ text: String) throws(Problem) -> JobID {
        guard let job = JobID(rawValue: text) else {
            throw Problem(400, "bad_request", "`\(text)` is not \(JobID.expectation)")
        }
        return job
    }

    private static func place(_ text: String) throws(Problem) -> LetterPlace {
        guard let place = LetterPlace(text: text.replacing("-", with: "/")) else {
            throw Problem(400, "bad_request", "`\(text)` is no PARTITION-OFFSET, as 0-17")
        }
        return place
    }
}
