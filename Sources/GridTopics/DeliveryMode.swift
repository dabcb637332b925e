/// How results and offsets reach Kafka.
public enum DeliveryMode: String, Hashable, Sendable, CaseIterable {
    /// Results, dead letters and offsets in one transaction: `results` holds a batch once.
    case exactlyOnce = "exactly-once"
    /// Offsets after results: a batch may be in `results` twice, and is joined once; for brokers
    /// without transactions, such as the embedded one.
    case atLeastOnce = "at-least-once"
}
