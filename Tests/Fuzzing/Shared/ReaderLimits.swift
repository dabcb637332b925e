import PortfolioFiles

/// The limits that a seed's first letter asks for: small ones for a small letter, so that they are
/// reached.
func limits(for letter: UInt8) -> FileLimits {
    letter & 0x20 == 0
        ? FileLimits(fileBytes: 1 << 20)
        : FileLimits(
            fileBytes: 4_000,
            lineBytes: 400,
            nesting: 4,
            valuesPerTrade: 60,
            valuesPerSnapshot: 120,
            cellBytes: 64,
            problems: 3
        )
}

/// What must hold of a refusal.
func check(_ error: FileProblems, limits: FileLimits) {
    require(!error.problems.isEmpty, "a refusal says why")
    require(error.problems.count <= limits.problems, "the list of problems has an end")
    require(error.total >= error.problems.count, "problems are counted")
    for problem in error.problems {
        require(problem.description.utf8.count < 4_096, "a problem is told in few words")
    }
}
