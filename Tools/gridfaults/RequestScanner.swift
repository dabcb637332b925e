/// Finds requests of one kind in the bytes that a client sends to a Kafka broker.
///
/// A request is its length in four bytes, then the number of its kind in two.
struct RequestScanner: Sendable {
    /// EndTxn: commits or aborts a transaction.
    static let endTransaction = 26

    private var header: [UInt8] = []
    /// How many bytes of the present request are still to come after its header.
    private var left = 0

    /// Reads on; returns whether a request of this kind begins.
    mutating func finds(_ kind: Int, in bytes: some Collection<UInt8>) -> Bool {
        var isFound = false
        var rest = bytes[...]
        while !rest.isEmpty {
            if left > 0 {
                let passed = min(left, rest.count)
                left -= passed
                rest = rest.dropFirst(passed)
                continue
            }
            let taken = rest.prefix(6 - header.count)
            header += taken
            rest = rest.dropFirst(taken.count)
            guard header.count == 6 else { break }
            let length = header[..<4].reduce(0) { $0 << 8 | Int($1) }
            isFound = isFound || Int(header[4]) << 8 | Int(header[5]) == kind
            left = max(0, length - 2)
            header = []
        }
        return isFound
    }
}
