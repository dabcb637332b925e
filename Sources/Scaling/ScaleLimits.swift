public import GridAPI

/// Between how many engines an operator may choose.
public struct ScaleLimits: Hashable, Sendable {
    /// The most engines that anybody may ask for.
    public static let most = 1_000

    /// Engines at least.
    public var least: Int
    /// Engines at most.
    public var most: Int

    /// Makes limits; nil unless 0 <= least <= most <= ``most``, and most is not 0.
    public init?(least: Int, most: Int) {
        guard 0 <= least, least <= most, 0 < most, most <= Self.most else { return nil }
        self.least = least
        self.most = most
    }

    /// Reads limits as an option has them: `LEAST..MOST`, as `2..16`.
    public init?(_ text: String) {
        guard let dots = text.firstRange(of: "..") else { return nil }
        guard let least = Self.number(text[..<dots.lowerBound]),
            let most = Self.number(text[dots.upperBound...])
        else { return nil }
        self.init(least: least, most: most)
    }

    /// As an answer has them.
    public var status: ScaleStatus.Limits { ScaleStatus.Limits(least: least, most: most) }

    /// What a request asks for, once it is found to make sense.
    public enum Change: Hashable, Sendable {
        /// This number of engines.
        case count(Int)
        /// These bounds for the autoscaler.
        case bounds(least: Int, most: Int)
        /// The bounds that the autoscaler had before it was held.
        case giveBack
    }

    /// Checks a request.
    ///
    /// - Parameters:
    ///   - request: as it came.
    ///   - beyond: whether the user may go beyond these limits.
    /// - Returns: what it asks for.
    /// - Throws: ``ScalingError`` with `bad_request` or `out_of_bounds`.
    public func change(
        of request: ScaleRequest,
        beyond: Bool
    ) throws(ScalingError) -> Change {
        let givesBack = request.giveBack == true
        switch (request.count, request.least, request.most, givesBack) {
        case (let count?, nil, nil, false):
            try check(count, "count", beyond)
            return .count(count)
        case (nil, let least?, let most?, false):
            guard least <= most else {
                throw ScalingError(
                    .outOfBounds,
                    "at least \(least) and at most \(most) engines leaves no number"
                )
            }
            try check(least, "least", beyond)
            try check(most, "most", beyond)
            return .bounds(least: least, most: most)
        case (nil, nil, nil, true):
            return .giveBack
        default:
            throw ScalingError(
                .badRequest,
                "give either count, or least and most, or giveBack"
            )
        }
    }

    private func check(_ value: Int, _ name: String, _ beyond: Bool) throws(ScalingError) {
        guard value >= 0, value <= Self.most else {
            throw ScalingError(
                .outOfBounds,
                "\(name) \(value): a grid has from 0 to \(Self.most) engines"
            )
        }
        guard beyond || (least...most).contains(value) else {
            throw ScalingError(
                .outOfBounds,
                "\(name) \(value): operators may choose from \(least) to \(most) engines; an admin"
                    + " may go beyond"
            )
        }
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            return nil
        }
        return Int(text)
    }
}
