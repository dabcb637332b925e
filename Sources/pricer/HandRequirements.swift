internal import Finance
internal import GridProtocol
internal import Operations
internal import Pricing

/// Finds which market data the trades of a file need and a snapshot lacks, and prints it.
struct HandRequirements {
    fileprivate struct Key: Hashable {
        var kind: MissingData.Kind
        var name: String
        /// Of a fixing; other pieces are one whatever the day.
        var date: CalendarDate?
        /// Whether the curve is there, but too short.
        var isEnd: Bool
    }

    fileprivate struct Piece {
        var data: MissingData
        var trades = 0
        var example: String
    }

    var input: HandInput

    /// Prints one JSON object.
    ///
    /// - Returns: 0, also when something is missing; 2 for files that cannot be used.
    func run() -> ExitCode {
        do {
            let check = try RequirementsCheck(snapshot: input.snapshot())
            let (batch, ids) = try input.trades()
            var reader = PricingBatchReader(batch)
            let metrics = try reader.metrics()
            var positions: [Key: Int] = [:]
            var pieces: [Piece] = []
            for position in 0..<reader.count {
                // What a pricer cannot read it cannot price; that is no matter of the market.
                guard case .product(let product)? = try? reader.terms(at: position) else {
                    continue
                }
                for data in try check.missingData(for: product, metrics: metrics) {
                    let key = Key(data)
                    if positions[key] == nil {
                        positions[key] = pieces.count
                        pieces.append(Piece(data: data, example: ids[position]))
                    }
                    pieces[positions[key, default: 0]].add(data)
                }
            }
            var fields = JSONFields()
            fields.add("trades", reader.count)
            fields.add("missing", pieces.sorted { $0.trades > $1.trades }.map(\.fields))
            try StandardOutput.write(json: fields.text + "\n")
            return .success
        } catch {
            return input.report(error)
        }
    }
}

extension HandRequirements.Key {
    fileprivate init(_ data: MissingData) {
        kind = data.kind
        name = data.name
        date = data.kind == .fixing ? data.date : nil
        isEnd = data.kind != .fixing && data.date != nil
    }
}

extension HandRequirements.Piece {
    /// Counts a trade that needs it; the day that a curve has to reach is the latest of all trades.
    fileprivate mutating func add(_ data: MissingData) {
        trades += 1
        if let date = data.date, let known = self.data.date, date > known { self.data = data }
    }

    fileprivate var fields: JSONFields {
        var fields = JSONFields()
        fields.add("kind", data.kind.rawValue)
        fields.add("name", data.name)
        fields.add("date", data.date?.description)
        fields.add("trades", trades)
        fields.add("example", example)
        fields.add("message", data.message)
        return fields
    }
}
