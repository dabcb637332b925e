import Testing

@testable import KafkaClient

@Suite struct MembershipEncodingTests {
    private func encoding(generation: UInt8, member: String) -> [UInt8] {
        var bytes: [UInt8] = Array("CGMDv2:".utf8)
        bytes += [UInt8](repeating: generation, count: 4)
        bytes += Array("g".utf8)
        bytes.append(0)
        bytes += Array(member.utf8)
        bytes += [0, 1] as [UInt8]
        return bytes
    }

    @Test func aMembersEncodingIsRead() throws {
        let read = try #require(MembershipEncoding(encoding(generation: 1, member: "m-1")))
        #expect(read.generation == 0x0101_0101)
        #expect(read.group == "g")
        #expect(read.member == "m-1")
        #expect(read.isMember)
    }

    @Test func withoutMemberOrGenerationItIsNone() throws {
        let nobody = try #require(MembershipEncoding(encoding(generation: 1, member: "")))
        #expect(!nobody.isMember)
        let never = try #require(MembershipEncoding(encoding(generation: 255, member: "m")))
        #expect(!never.isMember)
    }

    @Test(arguments: ["", "CGMDv2:", "CGMDv2:1234g", "CGMDv9:0000g\0m\0"])
    func somethingElseIsRefused(text: String) {
        #expect(MembershipEncoding(Array(text.utf8)) == nil)
    }
}
