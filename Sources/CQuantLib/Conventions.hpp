#pragma once

#include <ql/handle.hpp>
#include <ql/indexes/iborindex.hpp>
#include <ql/termstructures/yieldtermstructure.hpp>
#include <ql/time/calendar.hpp>
#include <ql/time/daycounter.hpp>
#include <ql/time/schedule.hpp>

#include "include/cquantlib.h"

namespace cql {

/// A day count that needs two days only.
QuantLib::DayCounter makeDayCounter(int32_t dayCount);
/// Any day count, of a leg with these periods.
QuantLib::DayCounter makeDayCounter(int32_t dayCount, const QuantLib::Schedule &schedule);
QuantLib::BusinessDayConvention makeConvention(int32_t convention);
/// Puts QuantLib's calendars right, once; before any is used.
void repairCalendars();
/// A centre or several joined, with the days of `cql_calendar`; right where QuantLib 1.29 is not.
QuantLib::Calendar makeCalendar(int32_t calendar);
QuantLib::Period makePeriod(int32_t count, int32_t unit);
QuantLib::Schedule makeSchedule(const cql_schedule &schedule);
QuantLib::ext::shared_ptr<QuantLib::IborIndex> makeIndex(
    int32_t family, const QuantLib::Period &tenor,
    const QuantLib::Handle<QuantLib::YieldTermStructure> &forward);

}  // namespace cql
