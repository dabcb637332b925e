import Testing

@testable import GridSubmission

@Suite struct PartitionSpreadTests {
    @Test(arguments: [1, 2, 3, 4, 8, 12, 24, 48, 100, 1_024])
    func aRoundOfBatchesReachesEveryPartitionOnce(partitions: Int) {
        let spread = PartitionSpread(partitions: partitions, seed: 5)
        let round = (0..<partitions).map { spread.partition(of: $0) }
        #expect(Set(round) == Set((0..<partitions).map(Int32.init)))
        #expect(spread.partition(of: partitions) == spread.partition(of: 0))
    }

    @Test(arguments: [2, 3, 4, 6, 8])
    func enginesWithRangesOfPartitionsShareTheFirstBatches(engines: Int) {
        let spread = PartitionSpread(partitions: 24, seed: 0)
        for count in [engines, engines * 2, engines * 3] {
            var shares = [Int](repeating: 0, count: engines)
            for batch in 0..<count { shares[Int(spread.partition(of: batch)) * engines / 24] += 1 }
            let (least, most) = (shares.min() ?? 0, shares.max() ?? 0)
            #expect(most - least <= 2, "\(shares)")
        }
    }
}
