import CQuantLib
import Finance

// The numbers by which cquantlib.h knows conventions.

extension CalendarDate {
    /// The day by QuantLib's number of it.
    init(serial: Int32) { self.init(daysSince1970: serial - 25_569) }
}

extension DayCount {
    var code: Int32 {
        switch self {
        case .actual360: Int32(CQL_ACTUAL_360.rawValue)
        case .actual365Fixed: Int32(CQL_ACTUAL_365_FIXED.rawValue)
        case .thirty360: Int32(CQL_THIRTY_360.rawValue)
        case .thirtyE360: Int32(CQL_THIRTY_E_360.rawValue)
        case .actualActualISDA: Int32(CQL_ACTUAL_ACTUAL_ISDA.rawValue)
        case .thirtyU360: Int32(CQL_THIRTY_U_360.rawValue)
        case .actualActualICMA: Int32(CQL_ACTUAL_ACTUAL_ICMA.rawValue)
        case .noLeap365: Int32(CQL_NO_LEAP_365.rawValue)
        case .thirtyE360ISDA: Int32(CQL_THIRTY_E_360_ISDA.rawValue)
        }
    }
}

extension BusinessDayConvention {
    var code: Int32 {
        switch self {
        case .following: Int32(CQL_FOLLOWING.rawValue)
        case .modifiedFollowing: Int32(CQL_MODIFIED_FOLLOWING.rawValue)
        case .preceding: Int32(CQL_PRECEDING.rawValue)
        case .modifiedPreceding: Int32(CQL_MODIFIED_PRECEDING.rawValue)
        case .unadjusted: Int32(CQL_UNADJUSTED.rawValue)
        }
    }
}

extension BusinessCalendar {
    /// The codes of the parts, added up.
    var code: Int32 { centres.reduce(0) { $0 | $1.code } }
}

extension BusinessCalendar.Centre {
    fileprivate var code: Int32 {
        switch self {
        case .target: Int32(CQL_TARGET.rawValue)
        case .newYork: Int32(CQL_NEW_YORK.rawValue)
        case .governmentSecurities: Int32(CQL_GOVERNMENT_SECURITIES.rawValue)
        case .federalEmployees: Int32(CQL_FEDERAL_EMPLOYEES.rawValue)
        case .london: Int32(CQL_LONDON.rawValue)
        case .tokyo: Int32(CQL_TOKYO.rawValue)
        case .zurich: Int32(CQL_ZURICH.rawValue)
        case .weekendsOnly: Int32(CQL_WEEKENDS_ONLY.rawValue)
        case .none: Int32(CQL_NO_CALENDAR.rawValue)
        }
    }
}

extension Tenor.Unit {
    var code: Int32 {
        switch self {
        case .days: Int32(CQL_DAYS.rawValue)
        case .weeks: Int32(CQL_WEEKS.rawValue)
        case .months: Int32(CQL_MONTHS.rawValue)
        case .years: Int32(CQL_YEARS.rawValue)
        }
    }
}

extension InterestRateIndex {
    /// The family in QuantLib, where Libor is a class for each currency; nil for none.
    var code: Int32? {
        switch (family, currency) {
        case (.euribor, .eur): Int32(CQL_EURIBOR.rawValue)
        case (.libor, .usd): Int32(CQL_USD_LIBOR.rawValue)
        case (.libor, .gbp): Int32(CQL_GBP_LIBOR.rawValue)
        case (.libor, .chf): Int32(CQL_CHF_LIBOR.rawValue)
        case (.libor, .jpy): Int32(CQL_JPY_LIBOR.rawValue)
        case (.tibor, .jpy): Int32(CQL_TIBOR.rawValue)
        case (.sofrTerm, .usd): Int32(CQL_TERM_SOFR.rawValue)
        case (.soniaTerm, .gbp): Int32(CQL_TERM_SONIA.rawValue)
        default: nil
        }
    }
}

extension EquityOption.Method {
    var code: Int32 {
        switch self {
        case .analyticEuropean: Int32(CQL_ANALYTIC_EUROPEAN.rawValue)
        case .qdFp: Int32(CQL_QD_FP.rawValue)
        case .finiteDifferences: Int32(CQL_FINITE_DIFFERENCES.rawValue)
        case .baroneAdesiWhaley: Int32(CQL_BARONE_ADESI_WHALEY.rawValue)
        case .bjerksundStensland: Int32(CQL_BJERKSUND_STENSLAND.rawValue)
        case .ju: Int32(CQL_JU.rawValue)
        }
    }

    /// The engine in results.
    var label: String {
        switch self {
        case .analyticEuropean: "QuantLib AnalyticEuropean"
        case .qdFp: "QuantLib QdFp accurate"
        case .finiteDifferences: "QuantLib FiniteDifferences 400x400"
        case .baroneAdesiWhaley: "QuantLib BaroneAdesiWhaley"
        case .bjerksundStensland: "QuantLib BjerksundStensland"
        case .ju: "QuantLib Ju"
        }
    }
}

extension Metric {
    /// The flag by which a pricing call is asked for the metric.
    var wanted: UInt32 {
        switch self {
        case .npv: CQL_NPV.rawValue
        case .parRate: CQL_PAR_RATE.rawValue
        case .fwdRate: CQL_FORWARD_RATE.rawValue
        case .irDelta: CQL_IR_DELTA.rawValue
        case .optionPV: CQL_OPTION_PV.rawValue
        case .delta: CQL_DELTA.rawValue
        case .gamma: CQL_GAMMA.rawValue
        case .vega: CQL_VEGA.rawValue
        case .theta: CQL_THETA.rawValue
        case .rho: CQL_RHO.rawValue
        }
    }
}

extension cql_schedule {
    init(_ schedule: Schedule) {
        self.init(
            start: schedule.startDate.serialNumber,
            end: schedule.endDate.serialNumber,
            tenor_count: Int32(schedule.frequency.count),
            tenor_unit: schedule.frequency.unit.code,
            calendar: schedule.calendar.code,
            convention: schedule.convention.code,
            is_backward: schedule.roll == .backward ? 1 : 0,
            is_end_of_month: schedule.endOfMonth ? 1 : 0
        )
    }
}

extension cql_leg {
    init(_ leg: SwapLeg) {
        let (rate, fixingDays, forecast): (Double, Int?, LegRate.Forecast) =
            switch leg.rate {
            case .fixed(let rate): (rate, nil, .index)
            case .floating(_, let spread, let fixingDays, let forecast):
                (spread, fixingDays, forecast)
            }
        self.init(
            schedule: cql_schedule(leg.schedule),
            day_count: leg.dayCount.code,
            payment_convention: leg.paymentConvention.code,
            rate: rate,
            fixing_days: fixingDays.map(Int32.init) ?? -1,
            forecasts_period: forecast == .period ? 1 : 0
        )
    }
}
