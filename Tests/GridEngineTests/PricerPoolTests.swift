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

    @Test func troubledBatchesLeaveHalfOfThePricersToTheOthers() async {
        let pool = pool(4)
        var leases: [PricerLease] = []
        for _ in 0..<4 { leases.append(await pool.acquire()) }
        await pool.enterTrouble(leases[0])
        await pool.enterTrouble(leases[1])
        // Once in trouble, a batch keeps its pricer however often it loses the process.
        await pool.enterTrouble(leases[0])
        #expect(leases[0].pricer != nil && leases[1].pricer != nil)

        // The third gives its pricer to whoever waits, and goes on with the first one's.
        let third = leases[2]
        let given = third.pricer
        async let other = pool.acquire()
        async let parked: Void = pool.enterTrouble(third)
        let lease = await other
        #expect(lease.pricer === given)
        #expect(third.pricer == nil)
        let freed = leases[0].pricer
        pool.release(leases[0])
        await parked
        #expect(third.pricer === freed)

        for lease in [leases[1], third, leases[3], lease] { pool.release(lease) }
        #expect(pool.busy == 0)
        // Nobody is left in trouble: two more may be, at once.
        let again = [await pool.acquire(), await pool.acquire()]
        for lease in again { await pool.enterTrouble(lease) }
        for lease in again { pool.release(lease) }
        #expect(pool.busy == 0)
    }

    @Test func anEngineWithOnePricerGoesOnWithABatchInTrouble() async {
        let pool = pool(1)
        let lease = await pool.acquire()
        await pool.enterTrouble(lease)
        #expect(lease.pricer != nil)
        pool.release(lease)
        #expect(pool.busy == 0)
    }
}
