// The days of a leg's periods.

#include <algorithm>
#include <vector>

#include <ql/time/calendars/nullcalendar.hpp>
#include <ql/time/schedule.hpp>

#include "Boundary.hpp"
#include "Conventions.hpp"

namespace cql {

using namespace QuantLib;

namespace {

/// Days of periods under the end-of-month rule; a regular period at a position ends there.
struct PeriodDays {
    std::vector<Date> dates;
    std::vector<bool> isRegular;
};

/// Counts from `seed` in steps of the tenor until `exit` is passed, and adds `exit` unless the
/// last day counted is the same one once adjusted.
PeriodDays count(
    const Date &seed, const Date &exit, const Period &tenor, int sign, const Calendar &calendar,
    BusinessDayConvention convention) {
    const NullCalendar everyDay;
    PeriodDays days{{seed}, {}};
    for (int periods = 1;; ++periods) {
        Date next = everyDay.advance(seed, sign * periods * tenor, Unadjusted, true);
        if (sign > 0 ? next > exit : next < exit) break;
        if (calendar.adjust(days.dates.back(), convention) == calendar.adjust(next, convention))
            continue;
        days.dates.push_back(next);
        days.isRegular.push_back(true);
    }
    if (calendar.adjust(days.dates.back(), convention) != calendar.adjust(exit, convention)) {
        bool isRegular = sign < 0
            && everyDay.advance(days.dates.back(), -tenor, Unadjusted, true) == exit;
        days.dates.push_back(exit);
        days.isRegular.push_back(isRegular);
    }
    if (sign < 0) {
        std::reverse(days.dates.begin(), days.dates.end());
        std::reverse(days.isRegular.begin(), days.isRegular.end());
    }
    return days;
}

/// A schedule whose first and last day are the agreed ones, adjusted by the convention, and whose
/// other days are ends of months, adjusted likewise.
///
/// As QuantLib does since 1.38; 1.29 moves the first and the last day to the month's end as well
/// (until 1.30), and days between them to its last business day whatever the convention.
Schedule endOfMonthSchedule(
    const Date &start, const Date &end, const Period &tenor, const Calendar &calendar,
    BusinessDayConvention convention, bool isBackward) {
    PeriodDays days = isBackward ? count(end, start, tenor, -1, calendar, convention)
                                 : count(start, end, tenor, 1, calendar, convention);
    std::vector<Date> &dates = days.dates;
    for (size_t i = 1; i + 1 < dates.size(); ++i)
        dates[i] = calendar.adjust(Date::endOfMonth(dates[i]), convention);
    dates.front() = calendar.adjust(start, convention);
    dates.back() = calendar.adjust(end, convention);
    // A day moved to its month's end can reach the last day, one adjusted backwards the first.
    if (dates.size() > 2 && dates[dates.size() - 2] >= dates.back()) {
        days.isRegular.pop_back();
        days.isRegular.back() = dates[dates.size() - 2] == dates.back();
        dates.erase(dates.end() - 2);
    }
    if (dates.size() > 2 && dates[1] <= dates.front()) {
        days.isRegular.erase(days.isRegular.begin());
        days.isRegular.front() = dates[1] == dates.front();
        dates.erase(dates.begin() + 1);
    }
    return Schedule(
        dates, calendar, convention, convention, tenor,
        isBackward ? DateGeneration::Backward : DateGeneration::Forward, true, days.isRegular);
}

}  // namespace

Schedule makeSchedule(const cql_schedule &schedule) {
    const BusinessDayConvention convention = makeConvention(schedule.convention);
    const Calendar calendar = makeCalendar(schedule.calendar);
    const Period tenor = makePeriod(schedule.tenor_count, schedule.tenor_unit);
    const Date start(schedule.start), end(schedule.end);
    const bool isBackward = schedule.is_backward != 0;
    if (calendar.adjust(start, convention) >= calendar.adjust(end, convention))
        throw Invalid(
            "its first and last day are one business day; a later endDate or another calendar or "
            "convention is needed");
    const bool isInMonths = tenor.units() == Months || tenor.units() == Years;
    if (schedule.is_end_of_month != 0 && isInMonths
        && calendar.isEndOfMonth(isBackward ? end : start))
        return endOfMonthSchedule(start, end, tenor, calendar, convention, isBackward);
    return Schedule(
        start, end, tenor, calendar, convention, convention,
        isBackward ? DateGeneration::Backward : DateGeneration::Forward,
        schedule.is_end_of_month != 0);
}

}  // namespace cql

int cql_schedule_dates(
    const cql_schedule *schedule, int32_t *dates, int32_t capacity, int32_t *count,
    cql_error *error) {
    return cql::guarded(error, [&] {
        const QuantLib::Schedule made = cql::makeSchedule(*schedule);
        *count = int32_t(made.size());
        for (int32_t i = 0; i < std::min(*count, capacity); ++i)
            dates[i] = made.date(i).serialNumber();
    });
}
