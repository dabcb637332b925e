internal import Finance
internal import GridAPI
internal import GridProtocol
internal import Ledger

/// Writes a trade index, trade by trade in portfolio order.
struct TradeIndexBuilder {
    private let file: TradeIndexFile
    private let totalMetric: String
    private var products = NumberedNames()
    private var books = NumberedNames()
    private var counterparties = NumberedNames()
    private var currencies = NumberedNames()
    private var failures = NumberedFailures()
    private var versions: Set<String> = []
    private var total = CompensatedSum()
    private var hasTotal = false
    /// The numbers of the current batch's names; -1 when not looked up.
    private var numbers: [Numbers] = []
    private var place: UInt32 = 0

    private struct Numbers {
        var product = -1
        var book = -1
        var counterparty = -1
        var currency = -1
    }

    /// Begins an index.
    ///
    /// - Parameters:
    ///   - path: its file; what is there is replaced in the end.
    ///   - totalMetric: the metric that is listed.
    /// - Throws: ``AggregationError`` when the file cannot be made.
    init(path: String, totalMetric: String) throws(AggregationError) {
        file = try TradeIndexFile(path: path)
        self.totalMetric = totalMetric
    }

    /// Begins a batch.
    mutating func begin(_ batch: ReportBatch) {
        numbers = batch.names.map { _ in Numbers() }
        place = 0
        guard let result = batch.result else { return }
        for part in batch.parts {
            versions.insert(ReportBatch.valgridVersion(result, part))
        }
    }

    /// Adds a trade of the batch.
    mutating func add(_ trade: ReportTrade) throws(AggregationError) {
        typealias Field = TradeIndexLayout.Field
        let header = trade.header
        func number(_ known: inout Int, _ name: String, _ names: inout NumberedNames) -> Int {
            if known < 0 { known = names.number(of: name) }
            return known
        }
        let product = number(&numbers[Int(header.type)].product, trade.type, &products)
        let book = number(&numbers[Int(header.book)].book, trade.book, &books)
        let counterparty = number(
            &numbers[Int(header.counterparty)].counterparty,
            trade.counterparty,
            &counterparties
        )
        let currency = number(
            &numbers[Int(header.currency)].currency,
            trade.currency,
            &currencies
        )
        let failure = trade.failure.map {
            failures.number(of: $0, trade: header.tradeID, batch: Int(trade.batch.index))
        }
        let metric = totalMetric.isEmpty ? nil : trade.metric(totalMetric)
        if let base = metric?.baseValue {
            total.add(base)
            hasTotal = true
        }
        var flags: UInt8 = 0
        if metric != nil { flags |= TradeIndexLayout.hasValue }
        if metric?.baseValue != nil { flags |= TradeIndexLayout.hasBaseValue }
        let status = TradeIndexLayout.statuses.firstIndex(of: trade.outcome) ?? 0
        let (batch, place) = (trade.batch.index, place)
        try file.append(id: header.tradeID) { row in
            row.storeBytes(of: UInt8(status), toByteOffset: Field.status, as: UInt8.self)
            row.storeBytes(of: flags, toByteOffset: Field.flags, as: UInt8.self)
            row.storeBytes(of: batch, toByteOffset: Field.batch, as: UInt32.self)
            row.storeBytes(of: place, toByteOffset: Field.place, as: UInt32.self)
            for (field, number) in [
                (Field.book, book), (Field.counterparty, counterparty),
                (Field.failure, failure ?? 0),
            ] {
                row.storeBytes(of: UInt32(clamping: number), toByteOffset: field, as: UInt32.self)
            }
            for (field, number) in [(Field.product, product), (Field.currency, currency)] {
                row.storeBytes(of: UInt16(clamping: number), toByteOffset: field, as: UInt16.self)
            }
            row.storeBytes(of: header.maturityDay, toByteOffset: Field.maturity, as: Int32.self)
            for (field, number) in [
                (Field.notional, header.notional), (Field.value, metric?.value ?? 0),
                (Field.baseValue, metric?.baseValue ?? 0),
            ] {
                row.storeBytes(of: number, toByteOffset: field, as: Double.self)
            }
        }
        self.place += 1
    }

