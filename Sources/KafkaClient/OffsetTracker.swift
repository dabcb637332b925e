/// What a group member has read and finished of the partitions it owns.
///
/// Everything here is the next offset to read: a partition's committable offset is its lowest
/// unfinished one, so a restart reads again whatever was not finished. A new assignment starts
/// from nothing, and what was read under an earlier one no longer counts.
///
/// A partition's end may lie behind its last record: commit markers and aborted records take offsets
/// and are not handed out. Once all that was read is finished, the end is what is to be committed;
/// otherwise the group would have a lag for ever.
struct OffsetTracker {
    fileprivate struct Partition {
        /// Offsets read, ascending; those before `head` are finished and done with.
        var offsets: [Int64] = []
        var finished: [Bool] = []
        var head = 0
        /// The offset after the last one read.
        var next: Int64
        /// Where the broker knows us to be: at first where reading began.
        var committed: Int64
        /// Where the partition ended when its end was last reached; all before it was read.
        var end: Int64 = 0
        /// The offset after the last record of those before `head`.
        var finishedNext: Int64 = 0

        var isFinished: Bool { head == offsets.count }
        var committable: Int64 { isFinished ? max(next, end) : offsets[head] }
        var hasUncommittedRecords: Bool { min(finishedNext, committable) > committed }
    }

    /// Counts assignments; a record carries the number it was read under.
    private(set) var generation = 0
    /// How many records were read and are not finished.
    private(set) var unfinishedCount = 0
    private var owned: Set<TopicPartition>
    /// What the group had committed when reading began.
    private var starts: [TopicPartition: Int64] = [:]
    private var partitions: [TopicPartition: Partition] = [:]

    init(assigned partitions: Set<TopicPartition> = [], generation: Int = 0) {
        owned = partitions
        self.generation = generation
    }

    /// Notes from where reading begins.
    ///
    /// - Parameter offsets: what the group has committed; nothing of partitions without.
    mutating func begin(at offsets: [TopicPartition: Int64]) {
        starts = offsets
    }

    /// Notes that the end of a partition was reached: all records before it were read.
    mutating func reachEnd(_ end: Int64, of partition: TopicPartition) {
        guard owned.contains(partition) else { return }
        // What the group has committed may lie behind the end of a log that was cut off.
        let start = min(starts[partition] ?? -1, end)
        partitions[partition, default: Partition(next: start, committed: start)].end = end
    }

    /// Notes that a record was read; `false` if it is to be passed over.
    ///
    /// That is a record of a partition that is not ours, or one that is already in work.
    @discardableResult
    mutating func read(_ offset: Int64, of partition: TopicPartition) -> Bool {
        guard owned.contains(partition) else { return false }
        let isNew = partitions[
            partition,
            default: Partition(next: offset, committed: offset)
        ].read(offset)
        if isNew {
            unfinishedCount += 1
        }
        return isNew
    }

    /// Notes that a record was finished; `false` if it counts no longer, or did already.
    @discardableResult
    mutating func finish(
        _ offset: Int64,
        of partition: TopicPartition,
        generation: Int? = nil
    ) -> Bool {
        guard generation ?? self.generation == self.generation else { return false }
        guard let index = partitions.index(forKey: partition) else { return false }
        guard partitions.values[index].finish(offset) else { return false }
        unfinishedCount -= 1
        return true
    }

    /// The lowest unfinished offset of each partition that was read, or the one to be read next.
    var committable: [TopicPartition: Int64] {
        partitions.mapValues(\.committable)
    }

    /// The committable offsets that the broker does not know yet.
    var uncommitted: [TopicPartition: Int64] {
        partitions.filter { $0.value.committable > $0.value.committed }.mapValues(\.committable)
    }

    /// Whether the broker does not know all committable offsets.
    var hasUncommitted: Bool {
        partitions.values.contains { $0.committable > $0.committed }
    }

    /// Whether the broker does not know all offsets of finished records; ends do not count.
    var hasUncommittedRecords: Bool {
        partitions.values.contains(where: \.hasUncommittedRecords)
    }

    /// The ends of partitions of which all that was read is committed, and not yet the end.
    var uncommittedEnds: [TopicPartition: Int64] {
        partitions.filter { $0.value.hasUncommittedEnd }.mapValues(\.end)
    }

    /// Whether there are such ends.
    var hasUncommittedEnds: Bool { partitions.values.contains(where: \.hasUncommittedEnd) }

    /// Replaces offsets that are after the last record read by the partition's end, and adds the ends
    /// of partitions of which nothing else is to be committed.
    ///
    /// - Parameter offsets: the next offset to be read, by partition; all before it is finished.
    /// - Returns: what a transaction is to commit.
    func extended(_ offsets: [TopicPartition: Int64]) -> [TopicPartition: Int64] {
        offsets.reduce(into: uncommittedEnds) { extended, entry in
            let (partition, offset) = entry
            guard let known = partitions[partition], known.isFinished, offset >= known.next else {
                extended[partition] = offset
                return
            }
            extended[partition] = max(offset, known.end)
        }
    }

    /// Notes the broker's answer that it has stored an offset; one to an earlier assignment's
    /// commit says nothing.
    mutating func noteCommitted(_ offset: Int64, of partition: TopicPartition, generation: Int) {
        guard generation == self.generation else { return }
        partitions[partition]?.committed = offset
    }

    /// Whether the partition is among those assigned.
    func owns(_ partition: TopicPartition) -> Bool {
        owned.contains(partition)
    }
}

extension OffsetTracker.Partition {
    /// Notes an offset as unfinished; `false` if it is that already.
    fileprivate mutating func read(_ offset: Int64) -> Bool {
        // The end is that of a log that was cut off since, or librdkafka went back.
        if offset < end { end = 0 }
        guard offset < next else {
            offsets.append(offset)
            finished.append(false)
            next = offset + 1
            return true
        }
        // librdkafka went back, which its changelog knows of: the offset is unfinished again.
        offsets.removeSubrange(..<head)
        finished.removeSubrange(..<head)
        head = 0
        let place = place(of: offset)
        if place < offsets.count, offsets[place] == offset {
            guard finished[place] else { return false }
            finished[place] = false
        } else {
            offsets.insert(offset, at: place)
            finished.insert(false, at: place)
        }
        return true
    }

    /// Where the offset is, or where it would go.
    private func place(of offset: Int64) -> Int {
        var low = 0
        var high = offsets.count
        while low < high {
            let middle = (low + high) / 2
            if offsets[middle] < offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    fileprivate var hasUncommittedEnd: Bool {
        isFinished && next <= committed && end > committed
    }

    fileprivate mutating func finish(_ offset: Int64) -> Bool {
        let place = place(of: offset)
        guard place >= head, place < offsets.count, offsets[place] == offset, !finished[place]
        else { return false }
        finished[place] = true
        while head < offsets.count, finished[head] {
            finishedNext = offsets[head] + 1
            head += 1
        }
        if head == offsets.count || (head >= 64 && head * 2 >= offsets.count) {
            offsets.removeSubrange(..<head)
            finished.removeSubrange(..<head)
            head = 0
        }
        return true
    }
}
