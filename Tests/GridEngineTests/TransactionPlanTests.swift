import KafkaClient
import Testing

@testable import GridEngine

@Suite struct TransactionPlanTests {
    private let first = TopicPartition(topic: "t", partition: 0)
    private let second = TopicPartition(topic: "t", partition: 1)

    private func makePlan(_ count: Int64, generation: Int = 1) -> Boxed {
        let plan = Boxed()
        #expect(plan.enter(generation).isEmpty)
        for offset in 0..<count {
            #expect(plan.take(offset, of: first, generation: generation))
        }
        return plan
    }

    private func finish(
        _ offset: Int64,
        _ plan: Boxed,
        of partition: TopicPartition? = nil
    ) -> Bool {
        plan.finish(offset, of: partition ?? first, generation: plan.generation, payload: offset)
    }

    @Test func inAnyOrderOnlyTheUnbrokenRunGoes() {
        for order in permutations(of: [0, 1, 2, 3, 4]) {
            let plan = makePlan(5)
            var finished: Set<Int64> = []
            var committed: Int64 = 0
            for offset in order {
                #expect(finish(offset, plan))
                finished.insert(offset)
                let run = Int64((0..<6).first { !finished.contains($0) } ?? 0)
                #expect(plan.readyCount == Int(run - committed))
                guard let transaction = plan.next(maximum: 10) else {
                    #expect(run == committed)
                    continue
                }
                #expect(transaction.offsets == [first: run])
                #expect(transaction.entries.map(\.payload) == Array(committed..<run))
                #expect(plan.committed() == Array(committed..<run))
                committed = run
            }
            #expect(committed == 5)
            #expect(plan.heldCount == 0)
        }
    }

    @Test func oneTransactionIsUnderWayAtATime() {
        let plan = makePlan(2)
        #expect(finish(0, plan))
        #expect(plan.next(maximum: 10) != nil)
        #expect(finish(1, plan))
        #expect(plan.next(maximum: 10) == nil)
        #expect(plan.heldCount == 2)
        #expect(plan.committed() == [0])
        #expect(plan.next(maximum: 10)?.offsets == [first: 2])
    }

    @Test func whatWasAbortedGoesAgainWithWhatCameSince() {
        let plan = makePlan(4)
        #expect(finish(0, plan))
        #expect(finish(1, plan))
        #expect(plan.next(maximum: 10)?.entries.count == 2)
        #expect(finish(2, plan))
        #expect(plan.aborted().isEmpty)
        #expect(plan.readyCount == 3)
        #expect(plan.next(maximum: 10)?.entries.map(\.payload) == [0, 1, 2])
        #expect(plan.committed() == [0, 1, 2])
        #expect(finish(3, plan))
        #expect(plan.next(maximum: 10)?.offsets == [first: 4])
    }

