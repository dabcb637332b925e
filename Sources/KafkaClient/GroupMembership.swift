/// What a member of a consumer group knows of its membership, and what it must do when told more.
///
/// Lost is not revoked: a lost partition may already be another member's, so nothing is committed
/// for it. Every assignment has its own generation, by which late results are known.
struct GroupMembership {
    /// What to do about a change of the assignment, in the order given.
    enum Step: Hashable, Sendable {
        /// Tell the group that the assignment has come.
        case accept
        /// Read what is assigned, once it is known from where.
        case start
        /// Forget records that were read and not yet handed out.
        case withhold
        /// Commit what is finished, and wait for the answer.
        case commit
        /// Give the assignment back.
        case unassign
    }

    /// Counts assignments, from 1.
    private(set) var generation = 0
    /// The partitions owned now.
    private(set) var assignment: Set<TopicPartition> = []
    /// Whether the group counts us in: from the first assignment until we lose or leave it.
    private(set) var isJoined = false
    /// Whether no more records are to be handed out.
    private(set) var isDraining = false
    /// Whether the group was left, or is being left.
    private(set) var isLeaving = false

    /// Whether the partitions are about to be given back: what is finished now comes too late.
    private(set) var isRevoking = false

    /// Whether records may be taken and handed out.
    var takesRecords: Bool {
        !isDraining && !isLeaving && !isRevoking && !assignment.isEmpty
    }

    /// The group gave us these partitions, possibly none.
    mutating func assigned(_ partitions: Set<TopicPartition>) -> [Step] {
        guard !isLeaving else { return [.accept] }
        generation += 1
        assignment = partitions
        isJoined = true
        return [.accept, .start]
    }

    /// The group takes our partitions back, or has given them away without us.
    mutating func revoking(lost: Bool) -> [Step] {
        isRevoking = true
        return lost ? [.withhold, .unassign] : [.withhold, .commit, .unassign]
    }

    /// The partitions are gone.
    mutating func revoked(lost: Bool) {
        assignment = []
        isRevoking = false
        if lost {
            isJoined = false
        }
    }

    /// Hands out no more records, and stays in the group.
    mutating func drain() {
        isDraining = true
    }

    /// Starts to leave; the partitions are ours until they are revoked.
    mutating func leave() {
        isDraining = true
        isLeaving = true
    }

    /// The group was left.
    mutating func left() {
        isLeaving = true
        isDraining = true
        isJoined = false
        isRevoking = false
        assignment = []
    }

    /// Whether what was read under a generation still counts.
    func isCurrent(_ partition: TopicPartition, generation: Int) -> Bool {
        generation == self.generation && !isRevoking && assignment.contains(partition)
    }
}
