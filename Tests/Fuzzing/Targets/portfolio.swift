import Finance
import PortfolioFiles

/// Portfolio files: the first letter says which form, the rest is the file.
///
/// `J` JSON, `L` JSON lines, `C` CSV, `A` to be found out; small letters for small limits.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let letter = input.first else { return -1 }
    let format: PortfolioFormat?
    switch letter & ~0x20 {
    case UInt8(ascii: "J"): format = .json
    case UInt8(ascii: "L"): format = .jsonLines
    case UInt8(ascii: "C"): format = .csv
    case UInt8(ascii: "A"): format = nil
    default: return -1
    }
    let limits = limits(for: letter)
    do throws(FileProblems) {
        check(
            try readPortfolio(
                bytes: Array(input.dropFirst()),
                name: "portfolio",
                format: format,
                limits: limits
            )
        )
    } catch {
        check(error, limits: limits)
    }
    return 0
}

/// A portfolio that was read is sound, and reads back from each form in which it can be written.
private func check(_ portfolio: Portfolio) {
    require(!portfolio.trades.isEmpty, "a portfolio has trades")
    require(portfolio.lines.count == portfolio.trades.count, "each trade has a line")
    require(
        Set(portfolio.trades.map(\.id)).count == portfolio.trades.count,
        "ids are unique"
    )
    for trade in portfolio.trades {
        require(trade.problems().isEmpty, "a trade that was read has no problems")
    }
    for format in PortfolioFormat.allCases {
        // Not every trade fits into the columns of CSV.
        guard let bytes = try? encodedPortfolio(portfolio, format: format) else {
            require(format == .csv, "JSON holds every trade")
            continue
        }
        let again = mustSucceed("a written portfolio is read") { () throws(FileProblems) in
            try readPortfolio(bytes: bytes, name: "portfolio", format: format)
        }
        require(again.trades == portfolio.trades, "trades survive \(format)")
    }
}
