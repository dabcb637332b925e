internal import Foundation

/// JSON of the services' answers: a line a field, keys by name, doubles as they read back.
public enum APIJSON {
    /// Why a body is no answer of the kind that was asked for.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// For people.
        public var description: String
    }

    /// Encodes an answer, with a line feed behind it.
    ///
    /// - Throws: ``Problem`` for a number that is not finite, which JSON does not have.
    public static func encoded(_ value: some Encodable) throws(Problem) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoded(value, by: encoder)
    }

    /// Encodes a line of a stream, with its line feed.
    ///
    /// - Throws: ``Problem`` for a number that is not finite, which JSON does not have.
    public static func line(_ value: some Encodable) throws(Problem) -> [UInt8] {
        try encoded(value, by: lineEncoder())
    }

    /// Encodes lines of a stream, each with its line feed; leaves out those with a number that is
    /// not finite, which JSON does not have.
    public static func lines(_ values: [some Encodable]) -> [UInt8] {
        let encoder = lineEncoder()
        return values.flatMap { (try? encoded($0, by: encoder)) ?? [] }
    }

    private static func lineEncoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// Decodes an answer.
    ///
    /// - Throws: ``Problem`` that names the key.
    public static func decoded<Value: Decodable>(
        _ type: Value.Type = Value.self,
        from bytes: [UInt8]
    ) throws(Problem) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw Problem(description: (error as? DecodingError)?.reason ?? "\(error)")
        }
    }

    private static func encoded(
        _ value: some Encodable,
        by encoder: JSONEncoder
    ) throws(Problem) -> [UInt8] {
        do {
            return Array(try encoder.encode(value)) + [0x0A]
        } catch {
            throw Problem(description: "\(error)")
        }
    }
}
