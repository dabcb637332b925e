import CQuantLib
import Finance

/// Where things of a snapshot are inside its QuantLib session, by what trades call them.
struct SnapshotTables {
    /// A curve of the session.
    struct LoadedCurve {
        var id: String
        var nodes: [CurveNode]
        /// Names of its buckets, `CURVE/DATE`, made when first wanted.
        var bucketNames: [String] = []
    }

    /// An index with a forward curve.
    struct LoadedIndex {
        var name: InterestRateIndex
        var position: Int32
        var forwardCurve: Int32
    }

    /// A share.
    struct LoadedEquity {
        var position: Int32
        var currency: Currency
    }

    /// By position.
    private(set) var curves: [LoadedCurve] = []
    private(set) var discountCurves: [Currency: Int32] = [:]
    private(set) var indices: [InterestRateIndex: LoadedIndex] = [:]
    private(set) var equities: [ExactText: LoadedEquity] = [:]

    /// Puts the snapshot's curves, indices, fixings and equities into a new session.
    init(loading snapshot: MarketSnapshot, into session: OpaquePointer) throws(PricingError) {
        var positions: [ExactText: Int32] = [:]
        for (number, curve) in snapshot.curves.enumerated() {
            positions[ExactText(curve.id)] = try Self.add(
                curve,
                to: session,
                field: "curves[\(number)]"
            )
            curves.append(LoadedCurve(id: curve.id, nodes: curve.nodes))
        }
        for (currency, id) in snapshot.discountCurves {
            discountCurves[currency] = positions[ExactText(id)]
        }
        for (index, id) in snapshot.forwardCurves.sorted(by: { $0.key.name < $1.key.name }) {
            guard let curve = positions[ExactText(id)] else { continue }
            indices[index] = try Self.add(index, forecastBy: curve, to: session)
        }
        for (number, fixing) in snapshot.fixings.enumerated() {
            // Without a forward curve no trade can refer to the index.
            guard let index = indices[fixing.index] else { continue }
            try Self.checked(field: "fixings[\(number)]") { error in
                cql_session_add_fixing(
                    session,
                    index.position,
                    fixing.date.serialNumber,
                    fixing.value,
                    &error
                )
            }
        }
        for (number, equity) in snapshot.equities.enumerated() {
            guard let dividend = positions[ExactText(equity.dividendCurve)],
                let funding = positions[ExactText(equity.fundingCurve)],
                let volatility = snapshot.volatilities.first(where: {
                    $0.id.isExactly(equity.volatility)
                })
            else { continue }
            // A flat volatility of an earlier day is today's number: engines of QuantLib disagree
            // on whether the days since then still count.
            var terms = cql_equity(
                spot: equity.spot,
                dividend_curve: dividend,
                funding_curve: funding,
                volatility: volatility.value,
                volatility_reference: snapshot.valuationDate.serialNumber,
                volatility_day_count: volatility.dayCount.code
            )
            var position: Int32 = 0
            try Self.checked(field: "equities[\(number)]") { error in
                cql_session_add_equity(session, &terms, &position, &error)
            }
            equities[ExactText(equity.id)] = LoadedEquity(
                position: position,
                currency: equity.currency
            )
        }
    }

    /// Returns the names of a curve's buckets, in the order of its nodes.
    mutating func bucketNames(of curve: Int32) -> [String] {
        let index = Int(curve)
        if curves[index].bucketNames.isEmpty {
            let id = curves[index].id
            curves[index].bucketNames = curves[index].nodes.map { "\(id)/\($0.date)" }
        }
        return curves[index].bucketNames
    }

    // MARK: Private

    private static func add(
        _ curve: Curve,
        to session: OpaquePointer,
        field: String
    ) throws(PricingError) -> Int32 {
        let dates = curve.nodes.map(\.date.serialNumber)
        let values = curve.nodes.map(\.value)
        var position: Int32 = 0
        try checked(field: field) { error in
            dates.withUnsafeBufferPointer { dates in
                values.withUnsafeBufferPointer { values in
                    var terms = cql_curve(
                        dates: dates.baseAddress,
                        values: values.baseAddress,
                        count: Int32(values.count),
                        is_zero_rate: curve.valueType == .zeroRate ? 1 : 0,
                        is_linear_zero: curve.interpolation == .linearZero ? 1 : 0,
                        extrapolates: curve.extrapolation == .flatForward ? 1 : 0,
                        day_count: curve.dayCount.code
                    )
                    return cql_session_add_curve(session, &terms, &position, &error)
                }
            }
        }
        return position
    }

    private static func add(
        _ index: InterestRateIndex,
        forecastBy curve: Int32,
        to session: OpaquePointer
    ) throws(PricingError) -> LoadedIndex {
        let field = "curveGroup.forward.\(index)"
        guard let family = index.code else {
            throw PricingError(
                code: .invalidSnapshot,
                field: field,
                message: "\(index) has no conventions here."
            )
        }
        var position: Int32 = 0
        try checked(field: field) { error in
            cql_session_add_index(
                session,
                family,
                Int32(index.tenor.count),
                index.tenor.unit.code,
                curve,
                &position,
                &error
            )
        }
        return LoadedIndex(name: index, position: position, forwardCurve: curve)
    }

    private static func checked(
        field: String,
        _ call: (inout cql_error) -> Int32
    ) throws(PricingError) {
        var error = cql_error()
        guard call(&error) != CQL_OK.rawValue else { return }
        throw PricingError(
            code: .invalidSnapshot,
            field: field,
            message: "QuantLib refuses it: \(error.text)"
        )
    }
}
