public import Finance
import CQuantLib

/// Why a market snapshot cannot be priced on.
///
/// A trade that cannot be priced throws nothing: its failure is a value, ``FailureReason``.
public struct PricingError: Error, Hashable, Sendable {
    /// For programs.
    public var code: FailureReason.Code
    /// The field of the snapshot concerned; empty when no single field is concerned.
    public var field: String
    /// For people; one sentence.
    public var message: String

    /// Makes an error.
    public init(code: FailureReason.Code, field: String = "", message: String) {
        self.code = code
        self.field = field
        self.message = message
    }
}

extension PricingError: CustomStringConvertible {
    /// The field and what is wrong with it.
    public var description: String { field.isEmpty ? message : "\(field): \(message)" }
}

extension cql_error {
    /// What went wrong, in QuantLib's words.
    var text: String {
        withUnsafeBytes(of: message) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
