import Testing

@testable import KafkaClient

@Suite struct GroupMembershipTests {
    private let some: Set = [TopicPartition(topic: "t", partition: 0)]

    /// What a group and its owner can do to a member.
    enum Event: CaseIterable {
        case assign, revoke, lose, assignAgain, drain, leave
    }

    @Test func theRulesHoldInAnyOrder() {
        for events in permutations(of: Event.allCases) {
            checkRules(events)
        }
    }

    private func checkRules(_ events: [Event]) {
        var membership = GroupMembership()
        var isStopped = false
        for event in events {
            let before = membership.generation
            switch event {
            case .assign, .assignAgain:
                let steps = membership.assigned(some)
                #expect(steps.first == .accept, "an assignment is always answered")
                if !membership.isLeaving {
                    #expect(membership.generation == before + 1)
                    #expect(membership.isJoined)
                }
            case .revoke, .lose:
                let lost = event == .lose
                let steps = membership.revoking(lost: lost)
                #expect(steps.first == .withhold)
                #expect(steps.last == .unassign, "a revocation is always answered")
                #expect(steps.contains(.commit) == !lost, "what is lost is not committed")
                membership.revoked(lost: lost)
                #expect(membership.assignment.isEmpty)
                #expect(membership.generation == before)
            case .drain:
                membership.drain()
                isStopped = true
            case .leave:
                membership.leave()
                isStopped = true
            }
            #expect(!isStopped || !membership.takesRecords)
            #expect(!membership.takesRecords || membership.isJoined)
        }
    }

    @Test func aRecordCountsOnlyUnderItsOwnAssignment() throws {
        var membership = GroupMembership()
        let partition = try #require(some.first)
        #expect(!membership.isCurrent(partition, generation: 0))
        _ = membership.assigned(some)
        #expect(membership.isCurrent(partition, generation: 1))
        membership.revoked(lost: false)
        #expect(!membership.isCurrent(partition, generation: 1))
        _ = membership.assigned(some)
        #expect(!membership.isCurrent(partition, generation: 1))
        #expect(membership.isCurrent(partition, generation: 2))
    }

    @Test func aMemberWithoutPartitionsIsJoined() {
        var membership = GroupMembership()
        #expect(!membership.isJoined)
        _ = membership.assigned([])
        #expect(membership.isJoined)
        #expect(!membership.takesRecords)
    }

    @Test func aRevocationKeepsTheMemberAndALossDoesNot() {
        var membership = GroupMembership()
        _ = membership.assigned(some)
        membership.revoked(lost: false)
        #expect(membership.isJoined)
        membership.revoked(lost: true)
        #expect(!membership.isJoined)
    }

    @Test func whatIsFinishedDuringARevocationComesTooLate() throws {
        var membership = GroupMembership()
        _ = membership.assigned(some)
        let partition = try #require(some.first)
        _ = membership.revoking(lost: false)
        #expect(!membership.isCurrent(partition, generation: 1))
        #expect(membership.assignment == some, "they are ours until they are given back")
        #expect(!membership.takesRecords)
        membership.revoked(lost: false)
        _ = membership.assigned(some)
        #expect(membership.isCurrent(partition, generation: 2))
    }

    @Test func drainingKeepsThePartitions() throws {
        var membership = GroupMembership()
        _ = membership.assigned(some)
        membership.drain()
        #expect(membership.assignment == some)
        #expect(!membership.takesRecords)
        let partition = try #require(some.first)
        #expect(membership.isCurrent(partition, generation: 1))
    }

    @Test func whatIsInWorkWhileLeavingStillCounts() throws {
        var membership = GroupMembership()
        _ = membership.assigned(some)
        membership.leave()
        let partition = try #require(some.first)
        #expect(membership.isCurrent(partition, generation: 1))
        membership.left()
        #expect(!membership.isCurrent(partition, generation: 1))
        #expect(!membership.isJoined)
    }
}
