import Testing

@testable import GridEngine

@Suite struct SnapshotCacheTests {
    @Test func whatWasPutIsThere() {
        var cache = SnapshotCache(limit: 100)
        cache.put("a", [1, 2], offset: 7)
        #expect(cache["a"] == .here([1, 2]))
        #expect(cache["b"] == .unknown)
        #expect(cache.held == 2)
    }

    @Test func theOldestGoesAndItsPlaceIsRemembered() {
        var cache = SnapshotCache(limit: 5)
        cache.put("a", [1, 1, 1], offset: 0)
        cache.put("b", [2, 2, 2], offset: 1)
        #expect(cache["a"] == .evicted(0))
        #expect(cache["b"] == .here([2, 2, 2]))
        #expect(cache.held == 3)
    }

    @Test func aSnapshotLargerThanTheLimitIsKeptWhileItIsTheNewest() {
        var cache = SnapshotCache(limit: 1)
        cache.put("a", [1, 1, 1], offset: 0)
        #expect(cache["a"] == .here([1, 1, 1]))
    }

    @Test func puttingASnapshotAgainReplacesIt() {
        var cache = SnapshotCache(limit: 10)
        cache.put("a", [1, 1, 1], offset: 0)
        cache.put("a", [2], offset: 4)
        #expect(cache["a"] == .here([2]))
        #expect(cache.held == 1)
    }

    @Test func aRemovedSnapshotIsUnknown() {
        var cache = SnapshotCache(limit: 10)
        cache.put("a", [1], offset: 0)
        cache.remove("a")
        #expect(cache["a"] == .unknown)
        #expect(cache.held == 0)
    }
}
