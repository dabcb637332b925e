import GridProtocol
import Testing

@Suite struct FrameParserTests {
    private let messages: [[UInt8]] = [
        [1, 2, 3], [], [UInt8](repeating: 7, count: 300), [0, 0, 0, 9], [255],
    ]

    private var stream: [UInt8] {
        messages.flatMap { lengthPrefix($0.count) + $0 }
    }

    private func drain(_ parser: inout FrameParser) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while let frame = try parser.next() { frames.append(frame) }
        return frames
    }

    @Test func framesComeOutWhereverTheBytesAreSplit() throws {
        let stream = stream
        for first in 0...stream.count {
            for second in stride(from: first, through: stream.count, by: 13) {
                var parser = FrameParser()
                var frames: [[UInt8]] = []
                for piece in [stream[..<first], stream[first..<second], stream[second...]] {
                    parser.append(piece)
                    frames += try drain(&parser)
                }
                #expect(frames == messages)
                try parser.finish()
            }
        }
    }

    @Test(arguments: [1, 2, 3, 7, 64])
    func framesComeOutOfPiecesOfAnySize(size: Int) throws {
        let stream = Array(repeating: stream, count: 20).flatMap { $0 }
        var parser = FrameParser()
        var frames: [[UInt8]] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            parser.append(stream[start..<min(start + size, stream.count)])
            frames += try drain(&parser)
        }
        #expect(frames == Array(repeating: messages, count: 20).flatMap { $0 })
        #expect(parser.pendingBytes == 0)
    }

    @Test func aFrameAtTheLimitPassesAndOneOverItDoesNot() throws {
        var parser = FrameParser(maximumLength: 4)
        parser.append(lengthPrefix(4) + [1, 2, 3, 4] + lengthPrefix(5))
        #expect(try parser.next() == [1, 2, 3, 4])
        for _ in 0..<2 {
            let error = refusal { try parser.next() }
            #expect(error?.code == .tooLarge)
        }
    }

    @Test func aTextInsteadOfFramesIsRefusedAtOnce() {
        var parser = FrameParser()
        parser.append(Array("Hello, world".utf8))
        #expect(throws: WireError.self) { try parser.next() }
    }

    @Test func aStreamThatEndsInsideAFrameIsTruncated() throws {
        let stream = stream
        for length in 1...6 {
            var parser = FrameParser()
            parser.append(stream[..<length])
            #expect(try drain(&parser).isEmpty)
            #expect(throws: WireError.self) { try parser.finish() }
        }
    }

    @Test(arguments: [0, 1, 100, 127, 128, 20_000])
    func framesMadeWithoutDecodingAreThoseOfTheMessages(size: Int) throws {
        let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let work = PricerRequest(
            request: .work(PricerWork(snapshotID: "s", payload: payload, first: 3, count: 50))
        )
        #expect(
            PricerFrames.work(snapshotID: "s", payload: payload[...], first: 3, count: 50)
                == work.encodedFrame()
        )
        let snapshot = PricerRequest(
            request: .snapshot(PricerSnapshot(snapshotID: "s", snapshot: payload))
        )
        #expect(PricerFrames.snapshot(id: "s", bytes: payload) == snapshot.encodedFrame())
        var parser = FrameParser()
        parser.append(work.encodedFrame())
        #expect(try PricerRequest.decode(try #require(try parser.next())) == work)
    }
}
