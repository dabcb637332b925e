// How fractions of a year are counted.

#include <map>
#include <string>
#include <utility>

#include <ql/time/calendars/nullcalendar.hpp>
#include <ql/time/daycounters/actual360.hpp>
#include <ql/time/daycounters/actual365fixed.hpp>
#include <ql/time/daycounters/actualactual.hpp>
#include <ql/time/daycounters/thirty360.hpp>

#include "Boundary.hpp"
#include "Conventions.hpp"

namespace cql {

using namespace QuantLib;

namespace {

bool isLastOfFebruary(const Date &date) {
    return date.month() == February && Date::isEndOfMonth(date);
}

/// 30U/360: ISDA 2006 4.16(f) in which the last day of February counts as the 30th, as the second
/// day only when it is also the first.
///
/// `Thirty360(USA)` looks at the second day's 31st before the first day's February until QuantLib
/// 1.38, and gives 181 days from 28 February to 31 August instead of 180.
class ThirtyU360 : public DayCounter {
  public:
    ThirtyU360() : DayCounter(ext::make_shared<Impl>()) {}

  private:
    class Impl : public DayCounter::Impl {
      public:
        std::string name() const override { return "30U/360"; }
        Date::serial_type dayCount(const Date &start, const Date &end) const override {
            Day first = start.dayOfMonth(), last = end.dayOfMonth();
            if (isLastOfFebruary(start)) {
                if (isLastOfFebruary(end)) last = 30;
                first = 30;
            }
            if (first == 31) first = 30;
            if (last == 31 && first == 30) last = 30;
            return 360 * (end.year() - start.year()) + 30 * (end.month() - start.month())
                + (last - first);
        }
        Time yearFraction(
            const Date &start, const Date &end, const Date &, const Date &) const override {
            return dayCount(start, end) / 360.0;
        }
    };
};

/// The dates of a schedule's rolls, a stub's beyond its agreed days too.
Date rollDate(const Schedule &schedule, int periods) {
    const bool isBackward = schedule.rule() == DateGeneration::Backward;
    const Date seed = isBackward ? schedule.endDate() : schedule.startDate();
    const Date day = NullCalendar().advance(
        seed, (isBackward ? -periods : periods) * schedule.tenor(), Unadjusted,
        schedule.endOfMonth());
    return schedule.endOfMonth() && schedule.calendar().isEndOfMonth(seed) ? Date::endOfMonth(day)
                                                                           : day;
}

/// Actual/Actual (ICMA), rule 251 of ICMA's rules, of a leg whose periods are not adjusted: a
/// regular period is 1/frequency, a stub its part of the regular period that it is cut from.
class ActualActualICMA : public DayCounter {
  public:
    explicit ActualActualICMA(const Schedule &schedule)
        : DayCounter(ext::make_shared<Impl>(schedule)) {}

  private:
    class Impl : public DayCounter::Impl {
      public:
        explicit Impl(const Schedule &schedule) {
            const Period tenor = schedule.tenor();
            const int months = tenor.units() == Years ? 12 * tenor.length() : tenor.length();
            if ((tenor.units() != Months && tenor.units() != Years) || 12 % months != 0)
                throw Invalid("Act/Act ICMA needs a frequency that divides a year");
            if (schedule.businessDayConvention() != Unadjusted
                && schedule.calendar() != NullCalendar())
                throw Invalid("Act/Act ICMA needs periods that are not adjusted");
            const int count = int(schedule.size()) - 1;
            for (int i = 0; i < count; ++i) {
                const Date start = schedule.date(i), end = schedule.date(i + 1);
                Date first = start, last = end;
                if (!schedule.isRegular(i + 1)) {
                    if (schedule.rule() == DateGeneration::Backward)
                        first = rollDate(schedule, count);
                    else
                        last = rollDate(schedule, count);
                }
                fractions[{start, end}] =
                    double(end - start) / double(last - first) * months / 12.0;
            }
        }
        std::string name() const override { return "Actual/Actual (ICMA) of a leg"; }
        Time yearFraction(
            const Date &start, const Date &end, const Date &, const Date &) const override {
            auto found = fractions.find({start, end});
            if (found == fractions.end())
                throw Invalid("Act/Act ICMA counts the periods of a leg only");
            return found->second;
        }

      private:
        std::map<std::pair<Date, Date>, Time> fractions;
    };
};

}  // namespace

DayCounter makeDayCounter(int32_t dayCount) {
    // Kept: each is a shared pointer to rules that never change.
    static const DayCounter all[] = {
        Actual360(),
        Actual365Fixed(),
        Thirty360(Thirty360::BondBasis),
        Thirty360(Thirty360::European),
        ActualActual(ActualActual::ISDA),
        ThirtyU360(),
        Actual365Fixed(Actual365Fixed::NoLeap)};
    if (dayCount < 0 || dayCount > CQL_NO_LEAP_365)
        throw Invalid("no such day count, or one that needs the periods of a leg");
    return all[dayCount];
}

DayCounter makeDayCounter(int32_t dayCount, const Schedule &schedule) {
    switch (dayCount) {
    case CQL_THIRTY_E_360_ISDA: return Thirty360(Thirty360::ISDA, schedule.dates().back());
    case CQL_ACTUAL_ACTUAL_ICMA: return ActualActualICMA(schedule);
    default: return makeDayCounter(dayCount);
    }
}

}  // namespace cql

int cql_leg_years(
    int32_t day_count, const cql_schedule *schedule, double *years, cql_error *error) {
    return cql::guarded(error, [&] {
        const QuantLib::Schedule made = cql::makeSchedule(*schedule);
        const QuantLib::DayCounter counter = cql::makeDayCounter(day_count, made);
        *years = 0;
        for (size_t i = 1; i < made.size(); ++i)
            *years += counter.yearFraction(made.date(i - 1), made.date(i));
    });
}

int cql_year_fraction(
    int32_t day_count, int32_t start, int32_t end, double *fraction, cql_error *error) {
    return cql::guarded(error, [&] {
        *fraction = cql::makeDayCounter(day_count).yearFraction(
            QuantLib::Date(start), QuantLib::Date(end));
    });
}
