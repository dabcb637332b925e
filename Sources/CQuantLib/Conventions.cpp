#include "Conventions.hpp"

#include <ql/currencies/america.hpp>
#include <ql/currencies/europe.hpp>
#include <ql/indexes/ibor/chflibor.hpp>
#include <ql/indexes/ibor/euribor.hpp>
#include <ql/indexes/ibor/gbplibor.hpp>
#include <ql/indexes/ibor/jpylibor.hpp>
#include <ql/indexes/ibor/tibor.hpp>
#include <ql/time/calendars/unitedkingdom.hpp>
#include <ql/time/calendars/unitedstates.hpp>
#include <ql/time/daycounters/actual360.hpp>
#include <ql/time/daycounters/actual365fixed.hpp>

#include "Boundary.hpp"

namespace cql {

using namespace QuantLib;

BusinessDayConvention makeConvention(int32_t convention) {
    switch (convention) {
    case CQL_FOLLOWING: return Following;
    case CQL_MODIFIED_FOLLOWING: return ModifiedFollowing;
    case CQL_PRECEDING: return Preceding;
    case CQL_MODIFIED_PRECEDING: return ModifiedPreceding;
    case CQL_UNADJUSTED: return Unadjusted;
    default: throw Invalid("no such business day convention");
    }
}

Period makePeriod(int32_t count, int32_t unit) {
    switch (unit) {
    case CQL_DAYS: return Period(count, Days);
    case CQL_WEEKS: return Period(count, Weeks);
    case CQL_MONTHS: return Period(count, Months);
    case CQL_YEARS: return Period(count, Years);
    default: throw Invalid("no such unit of time");
    }
}

ext::shared_ptr<IborIndex> makeIndex(
    int32_t family, const Period &tenor, const Handle<YieldTermStructure> &forward) {
    repairCalendars();
    BusinessDayConvention convention =
        tenor.units() == Months || tenor.units() == Years ? ModifiedFollowing : Following;
    switch (family) {
    case CQL_EURIBOR: return ext::make_shared<Euribor>(tenor, forward);
    case CQL_USD_LIBOR:
        // QuantLib's own has the days of federal employees, not those of New York's banks.
        return ext::make_shared<Libor>(
            "USDLibor", tenor, 2, USDCurrency(), makeCalendar(CQL_NEW_YORK), Actual360(), forward);
    case CQL_GBP_LIBOR: return ext::make_shared<GBPLibor>(tenor, forward);
    case CQL_CHF_LIBOR: return ext::make_shared<CHFLibor>(tenor, forward);
    case CQL_JPY_LIBOR: return ext::make_shared<JPYLibor>(tenor, forward);
    case CQL_TIBOR: return ext::make_shared<Tibor>(tenor, forward);
    case CQL_TERM_SOFR:
        return ext::make_shared<IborIndex>(
            "TermSOFR", tenor, 2, USDCurrency(), UnitedStates(UnitedStates::GovernmentBond),
            convention, false, Actual360(), forward);
    case CQL_TERM_SONIA:
        return ext::make_shared<IborIndex>(
            "TermSONIA", tenor, 0, GBPCurrency(), UnitedKingdom(), convention, false,
            Actual365Fixed(), forward);
    default: throw Invalid("no such family of indices");
    }
}

}  // namespace cql