    @Test func aBoundedTransactionCommitsOnlyWhatItHolds() {
        let plan = makePlan(5)
        for offset in 0..<2 {
            #expect(plan.take(Int64(offset), of: second, generation: 1))
        }
        #expect(finish(0, plan, of: second))
        for offset in 0..<5 { #expect(finish(Int64(offset), plan)) }
        let transaction = plan.next(maximum: 3)
        #expect(transaction?.offsets == [second: 1, first: 2], "the longest waiting first")
        _ = plan.committed()
        #expect(plan.next(maximum: 3)?.offsets == [first: 5])
    }

    @Test func aNewGenerationStartsFromNothing() {
        let plan = makePlan(4)
        #expect(finish(0, plan))
        #expect(plan.next(maximum: 1) != nil)
        #expect(finish(1, plan))
        #expect(finish(3, plan))
        #expect(plan.enter(2).sorted() == [1, 3])
        #expect(plan.heldCount == 1)
        #expect(!plan.finish(2, of: first, generation: 1, payload: 2))
        // What was under way then does not go again: it comes again.
        #expect(plan.aborted() == [0])
        #expect(plan.heldCount == 0)
        #expect(plan.take(0, of: first, generation: 2))
        #expect(finish(0, plan))
        let transaction = plan.next(maximum: 10)
        #expect(transaction?.generation == 2)
        #expect(transaction?.offsets == [first: 1])
    }

    @Test func aSealedGenerationCommitsItsRunAndGivesTheRestUp() {
        let plan = makePlan(5)
        for offset: Int64 in [0, 1, 3] { #expect(finish(offset, plan)) }
        #expect(plan.seal(1) == [3])
        #expect(!finish(2, plan))
        #expect(!plan.take(5, of: first, generation: 1))
        #expect(plan.next(maximum: 10)?.offsets == [first: 2])
        #expect(plan.aborted().isEmpty)
        #expect(plan.next(maximum: 10)?.offsets == [first: 2])
        #expect(plan.committed() == [0, 1])
        #expect(plan.heldCount == 0)
    }

    @Test func aRecordHandedOutTwiceCountsOnce() {
        let plan = makePlan(3)
        for offset: Int64 in [0, 2] {
            #expect(!plan.take(offset, of: first, generation: 1))
        }
        #expect(finish(0, plan))
        #expect(!finish(0, plan))
        #expect(!finish(7, plan))
        #expect(plan.heldCount == 1)
    }

    @Test func offsetsMayHaveGaps() {
        let plan = makePlan(1)
        for offset: Int64 in [5, 9] {
            #expect(plan.take(offset, of: first, generation: 1))
        }
        for offset: Int64 in [9, 5, 0] { #expect(finish(offset, plan)) }
        #expect(plan.next(maximum: 10)?.offsets == [first: 10])
    }

    @Test func abandoningReturnsEveryone() {
        let plan = makePlan(4)
        #expect(finish(0, plan))
        _ = plan.next(maximum: 1)
        #expect(finish(1, plan))
        #expect(finish(3, plan))
        #expect(plan.abandon().sorted() == [0, 1, 3])
        #expect(plan.heldCount == 0)
        #expect(plan.next(maximum: 1) == nil)
    }

    /// Engines that die and lose partitions at any moment, on a broker that keeps its word.
    @Test(arguments: 0..<200)
    func everyRecordIsCommittedOnceWhateverHappens(seed: UInt64) {
        var chance = Chance(state: seed)
        var grid = SimulatedGrid(partitions: 3, records: 12)
        var steps = 0
        while !grid.isDone, steps < 20_000 {
            grid.step(&chance)
            steps += 1
        }
        #expect(grid.isDone)
        #expect(grid.results.count == 36)
        #expect(Set(grid.results).count == 36)
    }

    private func permutations(of items: [Int64]) -> [[Int64]] {
        guard items.count > 1 else { return [items] }
        return items.indices.flatMap { index -> [[Int64]] in
            var rest = items
            let item = rest.remove(at: index)
            return permutations(of: rest).map { [item] + $0 }
        }
    }
}

/// A plan that an expectation can change.
private final class Boxed {
    private var plan = TransactionPlan<Int64>()

    var readyCount: Int { plan.readyCount }
    var heldCount: Int { plan.heldCount }
    var generation: Int { plan.generation }

    func enter(_ newer: Int) -> [Int64] { plan.enter(newer) }
    func seal(_ ended: Int) -> [Int64] { plan.seal(ended) }
    func committed() -> [Int64] { plan.committed() }
    func aborted() -> [Int64] { plan.aborted() }
    func abandon() -> [Int64] { plan.abandon() }

    func next(maximum: Int) -> TransactionPlan<Int64>.Transaction? {
        plan.next(maximum: maximum)
    }

    func take(_ offset: Int64, of partition: TopicPartition, generation: Int) -> Bool {
        plan.take(offset, of: partition, generation: generation)
    }

    func finish(
        _ offset: Int64,
        of partition: TopicPartition,
        generation: Int,
        payload: Int64
    ) -> Bool {
        plan.finish(offset, of: partition, generation: generation, payload: payload)
    }
}

/// One engine's plan against a broker's committed offsets.
private struct SimulatedGrid {
    struct Place: Hashable {
        var partition: TopicPartition
        var offset: Int64
    }

    private let count: Int64
    private let partitions: [TopicPartition]
    private var plan = TransactionPlan<Place>()
    private var generation = 0
    private var positions: [TopicPartition: Int64] = [:]
    private var inWork: [Place] = []
    private var committed: [TopicPartition: Int64] = [:]
    /// What readers of committed records see.
    private(set) var results: [Place] = []

    init(partitions: Int, records: Int64) {
        count = records
        self.partitions = (0..<partitions).map { TopicPartition(topic: "t", partition: Int32($0)) }
        reassign()
    }

    var isDone: Bool { partitions.allSatisfy { committed[$0] == count } }

    mutating func step(_ chance: inout Chance) {
        switch chance.next(20) {
        case 0: crash()
        case 1: reassign()
        case 2: _ = plan.seal(generation)
        case 3..<9: take(chance.next(partitions.count))
        case 9..<15: finish(chance.next(max(1, inWork.count)))
        case 15: plan.aborted().forEach { _ in }
        default: transact(&chance)
        }
        // A sealed generation ends soon.
        if plan.isSealed, chance.next(4) == 0 { reassign() }
    }

    private mutating func crash() {
        plan = TransactionPlan()
        reassign()
    }

    private mutating func reassign() {
        generation += 1
        positions = committed
        inWork = []
    }

    private mutating func take(_ index: Int) {
        let partition = partitions[index]
        let offset = positions[partition, default: 0]
        guard offset < count else { return }
        _ = plan.enter(generation)
        if plan.take(offset, of: partition, generation: generation) {
            inWork.append(Place(partition: partition, offset: offset))
        }
        positions[partition] = offset + 1
    }

    private mutating func finish(_ index: Int) {
        guard index < inWork.count else { return }
        let place = inWork.remove(at: index)
        _ = plan.finish(
            place.offset,
            of: place.partition,
            generation: generation,
            payload: place
        )
    }

    private mutating func transact(_ chance: inout Chance) {
        let begun = plan.inFlight ?? plan.next(maximum: 1 + chance.next(6))
        guard let transaction = begun else { return }
        switch chance.next(5) {
        case 0: _ = plan.aborted()
        case 1: break
        default:
            // The broker refuses offsets of a generation that is over.
            guard transaction.generation == generation else {
                _ = plan.aborted()
                return
            }
            results += transaction.entries.map(\.payload)
            committed.merge(transaction.offsets) { $1 }
            // The engine may die before it hears of it.
            if chance.next(10) == 0 { crash() } else { _ = plan.committed() }
        }
    }
}

/// Chance that can be repeated.
private struct Chance {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
