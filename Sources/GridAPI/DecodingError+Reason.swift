extension DecodingError {
    /// What of a JSON text is not as it should be, for people: `jobs.0.state is missing`.
    public var reason: String {
        func place(_ context: Context, _ key: (any CodingKey)? = nil) -> String {
            let path = (context.codingPath + (key.map { [$0] } ?? []))
                .map { $0.intValue.map(String.init) ?? $0.stringValue }
            return path.isEmpty ? "it" : path.joined(separator: ".")
        }
        switch self {
        case .keyNotFound(let key, let context): return "\(place(context, key)) is missing"
        case .valueNotFound(_, let context): return "\(place(context)) has no value"
        case .typeMismatch(_, let context): return "\(place(context)) is of another kind"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "it is not JSON" : "\(place(context)) cannot be understood"
        @unknown default: return "it cannot be understood"
        }
    }
}
