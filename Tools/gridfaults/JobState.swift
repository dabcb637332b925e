/// What the aggregator says of a job.
struct JobState: Decodable, Sendable {
    var state: String
    var isFinal: Bool
    var waitingFor: String?
    var trades: Int
    var results: Int
    var failed: Int
    var missing: Int
    var batches: Int
    var batchesDone: Int
    /// Batches that were read twice.
    var duplicates: Int
    /// Batches that were read twice with different results.
    var conflicts: Int
}
