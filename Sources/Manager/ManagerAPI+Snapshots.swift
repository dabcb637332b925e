internal import Finance
internal import GridAPI
internal import GridProtocol
internal import GridSubmission
internal import HTTP
internal import Operations
internal import PortfolioFiles

extension ManagerAPI {
    private struct SnapshotAnswer: Encodable {
        var id: String
        var name: String
        var valuationDate: String
        var baseCurrency: String
        /// Of its record.
        var bytes: Int
        var sentAt: String
        /// Jobs that are priced on it.
        var jobs: Int
    }

    private struct SnapshotContent: Encodable {
        struct CurveAnswer: Encodable {
            struct Node: Encodable {
                var date: String
                var label: String?
                var value: Double
            }

            var id: String
            var currency: String
            var valueType: String
            var dayCount: String
            var interpolation: String
            var extrapolation: String
            /// What is discounted and forecast on it.
            var uses: [String]
            var nodes: [Node]

            init(_ curve: Curve, uses: [String]) {
                id = curve.id
                currency = curve.currency.rawValue
                valueType = curve.valueType.rawValue
                dayCount = curve.dayCount.rawValue
                interpolation = curve.interpolation.rawValue
                extrapolation = curve.extrapolation.rawValue
                self.uses = uses
                nodes = curve.nodes.map { node in
                    Node(
                        date: node.date.description,
                        label: node.label.isEmpty ? nil : node.label,
                        value: node.value
                    )
                }
            }
        }

        struct RateAnswer: Encodable {
            var pair: String
            var value: Double
        }

        struct EquityAnswer: Encodable {
            var id: String
            var currency: String
            var spot: Double
            var dividendCurve: String
            var fundingCurve: String
            var volatility: String
        }

        struct VolatilityAnswer: Encodable {
            var id: String
            var value: Double
        }

        struct FixingsAnswer: Encodable {
            var index: String
            var count: Int
            var first: String
            var last: String
        }

        var id: String
        var name: String
        var valuationDate: String
        var baseCurrency: String
        var curves: [CurveAnswer]
        var fxRates: [RateAnswer]
        var equities: [EquityAnswer]
        var volatilities: [VolatilityAnswer]
        var fixings: [FixingsAnswer]
        /// The newest jobs that are priced on it, at most 20.
        var jobs: [String]
    }

    /// Markets that were sent.
    var snapshotRoutes: [Route] {
        [
            Route(
                method: "GET",
                path: "/snapshots",
                access: .right(.see),
                summary: "Market snapshots in their topic, the one that was sent last first.",
                query: [("limit", "1 to 500")],
                answer: snapshots
            ),
            Route(
                method: "GET",
                path: "/snapshots/{hash}",
                access: .right(.see),
                summary: "A snapshot's curves, rates, equities and volatilities, and its fixings "
                    + "by index.",
                answer: snapshot
            ),
            Route(
                method: "GET",
                path: "/snapshots/{hash}/file",
                access: .right(.download),
                summary: "A snapshot as a market file, JSON.",
                answer: { (call) throws(Problem) in
                    let hash = call.parameter("hash")
                    var response = HTTPResponse.json(
                        encodedSnapshot(try self.maker.snapshot(hash))
                    )
                    response.headers["Content-Disposition"] =
                        "attachment; filename=\"market.json\""
                    return response
                }
            ),
        ]
    }

    private func snapshots(_ call: Call) throws(Problem) -> HTTPResponse {
        let all = try grid.snapshots()
        let uses = table.snapshotUses()
        let items = all.prefix(try call.limit()).map { snapshot in
            SnapshotAnswer(
                id: snapshot.id.rawValue,
                name: snapshot.name,
                valuationDate: "\(snapshot.valuationDate)",
                baseCurrency: snapshot.baseCurrency,
                bytes: snapshot.bytes,
                sentAt: Timestamp.iso8601(snapshot.sentAt),
                jobs: uses[snapshot.id.rawValue] ?? 0
            )
        }
        return try .value(
            ListAnswer(items: items, total: all.count, asOf: Timestamp.iso8601(Timestamp.now))
        )
    }

    private func snapshot(_ call: Call) throws(Problem) -> HTTPResponse {
        let hash = call.parameter("hash")
        let snapshot = try maker.snapshot(hash)
        var uses: [String: [String]] = [:]
        for (currency, curve) in snapshot.discountCurves.sorted(by: { $0.key < $1.key }) {
            uses[curve, default: []].append("discount \(currency)")
        }
        for (index, curve) in snapshot.forwardCurves.sorted(by: { $0.key.name < $1.key.name }) {
            uses[curve, default: []].append("forward \(index.name)")
        }
        let fixings = Dictionary(grouping: snapshot.fixings, by: \.index.name)
        return try .value(
            SnapshotContent(
                id: hash,
                name: snapshot.name,
                valuationDate: "\(snapshot.valuationDate)",
                baseCurrency: snapshot.baseCurrency.rawValue,
                curves: snapshot.curves.map { curve in
                    SnapshotContent.CurveAnswer(curve, uses: uses[curve.id] ?? [])
                },
                fxRates: snapshot.exchangeRates.map {
                    SnapshotContent.RateAnswer(pair: "\($0.base)/\($0.quote)", value: $0.value)
                },
                equities: snapshot.equities.map { equity in
                    SnapshotContent.EquityAnswer(
                        id: equity.id,
                        currency: equity.currency.rawValue,
                        spot: equity.spot,
                        dividendCurve: equity.dividendCurve,
                        fundingCurve: equity.fundingCurve,
                        volatility: equity.volatility
                    )
                },
                volatilities: snapshot.volatilities.map {
                    SnapshotContent.VolatilityAnswer(id: $0.id, value: $0.value)
                },
                fixings: fixings.sorted { $0.key < $1.key }.map { index, values in
                    let dates = values.map(\.date).sorted()
                    return SnapshotContent.FixingsAnswer(
                        index: index,
                        count: values.count,
                        first: dates.first?.description ?? "",
                        last: dates.last?.description ?? ""
                    )
                },
                jobs: table.jobs(on: hash, most: 20)
            )
        )
    }
}
