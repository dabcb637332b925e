import GridProtocol
import Testing

/// A message beside its bytes, whatever its type.
protocol CheckedFixture: Sendable {
    var name: String { get }
    var bytes: [UInt8] { get }
    func checkEquality() throws
    /// Decodes other bytes as the same message; a message that comes out must survive encoding.
    func decodeAnything(_ bytes: [UInt8]) throws
}

struct Fixture<Message: WireMessage>: CheckedFixture, CustomTestStringConvertible {
    let message: Message
    let bytes: [UInt8]

    init(_ message: Message, _ hexadecimal: String) {
        self.message = message
        bytes = [UInt8](hexadecimal: hexadecimal)
    }

    var name: String { Message.schemaName }
    var testDescription: String { name }

    func checkEquality() throws {
        #expect(message.encoded() == bytes)
        #expect(try Message.decode(bytes) == message)
        #expect(try Message.decode(([1, 2] + bytes)[2...]) == message)
        #expect(message.encodedFrame() == lengthPrefix(bytes.count) + bytes)
        #expect(Message() != message)
        #expect(Message().encoded().isEmpty)
    }

    func decodeAnything(_ bytes: [UInt8]) throws {
        let decoded: Message
        do throws(WireError) {
            decoded = try Message.decode(bytes)
        } catch {
            #expect(error.offset.map { (0...bytes.count).contains($0) } == true)
            return
        }
        let again = decoded.encoded()
        #expect(try Message.decode(again).encoded() == again)
    }
}

func lengthPrefix(_ length: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
}

extension [UInt8] {
    /// Reads pairs of digits; anything else is left out.
    init(hexadecimal: String) {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        self = stride(from: 0, to: digits.count - 1, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}

/// A generator with a seed, so that a failure can be seen again.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
