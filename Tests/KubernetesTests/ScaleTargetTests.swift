import GridAPI
import Scaling
import Testing

@testable import Kubernetes

@Suite struct ScaleTargetTests {
    private func autoscaler(_ json: String = "") throws -> ScaleTarget {
        let text = """
            {"metadata":{"name":"valengine","resourceVersion":"7"\(json)},
            "spec":{"minReplicas":2,"maxReplicas":8}}
            """
        return ScaleTarget(
            try APIJSON.decoded(AutoscalerObject.self, from: Array(text.utf8)),
            name: "valengine"
        )
    }

    private func scaledObject() throws -> ScaleTarget {
        ScaleTarget(
            try APIJSON.decoded(ScaledObject.self, from: Array(Recorded.scaledObject.utf8)),
            name: "valengine"
        )
    }

    private func deployment() throws -> ScaleTarget {
        ScaleTarget(
            try APIJSON.decoded(ScaleObject.self, from: Array(Recorded.scale.utf8)),
            name: "valengine"
        )
    }

    private func text(_ patch: ScalePatch) throws -> String {
        String(decoding: try APIJSON.line(patch).dropLast(), as: UTF8.self)
    }

    private static let held = #","annotations":{"valgrid/bounds-before":"2..8"}"#

    @Test func aCountHoldsAnAutoscalerAndKeepsItsBounds() throws {
        let target = try autoscaler()
        #expect(
            try text(target.patch(for: .count(5))) == """
                {"metadata":{"annotations":{"valgrid/bounds-before":"2..8"},"resourceVersion":"7"},\
                "spec":{"maxReplicas":5,"minReplicas":5}}
                """
        )
        #expect(!target.isHeld)
    }

    @Test func aSecondHoldKeepsTheFirstBounds() throws {
        let patch = try autoscaler(Self.held).patch(for: .count(6))
        #expect(patch.note == .set("2..8"))
        #expect(patch.bounds == ScaleTarget.Bounds(least: 6, most: 6))
    }

    @Test func givingBackRestoresThem() throws {
        let target = try autoscaler(Self.held)
        #expect(target.isHeld)
        #expect(
            try text(target.patch(for: .giveBack)) == """
                {"metadata":{"annotations":{"valgrid/bounds-before":null},"resourceVersion":"7"},\
                "spec":{"maxReplicas":8,"minReplicas":2}}
                """
        )
    }

    @Test func nothingHeldCannotBeGivenBack() throws {
        let refused = #expect(throws: ScalingError.self) {
            try autoscaler().patch(for: .giveBack)
        }
        #expect(refused?.code == .notPossible)
    }

    @Test(arguments: ["x", "8..2", "2..", "2...8", "0..0", "2..8..9"])
    func anAnnotationThatIsNoneIsIgnored(text: String) throws {
        let target = try autoscaler(#","annotations":{"valgrid/bounds-before":"\#(text)"}"#)
        #expect(!target.isHeld)
    }

    @Test func newBoundsEndAHold() throws {
        let patch = try autoscaler(Self.held).patch(for: .bounds(least: 3, most: 9))
        #expect(patch.note == .removed)
        #expect(patch.bounds == ScaleTarget.Bounds(least: 3, most: 9))
    }

    @Test func anAutoscalerKeepsOne() throws {
        for target in [try autoscaler(), try scaledObject()] {
            let refused = #expect(throws: ScalingError.self) {
                try target.patch(for: .count(0))
            }
            #expect(refused?.reason == "an autoscaler keeps at least 1 engine")
        }
        // KEDA may scale to none.
        _ = try scaledObject().patch(for: .bounds(least: 0, most: 8))
    }

    @Test func aScaledObjectHasNamesOfItsOwn() throws {
        #expect(
            try text(scaledObject().patch(for: .bounds(least: 1, most: 4))) == """
                {"metadata":{"annotations":{"valgrid/bounds-before":null},"resourceVersion":"400"},\
                "spec":{"maxReplicaCount":4,"minReplicaCount":1}}
                """
        )
    }

    @Test func aDeploymentHasReplicas() throws {
        let target = try deployment()
        #expect(
            try text(target.patch(for: .count(5)))
                == #"{"metadata":{"resourceVersion":"283"},"spec":{"replicas":5}}"#
        )
        #expect(throws: ScalingError.self) { try target.patch(for: .giveBack) }
        #expect(throws: ScalingError.self) { try target.patch(for: .bounds(least: 1, most: 2)) }
    }

    @Test func theEtagNamesTheBoundsOnly() throws {
        let (first, second) = (try autoscaler(), try autoscaler(#","labels":{"a":"b"}"#))
        #expect(first.etag == second.etag)
        #expect(first.etag == "horizontalpodautoscaler/valengine-2..8")
        #expect(try autoscaler(Self.held).etag != first.etag)
    }
}
