public import Finance

/// Returns the JSON of a market snapshot; it reads back equal, numbers to the same bits.
///
/// Assignments of curves are in alphabetical order, everything else as in the snapshot.
public func encodedSnapshot(_ snapshot: MarketSnapshot) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.add("{\"schema\":\"market-snapshot/1\"")
    bytes.addMember("snapshotId", snapshot.name)
    bytes.addMember("valuationDate", snapshot.valuationDate.description)
    bytes.addMember("baseCurrency", snapshot.baseCurrency.rawValue)
    bytes.addList("curves", snapshot.curves) { bytes, curve in
        bytes.addMember("id", curve.id)
        bytes.addMember("currency", curve.currency.rawValue)
        bytes.addMember("valueType", curve.valueType.rawValue)
        bytes.addMember("dayCount", curve.dayCount.rawValue)
        bytes.addMember("interpolation", curve.interpolation.rawValue)
        bytes.addMember("extrapolation", curve.extrapolation.rawValue)
        bytes.addList("nodes", curve.nodes, indent: "    ") { bytes, node in
            bytes.addMember("date", node.date.description)
            if !node.label.isEmpty { bytes.addMember("label", node.label) }
            bytes.addMember("value", node.value)
        }
    }
    bytes.add(",\n\"curveGroup\":{\n \"discount\":{")
    for (currency, id) in snapshot.discountCurves.sorted(by: { $0.key < $1.key }) {
        bytes.addMember(currency.rawValue, id)
    }
    bytes.add("},\n \"forward\":{")
    for (index, id) in snapshot.forwardCurves.sorted(by: { $0.key.name < $1.key.name }) {
        bytes.addMember(index.name, id)
    }
    bytes.add("}}")
    bytes.addList("fxRates", snapshot.exchangeRates) { bytes, rate in
        bytes.addMember("pair", "\(rate.base)/\(rate.quote)")
        bytes.addMember("value", rate.value)
    }
    bytes.addList("equities", snapshot.equities) { bytes, equity in
        bytes.addMember("id", equity.id)
        bytes.addMember("currency", equity.currency.rawValue)
        bytes.addMember("spot", equity.spot)
        bytes.addMember("dividendCurve", equity.dividendCurve)
        bytes.addMember("fundingCurve", equity.fundingCurve)
        bytes.addMember("volatility", equity.volatility)
    }
    bytes.addList("volatilities", snapshot.volatilities) { bytes, volatility in
        bytes.addMember("id", volatility.id)
        bytes.addMember("type", VolatilityType.blackFlat.rawValue)
        bytes.addMember("value", volatility.value)
        if let date = volatility.referenceDate {
            bytes.addMember("referenceDate", date.description)
        }
        bytes.addMember("dayCount", volatility.dayCount.rawValue)
    }
    bytes.addList("fixings", snapshot.fixings) { bytes, fixing in
        bytes.addMember("index", fixing.index.name)
        bytes.addMember("date", fixing.date.description)
        bytes.addMember("value", fixing.value)
    }
    bytes.add("}\n")
    return bytes
}

/// Returns the CSV files of a market snapshot by name; together they read back equal.
///
/// Curves need at least a node each, as they do to be valid.
public func encodedSnapshotFiles(_ snapshot: MarketSnapshot) -> [String: [UInt8]] {
    let day = snapshot.valuationDate.description
    var files: [String: [[String]]] = [:]
    files["snapshot.csv"] = [[snapshot.name, day, snapshot.baseCurrency.rawValue]]
    files["settings.csv"] = snapshot.curves.map { curve in
        [
            curve.id, curve.currency.rawValue, curve.valueType.rawValue, curve.dayCount.rawValue,
            curve.interpolation.rawValue, "None", curve.extrapolation.rawValue,
        ]
    }
    files["curves.csv"] = snapshot.curves.flatMap { curve in
        curve.nodes.map { [day, curve.id, $0.date.description, shortest($0.value), $0.label] }
    }
    files["groups.csv"] =
        snapshot.discountCurves.sorted { $0.key < $1.key }
        .map { ["Default", "discount", $0.key.rawValue, $0.value] }
        + snapshot.forwardCurves.sorted { $0.key.name < $1.key.name }
        .map { ["Default", "forward", $0.key.name, $0.value] }
    files["fx-rates.csv"] = snapshot.exchangeRates.map {
        [day, "\($0.base)/\($0.quote)", shortest($0.value)]
    }
    files["equities.csv"] = snapshot.equities.map {
        [
            day, $0.id, $0.currency.rawValue, shortest($0.spot), $0.dividendCurve,
            $0.fundingCurve, $0.volatility,
        ]
    }
    files["volatilities.csv"] = snapshot.volatilities.map {
        [
            day, $0.id, VolatilityType.blackFlat.rawValue, shortest($0.value),
            $0.referenceDate?.description ?? "", $0.dayCount.rawValue,
        ]
    }
    files["fixings.csv"] = snapshot.fixings.map {
        [$0.index.name, $0.date.description, shortest($0.value)]
    }
    var encoded: [String: [UInt8]] = [:]
    for (name, rows) in files {
        var bytes: [UInt8] = []
        bytes.addRow(CSVSnapshotReader.columns[name, default: []].map(\.name))
        for row in rows { bytes.addRow(row) }
        encoded[name] = bytes
    }
    return encoded
}

extension [UInt8] {
    /// Adds a list of objects, one a line.
    fileprivate mutating func addList<Item>(
        _ name: String,
        _ elements: [Item],
        indent: String = " ",
        _ addMembers: (inout [UInt8], Item) -> Void
    ) {
        add(",\n\(indent.dropLast())\"\(name)\":[")
        for (position, element) in elements.enumerated() {
            add(position == 0 ? "\n\(indent){" : ",\n\(indent){")
            addMembers(&self, element)
            add("}")
        }
        add("]")
    }
}
