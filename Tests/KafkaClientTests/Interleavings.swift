/// Returns all orders of the elements.
func permutations<Element>(of elements: [Element]) -> [[Element]] {
    guard let first = elements.first else { return [[]] }
    return permutations(of: Array(elements.dropFirst())).flatMap { rest in
        (0...rest.count).map { place in
            Array(rest[..<place]) + [first] + Array(rest[place...])
        }
    }
}
