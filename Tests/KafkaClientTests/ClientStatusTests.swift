import Testing

@testable import KafkaClient

@Suite struct ClientStatusTests {
    private let start = ContinuousClock.now
    private let refused = KafkaError(code: .authentication, reason: "wrong password")

    @Test func whatIsNotAllowedEndsAClientAtOnce() {
        var status = ClientStatus()
        status.note(KafkaError(code: .authorization, reason: "not for you"), at: start)
        #expect(status.fatal?.reason == "not for you")
        #expect(status.fatal?.isFatal == true)
    }

    @Test func aRefusalEndsAClientWhenNoBrokerAcceptsItForLong() {
        var status = ClientStatus()
        status.note(refused, at: start)
        status.note(refused, at: start + .seconds(14))
        status.endIfRefused(at: start + .seconds(14))
        #expect(status.fatal == nil)
        status.endIfRefused(at: start + .seconds(15))
        #expect(status.fatal?.code == .authentication)
        #expect(status.fatal?.isFatal == true)
    }

    @Test func anAnswerOfAnyBrokerForgetsARefusal() {
        var status = ClientStatus()
        status.note(refused, at: start)
        status.noteAnswer()
        status.endIfRefused(at: start + .seconds(60))
        status.note(refused, at: start + .seconds(60))
        status.endIfRefused(at: start + .seconds(74))
        #expect(status.fatal == nil)
        status.endIfRefused(at: start + .seconds(75))
        #expect(status.fatal != nil)
    }

    @Test func brokersThatAreAwayAreWaitedFor() {
        var status = ClientStatus()
        status.note(KafkaError(code: .brokersUnavailable, reason: "refused"), at: start)
        status.noteAllBrokersDown()
        status.endIfRefused(at: start + .seconds(3_600))
        #expect(status.fatal == nil)
        #expect(status.brokersDown)
    }
}
