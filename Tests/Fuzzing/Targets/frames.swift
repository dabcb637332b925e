import GridProtocol

/// The pipes between engine and pricer: the first byte says how the stream is split, the rest is
/// a stream of frames.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let seed = input.first else { return -1 }
    let stream = Array(input.dropFirst())
    let whole = frames(of: stream, pieces: [0..<stream.count])
    let split = frames(of: stream, pieces: makePieces(of: stream.count, seed: seed))
    require(whole == split, "frames do not depend on how the bytes arrive")
    for frame in whole.frames {
        WireChecks.checkMessage(PricerRequest.self, frame)
        WireChecks.checkMessage(PricerReply.self, frame)
    }
    return 0
}

private struct Outcome: Equatable {
    var frames: [[UInt8]] = []
    var refusal: WireError.Code?
    var pendingBytes = 0
}

private func frames(of stream: [UInt8], pieces: [Range<Int>]) -> Outcome {
    var parser = FrameParser(maximumLength: 1 << 16)
    var outcome = Outcome()
    do throws(WireError) {
        for piece in pieces {
            parser.append(stream[piece])
            while let frame = try parser.next() { outcome.frames.append(frame) }
        }
        outcome.pendingBytes = parser.pendingBytes
        try parser.finish()
    } catch {
        outcome.refusal = error.code
    }
    let used = outcome.frames.reduce(0) { $0 + $1.count + 4 }
    require(used <= stream.count, "frames are made of what arrived")
    if outcome.refusal == nil { require(used == stream.count, "no byte is lost") }
    return outcome
}

/// Cuts a stream into pieces of 0 to 63 bytes, or of up to 4 for even seeds.
private func makePieces(of count: Int, seed: UInt8) -> [Range<Int>] {
    var state = UInt32(seed) &* 0x9E37_79B9 | 1
    var pieces: [Range<Int>] = []
    var position = 0
    while position < count {
        state = state &* 1_664_525 &+ 1_013_904_223
        let length = Int(state >> 16) % (seed % 2 == 0 ? 5 : 64)
        let end = min(count, position + length)
        pieces.append(position..<end)
        position = end
    }
    return pieces
}
