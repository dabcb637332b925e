/// A map in the order of its keys whose copies share what they have in common: a copy costs
/// nothing, a change O(log n), and what a reader holds does not change.
///
/// It is a weight-balanced tree (Adams; parameters 3 and 2 of Hirai and Yamamoto). Each entry may
/// have an amount; the sum over the keys below a given one costs O(log n).
struct SortedMap<Key: Comparable & Sendable, Value: Sendable>: Sendable {
    /// How many entries lie in a range of keys, and the sum of their amounts.
    struct Totals: Hashable, Sendable {
        var count = 0
        var amount = 0
    }

    private var root: Node?

    /// Makes an empty map.
    init() {}

    /// How many entries it has, and the sum of their amounts.
    var totals: Totals { root?.totals ?? Totals() }

    /// How many entries it has.
    var count: Int { totals.count }

    /// How many entries a look-up visits at most.
    var depth: Int { Node.depth(root) }

    /// The entry of the lowest key; nil when it is empty.
    var first: (key: Key, value: Value)? {
        var node = root
        while let left = node?.left { node = left }
        return node.map { ($0.key, $0.value) }
    }

    /// The value of a key; nil when it has none.
    subscript(key: Key) -> Value? {
        var node = root
        while let here = node {
            if key < here.key {
                node = here.left
            } else if here.key < key {
                node = here.right
            } else {
                return here.value
            }
        }
        return nil
    }

    /// The entries below a key.
    func totals(below key: Key) -> Totals {
        var totals = Totals()
        var node = root
        while let here = node {
            guard here.key < key else {
                node = here.left
                continue
            }
            let left = here.left?.totals ?? Totals()
            totals.count += left.count + 1
            totals.amount += left.amount + here.amount
            node = here.right
        }
        return totals
    }

    /// Returns entries in order, in O(log n + `most`).
    ///
    /// - Parameters:
    ///   - key: the entries begin after it; nil for the first.
    ///   - isDescending: whether the order is from the highest key.
    ///   - most: how many to return.
    /// - Returns: the entries.
    func page(
        after key: Key? = nil,
        descending isDescending: Bool = false,
        most: Int
    ) -> [(key: Key, value: Value)] {
        guard most > 0 else { return [] }
        var page: [(key: Key, value: Value)] = []
        page.reserveCapacity(min(most, count))
        // The nodes that are still to be visited, the next one last.
        var pending: [Node] = []
        func descend(_ start: Node?) {
            var node = start
            while let here = node {
                pending.append(here)
                node = isDescending ? here.right : here.left
            }
        }
        guard let key else {
            descend(root)
            return visit()
        }
        var node = root
        while let here = node {
            let isPast = isDescending ? here.key < key : key < here.key
            if isPast { pending.append(here) }
            node = isPast == isDescending ? here.right : here.left
        }
        return visit()

        func visit() -> [(key: Key, value: Value)] {
            while page.count < most, let node = pending.popLast() {
                page.append((node.key, node.value))
                descend(isDescending ? node.left : node.right)
            }
            return page
        }
    }

    /// Sets the value and the amount of a key.
    mutating func set(_ key: Key, to value: Value, amount: Int = 0) {
        root = Node.setting(key, to: value, amount: amount, in: root)
    }

    /// Removes a key, which may not be there.
    mutating func remove(_ key: Key) {
        guard self[key] != nil else { return }
        root = Node.removing(key, from: root)
    }
}

extension SortedMap {
    /// An entry, and those below and above it.
    fileprivate final class Node: Sendable {
        let key: Key
        let value: Value
        let amount: Int
        let left: Node?
        let right: Node?
        let totals: Totals

        init(_ key: Key, _ value: Value, _ amount: Int, _ left: Node?, _ right: Node?) {
            self.key = key
            self.value = value
            self.amount = amount
            self.left = left
            self.right = right
            var totals = Totals(count: 1, amount: amount)
            for child in [left, right] {
                guard let child else { continue }
                totals.count += child.totals.count
                totals.amount += child.totals.amount
            }
            self.totals = totals
        }

        /// The entry with others below and above it.
        private func with(_ left: Node?, _ right: Node?) -> Node {
            Node(key, value, amount, left, right)
        }

        static func setting(
            _ key: Key,
            to value: Value,
            amount: Int,
            in node: Node?
        ) -> Node {
            guard let node else { return Node(key, value, amount, nil, nil) }
            if key < node.key {
                let left = setting(key, to: value, amount: amount, in: node.left)
                return node.balanced(left, node.right)
            }
            if node.key < key {
                let right = setting(key, to: value, amount: amount, in: node.right)
                return node.balanced(node.left, right)
            }
            return Node(key, value, amount, node.left, node.right)
        }

        static func removing(_ key: Key, from node: Node?) -> Node? {
            guard let node else { return nil }
            if key < node.key { return node.balanced(removing(key, from: node.left), node.right) }
            if node.key < key { return node.balanced(node.left, removing(key, from: node.right)) }
            guard let left = node.left else { return node.right }
            guard let right = node.right else { return left }
            if left.totals.count > right.totals.count {
                let last = left.last
                return last.balanced(removing(last.key, from: left), right)
            }
            let first = right.first
            return first.balanced(left, removing(first.key, from: right))
        }

        private var first: Node {
            var node = self
            while let left = node.left { node = left }
            return node
        }

        private var last: Node {
            var node = self
            while let right = node.right { node = right }
            return node
        }

        /// The entry between two trees of which one may have become too heavy by one entry.
        private func balanced(_ left: Node?, _ right: Node?) -> Node {
            let weights = (Self.weight(left), Self.weight(right))
            if let right, weights.1 > 3 * weights.0 {
                if let inner = right.left, Self.weight(inner) >= 2 * Self.weight(right.right) {
                    return inner.with(with(left, inner.left), right.with(inner.right, right.right))
                }
                return right.with(with(left, right.left), right.right)
            }
            if let left, weights.0 > 3 * weights.1 {
                if let inner = left.right, Self.weight(inner) >= 2 * Self.weight(left.left) {
                    return inner.with(left.with(left.left, inner.left), with(inner.right, right))
                }
                return left.with(left.left, with(left.right, right))
            }
            return with(left, right)
        }

        static func depth(_ node: Node?) -> Int {
            node.map { 1 + max(depth($0.left), depth($0.right)) } ?? 0
        }

        private static func weight(_ node: Node?) -> Int { (node?.totals.count ?? 0) + 1 }
    }
}
