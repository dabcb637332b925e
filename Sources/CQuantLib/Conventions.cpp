#include "Conventions.hpp"

#include <ql/currencies/america.hpp>
#include <ql/currencies/europe.hpp>
#include <ql/indexes/ibor/chflibor.hpp>
#include <ql/indexes/ibor/euribor.hpp>
#include <ql/indexes/ibor/gbplibor.hpp>
#include <ql/indexes/ibor/jpylibor.hpp>
#include <ql/indexes/ibor/tibor.hpp>
#include <ql/indexes/ibor/usdlibor.hpp>
#include <ql/time/calendars/japan.hpp>
#include <ql/time/calendars/nullcalendar.hpp>
#include <ql/time/calendars/switzerland.hpp>
#include <ql/time/calendars/target.hpp>
#include <ql/time/calendars/unitedkingdom.hpp>
#include <ql/time/calendars/unitedstates.hpp>
#include <ql/time/calendars/weekendsonly.hpp>
#include <ql/time/daycounters/actual360.hpp>
#include <ql/time/daycounters/actual365fixed.hpp>
#include <ql/time/daycounters/actualactual.hpp>
#include <ql/time/daycounters/thirty360.hpp>

#include "Boundary.hpp"

namespace cql {

using namespace QuantLib;

// Calendars and day counters are kept: each is a shared pointer to rules that never change.

DayCounter makeDayCounter(int32_t dayCount) {
    static const DayCounter all[] = {
        Actual360(), Actual365Fixed(), Thirty360(Thirty360::BondBasis),
        Thirty360(Thirty360::European), ActualActual(ActualActual::ISDA)};
    if (dayCount < 0 || dayCount > CQL_ACTUAL_ACTUAL_ISDA) throw Invalid("no such day count");
    return all[dayCount];
}

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

Calendar makeCalendar(int32_t calendar) {
    static const Calendar all[] = {
        TARGET(), UnitedStates(UnitedStates::Settlement), UnitedKingdom(), Japan(),
        Switzerland(), WeekendsOnly(), NullCalendar()};
    if (calendar < 0 || calendar > CQL_NO_CALENDAR) throw Invalid("no such calendar");
    return all[calendar];
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

Schedule makeSchedule(const cql_schedule &schedule) {
    BusinessDayConvention convention = makeConvention(schedule.convention);
    return Schedule(
        Date(schedule.start), Date(schedule.end),
        makePeriod(schedule.tenor_count, schedule.tenor_unit), makeCalendar(schedule.calendar),
        convention, convention,
        schedule.is_backward ? DateGeneration::Backward : DateGeneration::Forward,
        schedule.is_end_of_month != 0);
}

ext::shared_ptr<IborIndex> makeIndex(
    int32_t family, const Period &tenor, const Handle<YieldTermStructure> &forward) {
    BusinessDayConvention convention =
        tenor.units() == Months || tenor.units() == Years ? ModifiedFollowing : Following;
    switch (family) {
    case CQL_EURIBOR: return ext::make_shared<Euribor>(tenor, forward);
    case CQL_USD_LIBOR: return ext::make_shared<USDLibor>(tenor, forward);
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
