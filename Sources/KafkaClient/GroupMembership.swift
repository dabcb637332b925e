/// A member's view of its consumer group, and the actions that changes of it require.
///
/// Lost is not revoked: a lost partition may already be another member's, so nothing is committed
/// for it. Every assignment has its own generation, by which late results are recognised.
struct GroupMembership {
    /// What to do about a change of the assignment, in the order given.
    enum Step: Hashable, Sendable {
        /// Confirm the assignment to the group.
        case accept
        /// Read the assigned partitions, once their start offsets are known.
        case start
        /// Drop records that were read and not yet handed out.
        case withhold
        /// Commit the finished records, and wait for the answer.
        case commit
        /// Release the assignment.
        case unassign
    }

    /// Counts assignments, from 1.
    private(set) var generation = 0
    /// The partitions owned now.
    private(set) var assignment: Set<TopicPartition> = []
    /// Whether this client is a member: from the first assignment until it loses or leaves the
    /// group.
    private(set) var isJoined = false
    /// Whether no more records are to be handed out.
    private(set) var isDraining = false
    /// Whether the group was left, or is being left.
    private(set) var isLeaving = false

    /// Whether the partitions are about to be released: records finished now are too late.
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

    /// The group revokes the partitions, or has already assigned them to other members.
    mutating func revoking(lost: Bool) -> [Step] {
        isRevoking = true
        return lost ? [.withhold, .unassign] : [.withhold, .commit, .unassign]
    }

    /// The partitions were released.
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

    /// Starts to leave; the partitions are owned until they are revoked.
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

    /// Whether records read under a generation are still valid.
    func isCurrent(_ partition: TopicPartition, generation: Int) -> Bool {
        generation == self.generation && !isRevoking && assignment.contains(partition)
    }
}
