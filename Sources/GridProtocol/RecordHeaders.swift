internal import Finance

/// The headers of valgrid's records: what a record is, without decoding it.
public struct RecordHeaders: Hashable, Sendable {
    /// The header with the message's name in the schema, `valgrid.v1.Batch`; its `v1` is the
    /// schema's version.
    public static let schemaName = "valgrid-schema"
    /// The header with the job's id.
    public static let jobIDName = "valgrid-job"
    /// The header with the batch's index, in decimal digits.
    public static let batchIndexName = "valgrid-batch"

    /// The message's name in the schema; nil when the header is absent.
    public var schema: String?
    /// The job's id; nil when the header is absent.
    public var jobID: String?
    /// The batch's index; nil when the header is absent.
    public var batchIndex: UInt32?

    /// Makes the headers of a message.
    public init(
        schema: (some WireMessage).Type,
        jobID: String? = nil,
        batchIndex: UInt32? = nil
    ) {
        self.schema = schema.schemaName
        self.jobID = jobID
        self.batchIndex = batchIndex
    }

    /// Reads headers; foreign headers, and headers with invalid values, are ignored.
    public init(_ headers: [(name: String, value: [UInt8])]) {
        for (name, value) in headers {
            guard let text = String(validating: value, as: UTF8.self), text.isStreamSafe else {
                continue
            }
            switch name {
            case Self.schemaName: schema = text
            case Self.jobIDName: jobID = text
            case Self.batchIndexName: batchIndex = UInt32(text)
            default: break
            }
        }
    }

    /// The headers that are set, with their bytes.
    public var list: [(name: String, value: [UInt8])] {
        var list: [(name: String, value: [UInt8])] = []
        if let schema { list.append((Self.schemaName, Array(schema.utf8))) }
        if let jobID { list.append((Self.jobIDName, Array(jobID.utf8))) }
        if let batchIndex { list.append((Self.batchIndexName, Array(String(batchIndex).utf8))) }
        return list
    }

    /// Whether the record may be decoded as `message`: its header names it, or there is no header.
    public func permits(_ message: (some WireMessage).Type) -> Bool {
        schema == nil || schema == message.schemaName
    }
}

/// The keys of our records.
public enum RecordKey {
    /// The key of a batch, `JOB/INDEX`.
    public static func batch(_ jobID: JobID, index: Int) -> [UInt8] {
        Array("\(jobID)/\(index)".utf8)
    }

    /// The key of a job's record and results.
    public static func job(_ jobID: JobID) -> [UInt8] {
        Array(jobID.rawValue.utf8)
    }

    /// The key of a snapshot.
    public static func snapshot(_ id: SnapshotID) -> [UInt8] {
        Array(id.rawValue.utf8)
    }
}
