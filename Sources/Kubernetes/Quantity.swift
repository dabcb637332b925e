/// Kubernetes' way to write amounts.
enum Quantity {
    /// An amount of CPU in thousandths of a core, rounded up; nil for what is none.
    static func millicores(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard !digits.isEmpty, let value = Double(digits), value.isFinite else { return nil }
        let factor: Double
        switch text.dropFirst(digits.count) {
        case "n": factor = 1e-6
        case "u": factor = 1e-3
        case "m": factor = 1
        case "": factor = 1_000
        case "k": factor = 1_000_000
        default: return nil
        }
        return Int(exactly: (value * factor).rounded(.up))
    }
}
