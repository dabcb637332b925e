import Testing

@testable import Ledger

@Suite struct SortedMapTests {
    /// A map beside the dictionary that says what it must hold.
    private struct Pair {
        var map = SortedMap<Int, Int>()
        var expected: [Int: (value: Int, amount: Int)] = [:]

        mutating func change(using generator: inout SeededGenerator) {
            let key = Int.random(in: 0..<300, using: &generator)
            if Int.random(in: 0..<5, using: &generator) < 3 {
                let value = Int.random(in: 0..<1_000, using: &generator)
                map.set(key, to: value, amount: value % 7)
                expected[key] = (value, value % 7)
            } else {
                map.remove(key)
                expected[key] = nil
            }
        }

        func check(_ key: Int) {
            let keys = expected.keys.sorted()
            #expect(map.count == keys.count)
            #expect(map.totals.amount == expected.values.reduce(0) { $0 + $1.amount })
            #expect(map.page(most: .max).map(\.key) == keys)
            #expect(map.page(descending: true, most: .max).map(\.key) == keys.reversed())
            #expect(map.page(most: .max).map(\.value) == keys.map { expected[$0]?.value })
            #expect(map[key] == expected[key]?.value)
            #expect(map.first?.key == keys.first)
            let below = keys.filter { $0 < key }
            let totals = map.totals(below: key)
            #expect(totals.count == below.count)
            #expect(totals.amount == below.reduce(0) { $0 + (expected[$1]?.amount ?? 0) })
            #expect(
                map.page(after: key, most: 5).map(\.key)
                    == keys.filter { $0 > key }.prefix(5).map { $0 }
            )
            let descending = map.page(after: key, descending: true, most: 5).map(\.key)
            #expect(descending == Array(below.reversed().prefix(5)))
        }
    }

    @Test(arguments: 1...20) func holdsWhatADictionaryHolds(seed: Int) {
        var generator = SeededGenerator(seed)
        var pair = Pair()
        for step in 0..<1_500 {
            pair.change(using: &generator)
            if step % 50 == 0 { pair.check(Int.random(in: 0..<300, using: &generator)) }
        }
        pair.check(150)
    }

    @Test func aCopyStaysAsItIs() {
        var generator = SeededGenerator(1)
        var pair = Pair()
        for _ in 0..<300 { pair.change(using: &generator) }
        let copy = pair
        for _ in 0..<300 { pair.change(using: &generator) }
        copy.check(100)
        pair.check(100)
    }

    /// Keys in order are the worst case of a tree that is not balanced.
    @Test func staysFlat() {
        var map = SortedMap<Int, Int>()
        for key in 0..<100_000 { map.set(key, to: key) }
        #expect(map.depth <= 40)
        for key in 0..<99_000 { map.remove(key) }
        #expect(map.count == 1_000)
        #expect(map.depth <= 24)
    }
}
