import GridProtocol

/// Records of the topics: the first byte says which message, the rest is one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let first = input.first, Int(first) < WireChecks.messages.count else { return -1 }
    WireChecks.check(Int(first), Array(input.dropFirst()))
    return 0
}
