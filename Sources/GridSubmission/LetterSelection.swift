public import GridProtocol

/// Which dead letters are to be priced again.
public enum LetterSelection: Hashable, Sendable {
    /// All of a job; letters that cannot be priced again are skipped.
    case job(JobID)
    /// Exactly these; one that cannot be priced again stops the rest.
    case places(Set<LetterPlace>)

    /// Returns the plan of what is priced again.
    ///
    /// - Throws: ``SubmissionError``: `kafka` when the topic cannot be read; `invalid`, with a line
    ///   for each letter concerned, when a letter does not exist, or none (of given places: not
    ///   all) can be priced again.
    public func plan(
        from log: DeadLetterLog,
        topics: Topics
    ) async throws(SubmissionError) -> RedrivePlan {
        var plan = RedrivePlan(batchesTopics: Set(topics.allBatches))
        var found = Set<LetterPlace>()
        switch self {
        case .job(let job):
            try await log.letters(LetterFilter(jobID: job)) { plan.add($0) }
        case .places(let places):
            try await log.letters { stored in
                guard places.contains(stored.place) else { return }
                found.insert(stored.place)
                plan.add(stored)
            }
        }
        try check(plan, found: found)
        return plan
    }

    /// Throws unless the plan has all that was requested.
    func check(_ plan: RedrivePlan, found: Set<LetterPlace>) throws(SubmissionError) {
        var problems = plan.refusals.map {
            "the letter \($0.place) cannot be priced again: \($0.reason)"
        }
        switch self {
        case .job(let job):
            guard plan.requests.isEmpty else { return }
            if problems.isEmpty { problems.append("there is no dead letter of job \(job)") }
        case .places(let places):
            problems += places.subtracting(found).sorted().map { "there is no dead letter \($0)" }
        }
        guard problems.isEmpty else {
            throw SubmissionError(code: .invalid, reason: problems.joined(separator: "\n"))
        }
    }
}
