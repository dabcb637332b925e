// Swaps and forward rate agreements.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <ql/instruments/forwardrateagreement.hpp>
#include <ql/instruments/swap.hpp>

#include "Conventions.hpp"
#include "IndexCoupon.hpp"
#include "RatesFlows.hpp"
#include "Session.hpp"

using namespace QuantLib;
using namespace cql;

namespace {

const double nothing = std::numeric_limits<double>::quiet_NaN();

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

Date lastPayment(const Leg &leg) {
    Date last;
    for (const auto &flow : leg) last = std::max(last, flow->date());
    return last;
}

/// The last day for which the leg asks the curve that forecasts it.
Date lastForecast(const Leg &floating, const Date &today) {
    Date last;
    for (const auto &flow : floating) last = std::max(last, lastForecastDay(*flow, today));
    return last;
}

/// Says which past fixing is missing, if that is why a pricing failed.
void findMissingFixing(
    const Leg &floating, const RateIndex &index, int32_t position, const Date &today) {
    for (const auto &flow : floating) {
        auto coupon = ext::dynamic_pointer_cast<FloatingRateCoupon>(flow);
        if (!coupon || coupon->date() <= today || coupon->fixingDate() >= today) continue;
        if (index.fixings[coupon->fixingDate()] == Null<Real>())
            throw MissingFixing(position, coupon->fixingDate().serialNumber());
    }
}

/// Says which curve ends too early, if that is why a pricing failed.
void findUncoveredDay(
    cql_session &session, int32_t curve, const Date &day, const char *what) {
    if (!session.curve(curve).covers(day)) throw OutsideCurve(what, curve, day.serialNumber());
}

const char *const lastPaymentNeed = "The last payment", *const lastRateNeed = "The last rate";

void priceSwap(
    cql_session &session, const cql_swap &terms, cql_rates_result &result,
    double *discountBuckets, double *forwardBuckets) {
    const Date today = session.valuationDate;
    // A swap whose floating leg is paid needs no index.
    const RateIndex *index = terms.index < 0 ? nullptr : &session.index(terms.index);
    if (!index && !isPaid(session, terms.floating)) throw NoForwardCurve();
    Curve &discount = session.curve(terms.discount_curve);
    Curve &forward = index ? session.curve(index->forwardCurve) : discount;
    Leg fixed = fixedLeg(session, terms);
    Leg floating;
    if (index) floating = floatingLeg(session, terms, *index);
    Date last = std::max(lastPayment(fixed), lastPayment(floating));
    if (last <= today) {
        result.is_expired = 1;
        return;
    }
    bool receivesFixed = terms.receives_fixed != 0;
    Swap swap({fixed, floating}, {!receivesFixed, receivesFixed});
    swap.setPricingEngine(discount.swapEngine());
    try {
        result.npv = swap.NPV();
    } catch (const std::exception &) {
        if (index) {
            findMissingFixing(floating, *index, terms.index, today);
            findUncoveredDay(
                session, index->forwardCurve, lastForecast(floating, today), lastRateNeed);
        }
        findUncoveredDay(session, terms.discount_curve, last, lastPaymentNeed);
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
            discount, forward, [&] { return swap.NPV(); }, result.npv,
            std::max(last, lastForecast(floating, today)), discountBuckets, forwardBuckets);
}

void priceForwardRateAgreement(
    cql_session &session, const cql_fra &terms, cql_rates_result &result,
    double *discountBuckets, double *forwardBuckets) {
    Date start(terms.start);
    // It is paid at the start; what is paid on the valuation date does not count, as in a swap.
    if (start <= session.valuationDate) {
        result.is_expired = 1;
        return;
    }
    const RateIndex &index = session.index(terms.index);
    Curve &discount = session.curve(terms.discount_curve);
    Curve &forward = session.curve(index.forwardCurve);
    Date fixingDate = index.index->fixingDate(start);
    if (fixingDate < session.valuationDate && index.fixings[fixingDate] == Null<Real>())
        throw MissingFixing(terms.index, fixingDate.serialNumber());
    Date end = adjustedEnd(*index.index, Date(terms.end));
    Date forecastEnd = index.index->maturityDate(index.index->valueDate(fixingDate));
    ForwardRateAgreement fra(
        start, end, terms.is_long ? Position::Long : Position::Short, terms.rate, terms.notional,
        index.index, discount.handle());
    try {
        result.npv = fra.NPV();
    } catch (const std::exception &) {
        findUncoveredDay(session, index.forwardCurve, forecastEnd, lastRateNeed);
        findUncoveredDay(session, terms.discount_curve, start, lastPaymentNeed);
        throw;
    }
    if (terms.wanted & CQL_FORWARD_RATE) {
        InterestRate rate = fra.forwardRate();
        result.forward_rate = rate.rate();
        findUncoveredDay(session, terms.discount_curve, end, lastPaymentNeed);
        result.spot_value =
            terms.notional * rate.compoundFactor(start, end) * discount.handle()->discount(end);
    }
    if (terms.wanted & CQL_IR_DELTA)
        result.ir_delta = irDelta(
            discount, forward, [&] { return fra.NPV(); }, result.npv, std::max(end, forecastEnd),
            discountBuckets, forwardBuckets);
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
