// How fractions of a year are counted.

#include <utility>

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
    default: return makeDayCounter(dayCount);
    }
}

}  // namespace cql

int cql_year_fraction(
    int32_t day_count, int32_t start, int32_t end, double *fraction, cql_error *error) {
    return cql::guarded(error, [&] {
        *fraction = cql::makeDayCounter(day_count).yearFraction(
            QuantLib::Date(start), QuantLib::Date(end));
    });
}
