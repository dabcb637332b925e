package import Finance

/// How many units of the base currency one unit of a currency is worth.
package struct BaseRates: Hashable, Sendable {
    private(set) var rates: [String: Double] = [:]

    package init() {}

    /// The rates of all currencies that a snapshot quotes.
    package init(of snapshot: MarketSnapshot) {
        let currencies = snapshot.exchangeRates.flatMap { [$0.base, $0.quote] }
        for currency in Set(currencies).union([snapshot.baseCurrency]) {
            rates[currency.rawValue] = snapshot.baseRate(of: currency)
        }
    }

    /// Parses a ``text``.
    package init(text: String) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let rate = Double(String(parts[1])) else { continue }
            rates[String(parts[0])] = rate
        }
    }

    /// A line for each currency, by code: `EUR 1.0`.
    package var text: String {
        rates.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
    }

    package subscript(currency: String) -> Double? { rates[currency] }
}
