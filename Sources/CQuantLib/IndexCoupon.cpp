#include "IndexCoupon.hpp"

#include <ql/cashflows/capflooredcoupon.hpp>
#include <ql/cashflows/cashflowvectors.hpp>
#include <ql/cashflows/couponpricer.hpp>
#include <ql/cashflows/iborcoupon.hpp>
#include <ql/settings.hpp>

#include "Conventions.hpp"

namespace cql {

using namespace QuantLib;

namespace {

/// Pays the coupon's fixing and spread, without an option.
class SwapletPricer : public FloatingRateCouponPricer {
  public:
    void initialize(const FloatingRateCoupon &priced) override { coupon = &priced; }
    Rate swapletRate() const override {
        return coupon->gearing() * coupon->indexFixing() + coupon->spread();
    }
    Real swapletPrice() const override { QL_FAIL("a swaplet has a rate here, no price"); }
    Real capletPrice(Rate) const override { QL_FAIL("a swaplet has no cap"); }
    Rate capletRate(Rate) const override { QL_FAIL("a swaplet has no cap"); }
    Real floorletPrice(Rate) const override { QL_FAIL("a swaplet has no floor"); }
    Rate floorletRate(Rate) const override { QL_FAIL("a swaplet has no floor"); }

  private:
    const FloatingRateCoupon *coupon = nullptr;
};

}  // namespace

const IborIndex &IndexCoupon::iborIndex() const {
    return static_cast<const IborIndex &>(*index_);
}

void IndexCoupon::findDates() const {
    if (maturity != Date()) return;
    value = index_->valueDate(fixingDate());
    time = index_->dayCounter().yearFraction(value, index_->maturityDate(value));
    QL_REQUIRE(time > 0, "the period of " << index_->name() << " from " << value << " is empty");
    maturity = index_->maturityDate(value);
}

const Date &IndexCoupon::valueDate() const {
    findDates();
    return value;
}

const Date &IndexCoupon::maturityDate() const {
    findDates();
    return maturity;
}

Rate IndexCoupon::indexFixing() const {
    if (fixing == Date()) fixing = fixingDate();
    // The index knows what has fixed, and whether it has fixed today.
    if (fixing <= Settings::instance().evaluationDate()) return index_->fixing(fixing);
    findDates();
    const Handle<YieldTermStructure> curve = iborIndex().forwardingTermStructure();
    return (curve->discount(value) / curve->discount(maturity) - 1.0) / time;
}

Leg makeFloatingLeg(
    const Schedule &schedule, const ext::shared_ptr<IborIndex> &index, const cql_leg &terms,
    double notional) {
    const DayCounter dayCounter = makeDayCounter(terms.day_count, schedule);
    const BusinessDayConvention payment = makeConvention(terms.payment_convention);
    const Natural fixingDays =
        terms.fixing_days >= 0 ? Natural(terms.fixing_days) : index->fixingDays();
    if (terms.forecasts_period)
        return IborLeg(schedule, index)
            .withNotionals(notional)
            .withPaymentDayCounter(dayCounter)
            .withPaymentAdjustment(payment)
            .withSpreads(terms.rate)
            .withFixingDays(fixingDays)
            .withAtParCoupons();
    Leg leg = FloatingLeg<IborIndex, IndexCoupon, CappedFlooredIborCoupon>(
        schedule, {notional}, index, dayCounter, payment, {fixingDays}, {}, {terms.rate}, {}, {},
        false, false);
    const auto pricer = ext::make_shared<SwapletPricer>();
    for (const auto &flow : leg)
        ext::static_pointer_cast<IndexCoupon>(flow)->setPricer(pricer);
    return leg;
}

Date lastForecastDay(const CashFlow &flow, const Date &today) {
    if (flow.date() <= today) return Date::minDate();
    if (auto coupon = dynamic_cast<const IndexCoupon *>(&flow))
        return coupon->fixingDate() < today ? Date::minDate() : coupon->maturityDate();
    if (auto coupon = dynamic_cast<const IborCoupon *>(&flow))
        return coupon->fixingDate() < today ? Date::minDate() : coupon->fixingEndDate();
    return Date::minDate();
}

}  // namespace cql
