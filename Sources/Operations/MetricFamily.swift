/// The series of one metric's name.
struct MetricFamily: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    enum Series: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        case computed(@Sendable () -> Double)
    }

    var kind: Kind
    var help: String
    var series: [[String: String]: Series] = [:]

    init(kind: Kind, help: String) {
        self.kind = kind
        self.help = help
    }

    /// Writes the family in Prometheus' text format.
    func append(to text: inout String, as name: String) {
        let escapedHelp = help.map { character in
            switch character {
            case "\\": "\\\\"
            case "\n": "\\n"
            default: String(character)
            }
        }.joined()
        text += "# HELP \(name) \(escapedHelp)\n# TYPE \(name) \(kind.rawValue)\n"
        let sorted = series.map { (Self.labelText($0.key), $0.value) }.sorted { $0.0 < $1.0 }
        for (labels, series) in sorted {
            switch series {
            case .counter(let counter):
                Self.append(name, labels, counter.value, to: &text)
            case .gauge(let gauge):
                Self.append(name, labels, gauge.value, to: &text)
            case .computed(let value):
                Self.append(name, labels, value(), to: &text)
            case .histogram(let histogram):
                Self.append(name, labels, histogram.snapshot, to: &text)
            }
        }
    }

    // MARK: Lines

    private static func append(
        _ name: String,
        _ labels: String,
        _ value: Double,
        to text: inout String
    ) {
        text += name
        if !labels.isEmpty { text += "{\(labels)}" }
        text += " \(number(value))\n"
    }

    private static func append(
        _ name: String,
        _ labels: String,
        _ snapshot: Histogram.Snapshot,
        to text: inout String
    ) {
        var cumulative: UInt64 = 0
        let bounds = snapshot.bounds.map(number) + ["+Inf"]
        for (bound, count) in zip(bounds, snapshot.counts) {
            cumulative += count
            let bucket = labels.isEmpty ? "le=\"\(bound)\"" : "\(labels),le=\"\(bound)\""
            text += "\(name)_bucket{\(bucket)} \(cumulative)\n"
        }
        append(name + "_sum", labels, snapshot.sum, to: &text)
        append(name + "_count", labels, Double(cumulative), to: &text)
    }

    private static func labelText(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }.map { name, value in
            let escaped = value.map { character in
                switch character {
                case "\\": "\\\\"
                case "\"": "\\\""
                case "\n": "\\n"
                default: String(character)
                }
            }.joined()
            return "\(name)=\"\(escaped)\""
        }.joined(separator: ",")
    }

    /// The shortest text that reads back to the same number, whole numbers without a point.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        guard value == value.rounded(), abs(value) < 1e15 else { return "\(value)" }
        return String(Int64(value))
    }
}
