import Testing

@testable import KafkaClient

@Suite struct FifoTests {
    @Test func elementsLeaveInTheOrderTheyCame() {
        var fifo = Fifo<Int>()
        var expected = 0
        for number in 0..<1_000 {
            fifo.append(number)
            guard number % 3 != 0 else { continue }
            #expect(fifo.popFirst() == expected)
            expected += 1
        }
        #expect(fifo.count == 1_000 - expected)
        #expect(fifo.contents == Array(expected..<1_000))
        fifo.removeAll { $0 % 2 == 0 }
        #expect(fifo.contents == (expected..<1_000).filter { $0 % 2 == 1 })
    }

    @Test func anEmptyOneHasNothingToGive() {
        var fifo = Fifo<Int>()
        #expect(fifo.popFirst() == nil)
        fifo.append(1)
        #expect(fifo.first == 1)
        #expect(fifo.popFirst() == 1)
        #expect(fifo.isEmpty)
        #expect(fifo.first == nil)
    }
}
