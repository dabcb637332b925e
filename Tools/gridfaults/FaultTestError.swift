/// Why a round, or the matrix, cannot go on.
struct FaultTestError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
