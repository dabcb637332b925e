/// A queue: elements leave in the order they came, each in constant time.
struct Fifo<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { head == elements.count }
    var first: Element? { isEmpty ? nil : elements[head] }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head].take()
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: head <= 1024)
            head = 0
        } else if head >= 64, head * 2 >= elements.count {
            elements.removeSubrange(..<head)
            head = 0
        }
        return element
    }

    mutating func removeAll() {
        elements.removeAll()
        head = 0
    }

    mutating func removeAll(where isRemoved: (Element) -> Bool) {
        elements = elements[head...].filter { element in element.map { !isRemoved($0) } ?? false }
        head = 0
    }

    /// The elements, first in first.
    var contents: [Element] { elements[head...].compactMap { $0 } }
}
