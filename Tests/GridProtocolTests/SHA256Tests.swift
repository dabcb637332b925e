import Finance
import GridProtocol
import Testing

@Suite struct SHA256Tests {
    // FIPS 180-4 examples, NIST.
    @Test(
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func knownTextsHaveKnownDigests(text: String, digest: String) {
        #expect(SHA256.digest(of: Array(text.utf8)).hexadecimal == digest)
        let pieces = SHA256()
        for byte in text.utf8 { pieces.update([byte]) }
        #expect(pieces.digest().hexadecimal == digest)
        let whole = SHA256()
        whole.update(text)
        #expect(whole.digest().hexadecimal == digest)
        #expect(whole.digest().hexadecimal == digest)
    }

    @Test func aMillionLettersHaveTheirDigest() {
        let hash = SHA256()
        let thousand = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000)
        for _ in 0..<1_000 { hash.update(thousand[...]) }
        #expect(
            hash.digest().hexadecimal
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
    }

    @Test func tradeIDsAreHashedWithALineFeedEach() throws {
        let ids = try ["A", "B é"].map { try #require(TradeID(rawValue: $0)) }
        #expect(tradeIDsHash(ids) == SHA256.digest(of: Array("A\nB é\n".utf8)))
        #expect(tradeIDsHash([TradeID]()) == SHA256.digest(of: []))
        #expect(tradeIDsHash(ids.reversed()) != tradeIDsHash(ids))
    }
}
