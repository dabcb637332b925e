/// A page of a list.
public struct PagedList<Item: Hashable & Sendable & Codable>: Hashable, Sendable, Codable {
    /// The page's elements.
    public var items: [Item]
    /// Where the next page begins; nil when there is no further one.
    public var next: String?
    /// Elements of the whole list.
    public var total: Int
    /// Whether `total` is exact.
    public var isExact: Bool
    /// When this was so, ISO 8601.
    public var asOf: String

    /// Makes a page.
    public init(items: [Item], next: String?, total: Int, isExact: Bool = true, asOf: String) {
        self.items = items
        self.next = next
        self.total = total
        self.isExact = isExact
        self.asOf = asOf
    }
}
