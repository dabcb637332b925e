import GridProtocol

@testable import Ledger

/// Each verb of a transaction as a change of its own.
extension Ledger {
    mutating func change<Value>(_ body: (inout LedgerTransaction) throws -> Value) rethrows -> Value
    {
        var transaction = LedgerTransaction(self)
        let value = try body(&transaction)
        self = transaction.commit()
        return value
    }

    @discardableResult
    mutating func apply(job record: JobRecord, of job: JobID, at: Int64) -> Bool {
        change { $0.apply(job: record, of: job, at: at) }
    }

    mutating func apply(batch: BatchFacts) -> Outcome { change { $0.apply(batch: batch) } }

    mutating func apply(result: ResultFacts) -> Outcome { change { $0.apply(result: result) } }

    mutating func withdraw(_ result: ResultFacts) { change { $0.withdraw(result) } }

    mutating func apply(proof: CompletenessProof, of job: JobID) {
        change { $0.apply(proof: proof, of: job) }
    }

    func needsProof(_ job: JobID) -> Bool { LedgerTransaction(self).needsProof(job) }
}
