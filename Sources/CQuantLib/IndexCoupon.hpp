#pragma once

#include <vector>

#include <ql/cashflow.hpp>
#include <ql/cashflows/floatingratecoupon.hpp>
#include <ql/indexes/iborindex.hpp>
#include <ql/time/schedule.hpp>

#include "include/cquantlib.h"

namespace cql {

namespace ql = QuantLib;

/// A coupon that pays its index's own rate, as the index is published: from the value date of its
/// fixing over the index's tenor, by the index's calendars and rules.
///
/// QuantLib's IborCoupon has an "indexed" mode, but takes the value date of a Libor from London's
/// calendar alone; a fixing is from London's and the currency's.
class IndexCoupon : public ql::FloatingRateCoupon {
  public:
    using ql::FloatingRateCoupon::FloatingRateCoupon;

    ql::Rate indexFixing() const override;

    /// The first and the last day of the deposit whose rate it pays.
    const ql::Date &valueDate() const;
    const ql::Date &maturityDate() const;

  private:
    const ql::IborIndex &iborIndex() const;
    void findDates() const;

    // Found once: a leg is priced again for every bump of a curve.
    mutable ql::Date fixing, value, maturity;
    mutable ql::Time time = 0;
};

/// The floating coupons of a leg: of the index's own rate, or QuantLib's par coupons.
ql::Leg makeFloatingLeg(
    const ql::Schedule &schedule, const ql::ext::shared_ptr<ql::IborIndex> &index,
    const cql_leg &terms, double notional);

/// The last day for which a coupon asks the curve that forecasts it; 1901-01-01 when it has fixed
/// or is paid.
ql::Date lastForecastDay(const ql::CashFlow &flow, const ql::Date &today);

}  // namespace cql
