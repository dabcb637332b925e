internal import GridProtocol

extension JobProgress {
    /// Appends the progress as `GET /jobs/ID` answers it.
    ///
    /// - Parameters:
    ///   - text: where it goes.
    ///   - waiting: why the job is not complete; nil when it is.
    func append(to text: inout JSONWriter, waiting: String?) {
        text.begin("{")
        text.field("job", job.rawValue)
        text.field("state", phase.rawValue)
        text.field("priority", priority.name)
        text.field("isFinal", isFinal)
        text.field("waitingFor", waiting.map { .text($0) } ?? .null)
        text.field("portfolio", portfolioName)
        text.field("submitter", submitter)
        text.field(
            "snapshot",
            inline: [("id", .text(snapshotID)), ("name", .text(snapshotName))]
        )
        text.field("trades", trades)
        text.field("done", done)
        text.field("results", priced + expired)
        text.field("failed", failed)
        text.field("expired", expired)
        text.field("missing", missing)
        text.field("batches", batches)
        text.field("batchesPublished", batchesPublished)
        text.field("batchesDone", batchesJoined)
        text.field(
            "missingBatches",
            missingBatches.map { gap in
                gap.count == 1 ? "\(gap.lowerBound)" : "\(gap.lowerBound)-\(gap.upperBound - 1)"
            }
        )
        text.field("submittedAt", ReportTime.text(submittedAt))
        text.field("deadline", deadline > 0 ? .text(ReportTime.text(deadline)) : .null)
        text.field(
            "lastResultAt",
            lastResultAt > 0 ? .text(ReportTime.text(lastResultAt)) : .null
        )
        text.field("seconds", seconds)
        text.field("tradesPerSecond", tradesPerSecond)
        text.field("secondsLeft", secondsLeft)
        text.field("engines", engines)
        text.field("duplicates", duplicates)
        text.field("conflicts", conflicts)
        text.field("late", late)
        text.field("strays", strays)
        text.end("}")
    }
}
