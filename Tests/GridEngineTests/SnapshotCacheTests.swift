import Testing

@testable import GridEngine

@Suite struct SnapshotCacheTests {
    @Test func whatWasPutIsThere() {
        var shelf = SnapshotCache(limit: 100)
        shelf.put("a", [1, 2], offset: 7)
        #expect(shelf["a"] == .here([1, 2]))
        #expect(shelf["b"] == .unknown)
        #expect(shelf.held == 2)
    }

    @Test func theOldestGoesAndItsPlaceIsRemembered() {
        var shelf = SnapshotCache(limit: 5)
        shelf.put("a", [1, 1, 1], offset: 0)
        shelf.put("b", [2, 2, 2], offset: 1)
        #expect(shelf["a"] == .evicted(0))
        #expect(shelf["b"] == .here([2, 2, 2]))
        #expect(shelf.held == 3)
    }

    @Test func aSnapshotLargerThanTheLimitIsKeptWhileItIsTheNewest() {
        var shelf = SnapshotCache(limit: 1)
        shelf.put("a", [1, 1, 1], offset: 0)
        #expect(shelf["a"] == .here([1, 1, 1]))
    }

    @Test func puttingASnapshotAgainReplacesIt() {
        var shelf = SnapshotCache(limit: 10)
        shelf.put("a", [1, 1, 1], offset: 0)
        shelf.put("a", [2], offset: 4)
        #expect(shelf["a"] == .here([2]))
        #expect(shelf.held == 1)
    }

    @Test func aRemovedSnapshotIsUnknown() {
        var shelf = SnapshotCache(limit: 10)
        shelf.put("a", [1], offset: 0)
        shelf.remove("a")
        #expect(shelf["a"] == .unknown)
        #expect(shelf.held == 0)
    }
}
