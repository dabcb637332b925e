import Testing

@testable import gridfaults

@Suite struct RequestScannerTests {
    /// A request of a kind with a body of so many bytes, all of which look like the kind sought.
    private func request(_ kind: Int, body: Int) -> [UInt8] {
        let header: [Int] = [0, 0, (body + 2) >> 8, (body + 2) & 0xFF, kind >> 8, kind & 0xFF]
        let rest = [UInt8](repeating: UInt8(RequestScanner.endTransaction), count: body)
        return header.map { UInt8($0) } + rest
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64, 1_000])
    func findsARequestInPieces(size: Int) {
        let before = request(0, body: 37) + request(18, body: 0) + request(28, body: 5)
        let stream = before + request(26, body: 40) + request(0, body: 9)
        var scanner = RequestScanner()
        var found: [Int] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            let piece = stream[start..<min(start + size, stream.count)]
            if scanner.finds(RequestScanner.endTransaction, in: piece) { found.append(start) }
        }
        // The piece with the last byte of the request's header.
        let place = before.count + 5
        #expect(found == [place / size * size])
    }

    @Test func findsNothingInOtherRequests() {
        var scanner = RequestScanner()
        let stream = (0..<70).filter { $0 != 26 }.flatMap { request($0, body: $0) }
        let isFound = scanner.finds(RequestScanner.endTransaction, in: stream)
        #expect(!isFound)
        let isFoundNow = scanner.finds(RequestScanner.endTransaction, in: request(26, body: 1))
        #expect(isFoundNow)
    }
}
