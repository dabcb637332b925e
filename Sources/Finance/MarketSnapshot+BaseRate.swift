extension MarketSnapshot {
    /// Returns how many units of the base currency one unit of `currency` is worth: quoted
    /// directly, inverted, or crossed through any number of currencies; nil when no chain of pairs
    /// leads to the base currency.
    ///
    /// Of several chains the shortest counts; of chains of one length, the one whose currencies,
    /// read from `currency` on, come first in the alphabet. A pair that is quoted is never crossed.
    public func baseRate(of currency: Currency) -> Double? {
        if currency == baseCurrency { return 1 }
        let quotes = quotes()
        let distances = distances(over: quotes)
        guard var left = distances[currency] else { return nil }
        var rate = 1.0
        var here = currency
        while left > 0 {
            left -= 1
            let next = (quotes[here] ?? [:]).filter { distances[$0.key] == left }
                .min { $0.key < $1.key }
            guard let next else { return nil }
            rate *= next.value
            here = next.key
        }
        return rate
    }

    /// What one unit of a currency costs in another, by the one and the other; of two quotes of a
    /// pair the first counts, and one as it is quoted before one that is inverted.
    private func quotes() -> [Currency: [Currency: Double]] {
        var quotes: [Currency: [Currency: Double]] = [:]
        for rate in exchangeRates where quotes[rate.base]?[rate.quote] == nil {
            quotes[rate.base, default: [:]][rate.quote] = rate.value
        }
        for rate in exchangeRates where quotes[rate.quote]?[rate.base] == nil {
            quotes[rate.quote, default: [:]][rate.base] = 1 / rate.value
        }
        return quotes
    }

    /// How many pairs lead from each currency to the base currency, at least.
    private func distances(over quotes: [Currency: [Currency: Double]]) -> [Currency: Int] {
        var distances = [baseCurrency: 0]
        var reached = [baseCurrency]
        var distance = 0
        while !reached.isEmpty {
            distance += 1
            let neighbours = Set(reached.flatMap { (quotes[$0] ?? [:]).keys })
            reached = neighbours.filter { distances[$0] == nil }
            for currency in reached { distances[currency] = distance }
        }
        return distances
    }
}
