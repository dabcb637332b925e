import Testing

@testable import GridEngine

@Suite(.timeLimit(.minutes(1))) struct PricerPoolTests {
    private func pool(_ count: Int) -> PricerPool {
        PricerPool(count: count, configuration: PricerConfiguration(path: "/no/pricer"))
    }

    @Test func aPricerGivenBackGoesToWhoWaitsForIt() async {
        let pool = pool(1)
        let first = await pool.acquire()
        async let second = pool.acquire()
        pool.release(first)
        pool.release(first)
        #expect(await second.pricer === pool.pricers[0])
        #expect(first.pricer == nil)
        pool.release(await second)
        #expect(pool.busy == 0)
    }

    @Test func batchesThatLostAPricerLeaveHalfOfThePricersToTheOthers() async {
        let pool = pool(4)
        var leases: [PricerLease] = []
        for _ in 0..<4 { leases.append(await pool.acquire()) }
        await pool.beginRecovery(leases[0])
        await pool.beginRecovery(leases[1])
        // A recovering batch keeps its pricer, even if it loses the process again.
        await pool.beginRecovery(leases[0])
        #expect(leases[0].pricer != nil && leases[1].pricer != nil)

        // The third gives its pricer to the batch that waits, and continues with the first one's.
        let third = leases[2]
        let given = third.pricer
        async let other = pool.acquire()
        async let parked: Void = pool.beginRecovery(third)
        let lease = await other
        #expect(lease.pricer === given)
        #expect(third.pricer == nil)
        let freed = leases[0].pricer
        pool.release(leases[0])
        await parked
        #expect(third.pricer === freed)

        for lease in [leases[1], third, leases[3], lease] { pool.release(lease) }
        #expect(pool.busy == 0)
        // No batch is recovering: two more may, at once.
        let again = [await pool.acquire(), await pool.acquire()]
        for lease in again { await pool.beginRecovery(lease) }
        for lease in again { pool.release(lease) }
        #expect(pool.busy == 0)
    }

    @Test func anEngineWithOnePricerGoesOnWithABatchInTrouble() async {
        let pool = pool(1)
        let lease = await pool.acquire()
        await pool.beginRecovery(lease)
        #expect(lease.pricer != nil)
        pool.release(lease)
        #expect(pool.busy == 0)
    }
}