    /// Sorts the lists and gives the file its name.
    ///
    /// - Parameters:
    ///   - joined: how many batches have a result.
    ///   - isFinal: whether the job has ended.
    ///   - time: microseconds since 1970 UTC.
    ///   - baseCurrency: of values.
    /// - Throws: ``AggregationError`` when the file cannot be written; what was there is unchanged.
    consuming func publish(
        joined: Int,
        isFinal: Bool,
        at time: Int64,
        baseCurrency: String
    ) throws(AggregationError) {
        typealias Field = TradeIndexLayout.Field
        let mapped = try file.finishRows()
        defer { withExtendedLifetime(mapped) {} }
        let bytes = mapped.bytes
        let ids = TradeIndexLayout.headBytes + file.count * TradeIndexLayout.rowBytes
        func start(_ position: UInt32) -> Int {
            TradeIndexLayout.headBytes + Int(position) * TradeIndexLayout.rowBytes
        }
        func id(_ position: UInt32) -> UnsafeRawBufferPointer {
            let row = start(position)
            let offset =
                ids
                + Int(bytes.loadUnaligned(fromByteOffset: row + Field.idOffset, as: UInt64.self))
            let length = bytes.loadUnaligned(
                fromByteOffset: row + Field.idLength,
                as: UInt16.self
            )
            return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(length)])
        }
        let all = 0..<UInt32(file.count)
        try file.append(all.sorted { compareBytes(id($0), id($1)) < 0 })
        let values = all.map { position -> Double? in
            let row = start(position)
            guard bytes[row + Field.flags] & TradeIndexLayout.hasBaseValue != 0 else { return nil }
            return bytes.loadUnaligned(fromByteOffset: row + Field.baseValue, as: Double.self)
        }
        let valued = all.filter { values[Int($0)] != nil }
        let others = all.filter { values[Int($0)] == nil }
        // Equal ones stay in portfolio order: sorting is stable here.
        let bySize = valued.sorted { abs(values[Int($0)] ?? 0) > abs(values[Int($1)] ?? 0) }
        try file.append(bySize + others)
        let byValue = valued.sorted { (values[Int($0)] ?? 0) < (values[Int($1)] ?? 0) }
        try file.append(byValue + others)
        let description = TradeIndexLayout.Description(
            joined: joined,
            isFinal: isFinal,
            builtAt: time,
            baseCurrency: baseCurrency,
            total: hasTotal ? total.value : nil,
            valued: valued.count,
            products: products.names,
            books: books.names,
            counterparties: counterparties.names,
            currencies: currencies.names,
            failures: failures.groups,
            versions: versions.sorted()
        )
        do {
            try file.publish(try APIJSON.line(description))
        } catch let error as AggregationError {
            throw error
        } catch {
            throw AggregationError(code: .reportNotWritten, reason: "\(error)")
        }
    }
}

/// Names by number, in the order in which they came.
private struct NumberedNames {
    private(set) var names: [String] = []
    private var numbers: [ExactText: Int] = [:]

    mutating func number(of name: String) -> Int {
        if let number = numbers[ExactText(name)] { return number }
        names.append(name)
        numbers[ExactText(name)] = names.count - 1
        return names.count - 1
    }
}

/// Failures by code and field, numbered from 1.
private struct NumberedFailures {
    private struct Key: Hashable {
        var code: ExactText
        var field: ExactText
    }

    private(set) var groups: [FailureGroup] = []
    private var numbers: [Key: Int] = [:]

    mutating func number(of failure: FailureReason, trade: String, batch: Int) -> Int {
        let key = Key(code: ExactText(failure.code.rawValue), field: ExactText(failure.field))
        var number = numbers[key] ?? 0
        if number == 0 {
            if groups.count < TradeIndexLayout.mostFailures {
                groups.append(
                    FailureGroup(
                        code: failure.code.rawValue,
                        field: failure.field,
                        message: failure.message,
                        trades: 0,
                        example: trade,
                        batch: batch
                    )
                )
            }
            number = groups.count
            numbers[key] = number
        }
        groups[number - 1].trades += 1
        return number
    }
}
