import GridAPI
import Testing

@testable import Scaling

@Suite struct ScaleLimitsTests {
    @Test(arguments: [
        ("2..16", 2, 16), ("0..1", 0, 1), ("3..3", 3, 3), ("1..1000", 1, 1_000),
    ])
    func itReadsLimits(text: String, least: Int, most: Int) {
        let limits = ScaleLimits(text)
        #expect(limits?.least == least)
        #expect(limits?.most == most)
    }

    @Test(arguments: ["", "2", "2..", "..3", "5..2", "-1..3", "0..0", "1..1001", "1...3", "+1..3"])
    func itRefusesWhatIsNone(text: String) {
        #expect(ScaleLimits(text) == nil)
    }

    @Test func anOperatorStaysWithinThem() throws {
        let limits = try #require(ScaleLimits("2..8"))
        #expect(try limits.change(of: ScaleRequest(count: 8), beyond: false) == .count(8))
        let refused = #expect(throws: ScalingError.self) {
            try limits.change(of: ScaleRequest(count: 9), beyond: false)
        }
        #expect(refused?.code == .outOfBounds)
        #expect(refused?.status == 422)
        #expect(try limits.change(of: ScaleRequest(count: 9), beyond: true) == .count(9))
        #expect(throws: ScalingError.self) {
            try limits.change(of: ScaleRequest(least: 1, most: 8), beyond: false)
        }
        #expect(throws: ScalingError.self) {
            try limits.change(of: ScaleRequest(count: 1_001), beyond: true)
        }
        #expect(throws: ScalingError.self) {
            try limits.change(of: ScaleRequest(least: 6, most: 4), beyond: true)
        }
    }

    @Test(arguments: [
        ScaleRequest(), ScaleRequest(count: 2, most: 3), ScaleRequest(least: 2),
        ScaleRequest(count: 2, giveBack: true),
    ])
    func aRequestSaysOneThing(request: ScaleRequest) throws {
        let limits = try #require(ScaleLimits("2..8"))
        let refused = #expect(throws: ScalingError.self) {
            try limits.change(of: request, beyond: true)
        }
        #expect(refused?.code == .badRequest)
    }
}
