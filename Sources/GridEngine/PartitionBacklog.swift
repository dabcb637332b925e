internal import KafkaClient

/// A finished record and its outcome.
struct FinishedRecord<Payload: Sendable>: Sendable {
    var partition: TopicPartition
    var offset: Int64
    var payload: Payload
    /// Counts finished records; the lower, the longer it has waited.
    var rank: Int
}

/// The records of one partition that were taken, and are neither committed nor in flight.
struct PartitionBacklog<Payload: Sendable>: Sendable {
    private var offsets: [Int64] = []
    private var finished: [FinishedRecord<Payload>?] = []
    /// The length of the unbroken finished run at the front.
    private(set) var ready = 0
    /// The offset after the last one taken.
    private(set) var next: Int64

    init(next: Int64) {
        self.next = next
    }

    /// The rank of the first record, if it is finished.
    var rank: Int { finished.first.flatMap { $0 }?.rank ?? .max }

    /// Everything that is finished.
    var payloads: [Payload] { finished.compactMap { $0?.payload } }

    mutating func append(_ offset: Int64) {
        offsets.append(offset)
        finished.append(nil)
        next = offset + 1
    }

    /// Finishes a record; returns by how much the unbroken run has grown, `nil` if the record was
    /// not taken or is finished.
    mutating func finish(_ record: FinishedRecord<Payload>) -> Int? {
        guard let place = place(of: record.offset) else { return nil }
        finished[place] = record
        let before = ready
        while ready < finished.count, finished[ready] != nil {
            ready += 1
        }
        return ready - before
    }

    /// Takes the first records of the unbroken run out.
    mutating func popReady(_ maximum: Int) -> [FinishedRecord<Payload>] {
        let count = min(ready, maximum)
        let popped = finished[..<count].compactMap { $0 }
        offsets.removeFirst(count)
        finished.removeFirst(count)
        ready -= count
        return popped
    }

    /// Puts a record back at the front.
    mutating func pushReady(_ record: FinishedRecord<Payload>) {
        offsets.insert(record.offset, at: 0)
        finished.insert(record, at: 0)
        ready += 1
    }

    /// Drops the records behind the unbroken run; returns those that were finished.
    mutating func cut() -> [Payload] {
        let dropped = finished[ready...].compactMap { $0?.payload }
        offsets.removeSubrange(ready...)
        finished.removeSubrange(ready...)
        return dropped
    }

    private func place(of offset: Int64) -> Int? {
        var low = ready
        var high = offsets.count
        while low < high {
            let middle = (low + high) / 2
            if offsets[middle] < offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < offsets.count, offsets[low] == offset, finished[low] == nil else { return nil }
        return low
    }
}
