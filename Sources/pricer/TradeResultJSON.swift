internal import Finance

/// Writes a result the way reports do, for one trade priced by hand.
enum TradeResultJSON {
    static func line(_ id: String, type: String, _ result: TradeResult) -> String {
        var fields = ["\"tradeId\":\(quoted(id))", "\"type\":\(quoted(type))"]
        switch result.outcome {
        case .priced(let values):
            fields.append("\"status\":\"ok\"")
            let metrics = values.map { "\(quoted($0.metric.rawValue)):\(object($0))" }
            fields.append("\"metrics\":{\(metrics.joined(separator: ","))}")
        case .expired:
            fields.append("\"status\":\"expired\"")
        case .failed(let reason):
            fields.append("\"status\":\"error\"")
            fields.append(
                "\"error\":{\"code\":\(quoted(reason.code.rawValue)),"
                    + "\"field\":\(quoted(reason.field)),\"message\":\(quoted(reason.message))}"
            )
        }
        fields.append("\"engine\":\(quoted(result.engine))")
        fields.append("\"cpuMicroseconds\":\(result.cpuMicroseconds)")
        return "{\(fields.joined(separator: ","))}"
    }

    private static func object(_ value: MetricValue) -> String {
        var fields = ["\"value\":\(value.value)", "\"unit\":\(quoted(value.metric.unit.rawValue))"]
        if let base = value.baseValue { fields.append("\"baseValue\":\(base)") }
        if !value.factors.isEmpty {
            let factors = value.factors.map { "\(quoted($0.name)):\($0.value)" }
            fields.append("\"factors\":{\(factors.joined(separator: ","))}")
        }
        return "{\(fields.joined(separator: ","))}"
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
