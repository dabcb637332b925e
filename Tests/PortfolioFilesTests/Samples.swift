import Finance
import PortfolioFiles

/// The problems that a reading ends with, as lines; nothing when it succeeds.
func problemLines<Value>(_ read: () throws(FileProblems) -> Value) -> [String] {
    do throws(FileProblems) {
        _ = try read()
        return []
    } catch {
        return error.description.split(separator: "\n").map(String.init)
    }
}

/// Reads a portfolio from text.
func portfolio(
    _ text: String,
    _ name: String = "p.json",
    limits: FileLimits = .default
) throws(FileProblems) -> Portfolio {
    try readPortfolio(bytes: Array(text.utf8), name: name, limits: limits)
}

/// A directory of the repository.
let examples: String = {
    var path = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    path.removeLast(3)
    return path.joined(separator: "/") + "/examples"
}()

/// FNV-1a, to tell one run of bytes from another.
func fingerprint(_ bytes: [UInt8]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return String(hash, radix: 16)
}

/// A sound agreement as a JSON object, with some fields replaced or added.
func agreement(_ id: String, _ changes: [String: String] = [:]) -> String {
    var fields = [
        "tradeId": "\"\(id)\"", "type": "\"FRA\"", "longShort": "\"Long\"",
        "notional": "1000000", "rate": "0.02", "index": "\"EUR-EURIBOR-6M\"",
        "startDate": "\"2026-04-20\"", "endDate": "\"2026-10-20\"",
    ]
    fields.merge(changes) { $1 }
    return "{"
        + fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
        .joined(separator: ", ") + "}"
}

/// A sound swap as a JSON object, with the schedule's start on a line of its own.
let swapObject = """
    {"tradeId": "S", "type": "Swap", "legs": [
      {"payReceive": "Receive", "legType": "Floating", "currency": "EUR", "notional": 1e7,
       "index": "EUR-EURIBOR-6M", "dayCount": "A360", "schedule": {
        "startDate": "2026-01-19", "endDate": "2031-01-19", "frequency": "P6M", "calendar": "TARGET"}},
      {"payReceive": "Pay", "legType": "Fixed", "currency": "EUR", "notional": 10000000,
       "rate": 0.025, "dayCount": "30U/360", "paymentConvention": "MF", "schedule": {
        "startDate": "2026-01-19", "endDate": "2031-01-19", "frequency": "1Y", "calendar": "EUTA"}}]}
    """

let csvHeader =
    "tradeId,type,book,convention,payReceive,longShort,notional,rate,index,startDate,endDate,tenor,"
    + "underlying,currency,optionType,style,strike,expiryDate\n"
