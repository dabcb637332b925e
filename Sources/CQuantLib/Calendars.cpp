// Business days: QuantLib's calendars, put right where QuantLib 1.29 is wrong.

#include <map>
#include <utility>
#include <vector>

#include <ql/time/calendars/japan.hpp>
#include <ql/time/calendars/jointcalendar.hpp>
#include <ql/time/calendars/nullcalendar.hpp>
#include <ql/time/calendars/switzerland.hpp>
#include <ql/time/calendars/target.hpp>
#include <ql/time/calendars/unitedkingdom.hpp>
#include <ql/time/calendars/unitedstates.hpp>
#include <ql/time/calendars/weekendsonly.hpp>

#include "Boundary.hpp"
#include "Conventions.hpp"

namespace cql {

using namespace QuantLib;

namespace {

/// QuantLib's days of US government securities, open on a Good Friday in the first week of April:
/// payrolls are published then, and since 1996 the market closes at noon and not for the day.
class GovernmentSecurities : public Calendar {
  public:
    GovernmentSecurities() { impl_ = ext::make_shared<Impl>(); }

  private:
    class Impl : public Calendar::WesternImpl {
      public:
        std::string name() const override { return "US government securities"; }
        bool isBusinessDay(const Date &date) const override {
            bool isGoodFriday = date.dayOfYear() == easterMonday(date.year()) - 3;
            if (isGoodFriday && date.year() >= 1996 && date.dayOfMonth() <= 7) return true;
            return base.isBusinessDay(date);
        }

      private:
        const Calendar base = UnitedStates(UnitedStates::GovernmentBond);
    };
};

const std::pair<int32_t, Calendar> *findCentre(int32_t bit) {
    static const std::pair<int32_t, Calendar> centres[] = {
        {CQL_TARGET, TARGET()},
        {CQL_NEW_YORK, UnitedStates(UnitedStates::FederalReserve)},
        {CQL_GOVERNMENT_SECURITIES, GovernmentSecurities()},
        {CQL_FEDERAL_EMPLOYEES, UnitedStates(UnitedStates::Settlement)},
        {CQL_LONDON, UnitedKingdom()},
        {CQL_TOKYO, Japan()},
        {CQL_ZURICH, Switzerland()},
        {CQL_WEEKENDS_ONLY, WeekendsOnly()},
        {CQL_NO_CALENDAR, NullCalendar()}};
    for (const auto &centre : centres)
        if (centre.first == bit) return &centre;
    return nullptr;
}

}  // namespace

void repairCalendars() {
    static const bool isDone = [] {
        // The Federal Reserve Banks are open on a Friday before a holiday on a Saturday; QuantLib
        // knows it of all but Juneteenth (mended in 1.33).
        UnitedStates federalReserve(UnitedStates::FederalReserve);
        for (Year year = 2022; year <= 2199; ++year)
            if (Date(18, June, year).weekday() == Friday)
                federalReserve.removeHoliday(Date(18, June, year));
        // Federal employees had the first Juneteenth off, a day after it became law.
        UnitedStates(UnitedStates::Settlement).addHoliday(Date(18, June, 2021));
        // Until the law of 2005 (in force from 2007) a holiday on a Sunday moved the next day only,
        // and 4 May was one already: nothing moved to 6 May but from 5 May.
        for (Year year = 1986; year < 2007; ++year) {
            Date day(6, May, year);
            if (day.weekday() == Tuesday || day.weekday() == Wednesday)
                Japan().removeHoliday(day);
        }
        return true;
    }();
    (void)isDone;
}

Calendar makeCalendar(int32_t calendar) {
    repairCalendars();
    // Kept: each is a shared pointer to rules that never change.
    static std::map<int32_t, Calendar> known;
    auto found = known.find(calendar);
    if (found != known.end()) return found->second;
    std::vector<Calendar> parts;
    int32_t rest = calendar;
    for (int32_t bit = 1; rest > 0; bit <<= 1) {
        if ((rest & bit) == 0) continue;
        rest &= ~bit;
        const auto *centre = findCentre(bit);
        if (!centre) throw Invalid("no such calendar");
        parts.push_back(centre->second);
    }
    if (parts.empty()) throw Invalid("no such calendar");
    Calendar made = parts.size() == 1 ? parts[0] : JointCalendar(parts, JoinHolidays);
    return known.emplace(calendar, made).first->second;
}

}  // namespace cql

int cql_is_business_day(int32_t calendar, int32_t date, int32_t *is_business_day, cql_error *error) {
    return cql::guarded(error, [&] {
        *is_business_day =
            cql::makeCalendar(calendar).isBusinessDay(QuantLib::Date(date)) ? 1 : 0;
    });
}
