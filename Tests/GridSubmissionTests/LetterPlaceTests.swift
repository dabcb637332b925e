import GridProtocol
import KafkaClient
import Testing

@testable import GridSubmission

@Suite struct LetterPlaceTests {
    @Test func aPlaceIsReadAsItIsWritten() {
        let place = LetterPlace(partition: 2, offset: 1_234_567_890_123)
        #expect(LetterPlace(text: "2/1234567890123") == place)
        #expect(LetterPlace(text: place.description) == place)
    }

    @Test(arguments: ["", "1", "/", "1/", "/1", "1/2/3", "-1/2", "1/-2", "a/b", "1 /2"])
    func otherTextIsNoPlace(text: String) {
        #expect(LetterPlace(text: text) == nil)
    }

    @Test func placesAreInOrderOfPartitionAndOffset() {
        let texts = ["1/0", "0/10", "0/9"]
        #expect(
            texts.compactMap { LetterPlace(text: $0) }.sorted().map(\.description)
                == ["0/9", "0/10", "1/0"]
        )
    }

    @Test func aRecordThatIsNoLetterIsALetterOfItself() {
        let record = ConsumedRecord(
            topic: "deadletter",
            partition: 0,
            offset: 7,
            timestampMillis: 5,
            value: [0xFF, 0xFF]
        )
        let stored = StoredLetter(record)
        #expect(stored.letter.cause == "undecodable")
        #expect(stored.letter.topic == "deadletter")
        #expect(stored.letter.bytes == [0xFF, 0xFF])
        #expect(stored.letter.at == 5_000)
        #expect(
            StoredLetter(ConsumedRecord(topic: "d", partition: 0, offset: 8, value: nil)).letter
                .message.contains("no value")
        )
    }

    @Test func aFilterLetsThroughWhatIsMeant() throws {
        let letter = DeadLetter(cause: "pricer_crashed", jobID: "a")
        let job = try #require(JobID(rawValue: "a"))
        let other = try #require(JobID(rawValue: "b"))
        #expect(LetterFilter().permits(letter))
        #expect(LetterFilter(jobID: job, cause: "pricer_crashed").permits(letter))
        #expect(!LetterFilter(jobID: other).permits(letter))
        #expect(!LetterFilter(jobID: job, cause: "undecodable").permits(letter))
    }
}
