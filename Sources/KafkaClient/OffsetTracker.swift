/// What a group member has read and finished of the partitions it owns.
///
/// Everything here is the next offset to read: a partition's committable offset is its lowest
/// unfinished one, so a restart reads again whatever was not finished. A new assignment starts
/// from nothing, and what was read under an earlier one no longer counts.
struct OffsetTracker {
    fileprivate struct Partition {
        /// Offsets read, ascending; those before `head` are finished and done with.
        var offsets: [Int64] = []
        var isFinished: [Bool] = []
        var head = 0
        /// The offset after the last one read.
        var next: Int64
        /// Where the broker knows us to be: at first where reading began.
        var committed: Int64

        var committable: Int64 { head < offsets.count ? offsets[head] : next }
    }

    /// Counts assignments; a record carries the number it was read under.
    private(set) var generation = 0
    /// How many records were read and are not finished.
    private(set) var unfinishedCount = 0
    private var owned: Set<TopicPartition>
    private var partitions: [TopicPartition: Partition] = [:]

    init(assigned partitions: Set<TopicPartition> = [], generation: Int = 0) {
        owned = partitions
        self.generation = generation
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
        guard offset < next else {
            offsets.append(offset)
            isFinished.append(false)
            next = offset + 1
            return true
        }
        // librdkafka went back, which its changelog knows of: the offset is unfinished again.
        offsets.removeSubrange(..<head)
        isFinished.removeSubrange(..<head)
        head = 0
        let place = place(of: offset)
        if place < offsets.count, offsets[place] == offset {
            guard isFinished[place] else { return false }
            isFinished[place] = false
        } else {
            offsets.insert(offset, at: place)
            isFinished.insert(false, at: place)
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

    fileprivate mutating func finish(_ offset: Int64) -> Bool {
        let place = place(of: offset)
        guard place >= head, place < offsets.count, offsets[place] == offset, !isFinished[place]
        else { return false }
        isFinished[place] = true
        while head < offsets.count, isFinished[head] {
            head += 1
        }
        if head == offsets.count || (head >= 64 && head * 2 >= offsets.count) {
            offsets.removeSubrange(..<head)
            isFinished.removeSubrange(..<head)
            head = 0
        }
        return true
    }
}
