import CRDKafka

extension KafkaHandle {
    /// The membership of the group as librdkafka encodes it; `nil` without one.
    ///
    /// A membership without member id must never go with a transaction: Kafka treats its offsets
    /// as those of a producer outside the group, and does not fence them.
    var membership: [UInt8]? {
        guard let metadata = rd_kafka_consumer_group_metadata(pointer) else { return nil }
        defer { rd_kafka_consumer_group_metadata_destroy(metadata) }
        var buffer: UnsafeMutableRawPointer?
        var size = 0
        let error = rd_kafka_consumer_group_metadata_write(metadata, &buffer, &size)
        guard KafkaError(consuming: error) == nil, let buffer else { return nil }
        defer { rd_kafka_mem_free(nil, buffer) }
        let bytes = [UInt8](UnsafeRawBufferPointer(start: buffer, count: size))
        return MembershipEncoding(bytes)?.isMember == true ? bytes : nil
    }
}

/// The fields of librdkafka's encoding of a membership: `CGMDv2:`, the generation as 32 bits, group
/// and member id with a zero at their ends, and further fields that are not used here.
struct MembershipEncoding: Hashable, Sendable {
    var generation: Int32
    var group: String
    var member: String

    init?(_ bytes: [UInt8]) {
        let magic = Array("CGMDv2:".utf8)
        guard bytes.count > magic.count + 4, bytes.starts(with: magic) else { return nil }
        let number = bytes[magic.count..<magic.count + 4]
        generation = number.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
        let texts = bytes[(magic.count + 4)...].split(
            separator: 0,
            maxSplits: 2,
            omittingEmptySubsequences: false
        )
        guard texts.count == 3 else { return nil }
        group = String(decoding: texts[0], as: UTF8.self)
        member = String(decoding: texts[1], as: UTF8.self)
    }

    /// Whether the group's coordinator can check that this membership is still valid.
    var isMember: Bool { generation >= 0 && !member.isEmpty }
}
