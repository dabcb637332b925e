public import GridProtocol
public import KafkaClient

/// A dead letter with its place.
public struct StoredLetter: Hashable, Sendable {
    /// Where it is in the dead-letter topic.
    public var place: LetterPlace
    /// What it says.
    public var letter: DeadLetter

    /// Makes a letter.
    public init(place: LetterPlace, letter: DeadLetter) {
        self.place = place
        self.letter = letter
    }

    /// Reads a record of the dead-letter topic.
    ///
    /// A record that is not a dead letter is wrapped into one, so that it can be listed and
    /// skipped.
    init(_ record: ConsumedRecord) {
        place = LetterPlace(partition: record.partition, offset: record.offset)
        do throws(WireError) {
            guard let value = record.value else {
                throw WireError(code: .invalidValue, reason: "it has no value")
            }
            letter = try DeadLetter.decode(value)
        } catch {
            letter = DeadLetter(
                topic: record.topic,
                partition: record.partition,
                offset: record.offset,
                cause: "undecodable",
                message: "the record is not a dead letter: \(error)",
                at: record.timestampMillis * 1_000,
                bytes: record.value ?? []
            )
        }
    }
}

/// Selects dead letters.
public struct LetterFilter: Hashable, Sendable {
    /// Only those of this job; nil for all.
    public var jobID: JobID?
    /// Only those with this cause; nil for all.
    public var cause: String?

    /// Makes a filter that lets everything pass unless told.
    public init(jobID: JobID? = nil, cause: String? = nil) {
        self.jobID = jobID
        self.cause = cause
    }

    /// Whether a letter is selected.
    public func permits(_ letter: DeadLetter) -> Bool {
        (jobID == nil || letter.jobID == jobID?.rawValue) && (cause == nil || letter.cause == cause)
    }
}

/// Reads the dead-letter topic.
public struct DeadLetterLog: Sendable {
    private let scan: TopicScan
    private let topic: String

    /// Makes a reader of the topic.
    public init(configuration: KafkaConfiguration, topics: Topics) {
        scan = TopicScan(configuration: configuration)
        topic = topics.deadLetters
    }

    /// Hands over the letters that are there now, oldest first within each partition.
    ///
    /// A letter has its batch with it, so one is in memory at a time unless `take` keeps them.
    ///
    /// - Throws: ``SubmissionError`` `kafka` when the topic cannot be read or nothing comes for
    ///   15 s.
    public func letters(
        _ filter: LetterFilter = LetterFilter(),
        _ take: (StoredLetter) -> Void
    ) async throws(SubmissionError) {
        try await scan.records(of: topic) { record in
            let stored = StoredLetter(record)
            if filter.permits(stored.letter) { take(stored) }
        }
    }

    /// Returns the letter at a place; nil when there is none.
    public func letter(at place: LetterPlace) async throws(SubmissionError) -> StoredLetter? {
        try await scan.record(at: place.offset, in: place.partition, of: topic)
            .map(StoredLetter.init)
    }
}
