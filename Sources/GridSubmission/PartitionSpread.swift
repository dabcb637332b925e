/// In which partition each batch of a job goes.
///
/// Engines own ranges of neighbouring partitions, so neighbouring batches go far apart: a step of
/// about the golden section, with no divisor in common with the number of partitions, reaches
/// every partition once a round and keeps each engine's share of the first batches even.
public struct PartitionSpread: Sendable {
    private let first: Int
    private let step: Int
    private let partitions: Int

    /// Makes a spread.
    ///
    /// - Parameters:
    ///   - partitions: 1 or more.
    ///   - seed: where the first batch goes, so that small jobs do not all begin at one engine.
    public init(partitions: Int, seed: Int) {
        self.partitions = partitions
        first = seed % partitions
        let golden = Int((Double(partitions) * 0.618).rounded())
        step = (golden..<golden + partitions).first { Self.divisor($0, partitions) == 1 } ?? 1
    }

    /// Returns the partition of a batch.
    public func partition(of batch: Int) -> Int32 {
        Int32((first + batch % partitions * step) % partitions)
    }

    private static func divisor(_ left: Int, _ right: Int) -> Int {
        right == 0 ? left : divisor(right, left % right)
    }
}
