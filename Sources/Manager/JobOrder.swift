/// What a job is to be made of, as a request says.
struct JobOrder: Decodable, Sendable {
    /// A portfolio that is made up.
    struct Generation: Decodable, Sendable {
        var trades: Int
        var seed: UInt64?
    }

    /// Trades of an earlier job, as its batches have them.
    struct Earlier: Decodable, Sendable {
        /// Which of them.
        enum Part: String, Decodable, Sendable, CaseIterable {
            case all
            case failed
        }

        var job: String
        var only: Part?
        /// So many of them, chosen by the seed.
        var sample: Int?
        var seed: String?
    }

    /// A portfolio: an upload, an example, one that is made up, or an earlier job's.
    enum Portfolio: Decodable, Sendable {
        case file(String)
        case generated(Generation)
        case earlier(Earlier)

        private enum Key: String, CodingKey { case generate, job }

        init(from decoder: any Decoder) throws {
            if let id = try? decoder.singleValueContainer().decode(String.self) {
                self = .file(id)
                return
            }
            let container = try decoder.container(keyedBy: Key.self)
            if container.contains(.job) {
                self = .earlier(try Earlier(from: decoder))
            } else {
                self = .generated(try container.decode(Generation.self, forKey: .generate))
            }
        }
    }

    var id: String?
    var portfolio: Portfolio
    /// Uploads or examples: one JSON file, or the CSV files of a snapshot.
    var market: [String]?
    /// A snapshot that was sent before, by its hash, in place of `market`.
    ///
    /// Without either, trades of an earlier job are priced on its snapshot.
    var snapshot: String?
    var metrics: [String]?
    var priority: String?
    /// As `12h`; `none` for no deadline.
    var deadline: String?
    var batchSize: Int?
    /// What the portfolio is called; its file's name by default.
    var name: String?
    var note: String?
}
