import Finance
import Testing

@testable import GridProtocol

@Suite struct WrittenNamesTests {
    @Test func namesOfOtherBytesHavePlacesOfTheirOwn() {
        var table = NameTable()
        let names = ["caf\u{E9}", "cafe\u{301}", "caf\u{E9}"]
        let positions = names.map { table.position(of: $0) }
        #expect(positions == [0, 1, 0])
        #expect(table.names.map { Array($0.utf8) } == names[..<2].map { Array($0.utf8) })
    }
}
