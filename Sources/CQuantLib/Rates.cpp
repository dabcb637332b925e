// Swaps and forward rate agreements.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <ql/cashflows/fixedratecoupon.hpp>
#include <ql/cashflows/iborcoupon.hpp>
#include <ql/instruments/forwardrateagreement.hpp>
#include <ql/instruments/swap.hpp>

#include "Conventions.hpp"
#include "Session.hpp"

using namespace QuantLib;
using namespace cql;

namespace {

const double nothing = std::numeric_limits<double>::quiet_NaN();

/// Days by which a period of an index can end after the trade's own last day.
const Integer periodOverhang = 15;

cql_rates_result emptyResult() {
    return {0, nothing, nothing, nothing, nothing, nothing, nothing, nothing};
}

/// Moves the zero rates of the curves together, then those of each node by itself.
template <class Value>
double irDelta(
    Curve &discount, Curve &forward, Value value, double base, const Date &last,
    double *discountBuckets, double *forwardBuckets) {
    double parallel;
    {
        Bump bump;
        bump.link(discount, Curve::allNodes, 1);
        if (&forward != &discount) bump.link(forward, Curve::allNodes, 1);
        parallel = value() - base;
    }
    auto buckets = [&](Curve &curve, double *out) {
        std::fill(out, out + curve.size(), 0.0);
        int end = curve.nodesThatMatter(last);
        for (int node = 0; node < end; ++node) {
            if (!curve.isMovable(node)) continue;
            Bump bump;
            bump.link(curve, node, 1);
            out[node] = value() - base;
        }
    };
    buckets(discount, discountBuckets);
    if (&forward != &discount) buckets(forward, forwardBuckets);
    return parallel;
}

Leg fixedLeg(cql_session &session, const cql_swap &swap) {
    return FixedRateLeg(session.schedule(swap.fixed.schedule))
        .withNotionals(swap.notional)
        .withCouponRates(swap.fixed.rate, makeDayCounter(swap.fixed.day_count))
        .withPaymentAdjustment(makeConvention(swap.fixed.payment_convention));
}

Leg floatingLeg(cql_session &session, const cql_swap &swap, const RateIndex &index) {
    IborLeg leg(session.schedule(swap.floating.schedule), index.index);
    leg.withNotionals(swap.notional)
        .withPaymentDayCounter(makeDayCounter(swap.floating.day_count))
        .withPaymentAdjustment(makeConvention(swap.floating.payment_convention))
        .withSpreads(swap.floating.rate);
    if (swap.floating.fixing_days >= 0) leg.withFixingDays(Natural(swap.floating.fixing_days));
    return leg;
}

Date lastPayment(const Leg &leg) {
    Date last;
    for (const auto &flow : leg) last = std::max(last, flow->date());
    return last;
}

/// Says which past fixing is missing, if that is why a pricing failed.
void findMissingFixing(
    const Leg &floating, const RateIndex &index, int32_t position, const Date &today) {
    for (const auto &flow : floating) {
        auto coupon = ext::dynamic_pointer_cast<IborCoupon>(flow);
        if (!coupon || coupon->date() <= today || coupon->fixingDate() >= today) continue;
        if (index.fixings[coupon->fixingDate()] == Null<Real>())
            throw MissingFixing(position, coupon->fixingDate().serialNumber());
    }
}

void priceSwap(
    cql_session &session, const cql_swap &terms, cql_rates_result &result,
    double *discountBuckets, double *forwardBuckets) {
    const RateIndex &index = session.index(terms.index);
    Curve &discount = session.curve(terms.discount_curve);
    Curve &forward = session.curve(index.forwardCurve);
    Leg fixed = fixedLeg(session, terms);
    Leg floating = floatingLeg(session, terms, index);
    Date last = std::max(lastPayment(fixed), lastPayment(floating));
    if (last <= session.valuationDate) {
        result.is_expired = 1;
        return;
    }
    bool receivesFixed = terms.receives_fixed != 0;
    Swap swap({fixed, floating}, {!receivesFixed, receivesFixed});
    swap.setPricingEngine(discount.swapEngine());
    try {
        result.npv = swap.NPV();
    } catch (const std::exception &) {
        findMissingFixing(floating, index, terms.index, session.valuationDate);
        throw;
    }
    result.fixed_leg_npv = swap.legNPV(0);
    result.floating_leg_npv = swap.legNPV(1);
    if (terms.wanted & CQL_PAR_RATE) {
        double perBasisPoint = swap.legBPS(0);
        if (perBasisPoint != 0.0)
            result.par_rate = terms.fixed.rate - result.npv / (perBasisPoint / 1.0e-4);
    }
    if (terms.wanted & CQL_IR_DELTA)
        result.ir_delta = irDelta(
            discount, forward, [&] { return swap.NPV(); }, result.npv, last + periodOverhang,
            discountBuckets, forwardBuckets);
}

void priceForwardRateAgreement(
    cql_session &session, const cql_fra &terms, cql_rates_result &result,
    double *discountBuckets, double *forwardBuckets) {
    Date start(terms.start), end(terms.end);
    if (start < session.valuationDate) {
        result.is_expired = 1;
        return;
    }
    const RateIndex &index = session.index(terms.index);
    Curve &discount = session.curve(terms.discount_curve);
    Curve &forward = session.curve(index.forwardCurve);
    Date fixingDate = index.index->fixingDate(start);
    if (fixingDate < session.valuationDate && index.fixings[fixingDate] == Null<Real>())
        throw MissingFixing(terms.index, fixingDate.serialNumber());
    ForwardRateAgreement fra(
        start, end, terms.is_long ? Position::Long : Position::Short, terms.rate, terms.notional,
        index.index, discount.handle());
    result.npv = fra.NPV();
    if (terms.wanted & CQL_FORWARD_RATE) {
        InterestRate rate = fra.forwardRate();
        Date maturity =
            index.index->fixingCalendar().adjust(end, index.index->businessDayConvention());
        result.forward_rate = rate.rate();
        result.spot_value = terms.notional * rate.compoundFactor(start, maturity)
            * discount.handle()->discount(maturity);
    }
    if (terms.wanted & CQL_IR_DELTA) {
        Date last = std::max(end, index.index->maturityDate(start)) + periodOverhang;
        result.ir_delta = irDelta(
            discount, forward, [&] { return fra.NPV(); }, result.npv, last, discountBuckets,
            forwardBuckets);
    }
}

}  // namespace

int cql_price_swap(
    cql_session *session, const cql_swap *swap, cql_rates_result *result,
    double *discount_buckets, double *forward_buckets, cql_error *error) {
    *result = emptyResult();
    return guarded(error, [&] {
        session->activate();
        priceSwap(*session, *swap, *result, discount_buckets, forward_buckets);
    });
}

int cql_price_fra(
    cql_session *session, const cql_fra *fra, cql_rates_result *result,
    double *discount_buckets, double *forward_buckets, cql_error *error) {
    *result = emptyResult();
    return guarded(error, [&] {
        session->activate();
        priceForwardRateAgreement(*session, *fra, *result, discount_buckets, forward_buckets);
    });
}
