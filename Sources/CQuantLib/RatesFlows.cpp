// The cash flows of swaps and forward rate agreements, and what they need of a market.

#include "RatesFlows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ql/cashflows/fixedratecoupon.hpp>
#include <ql/cashflows/iborcoupon.hpp>
#include <ql/indexes/ibor/libor.hpp>
#include <ql/instruments/forwardrateagreement.hpp>

#include "Conventions.hpp"
#include "IndexCoupon.hpp"

namespace cql {

using namespace QuantLib;

Leg fixedLeg(cql_session &session, const cql_swap &swap) {
    const Schedule &schedule = session.schedule(swap.fixed.schedule);
    return FixedRateLeg(schedule)
        .withNotionals(swap.notional)
        .withCouponRates(swap.fixed.rate, makeDayCounter(swap.fixed.day_count, schedule))
        .withPaymentAdjustment(makeConvention(swap.fixed.payment_convention));
}

Leg floatingLeg(cql_session &session, const cql_swap &swap, const RateIndex &index) {
    return makeFloatingLeg(
        session.schedule(swap.floating.schedule), index.index, swap.floating, swap.notional);
}

bool isPaid(cql_session &session, const cql_leg &leg) {
    const Schedule &schedule = session.schedule(leg.schedule);
    Date last = schedule.calendar().adjust(
        schedule.dates().back(), makeConvention(leg.payment_convention));
    return last <= session.valuationDate;
}

Date adjustedEnd(const IborIndex &index, const Date &end) {
    auto libor = dynamic_cast<const Libor *>(&index);
    const Calendar calendar = libor ? libor->jointCalendar() : index.fixingCalendar();
    return calendar.adjust(end, index.businessDayConvention());
}

}  // namespace cql

using namespace QuantLib;
using namespace cql;

namespace {

const double nothing = std::numeric_limits<double>::quiet_NaN();

/// Collects what a trade needs.
class Needs {
  public:
    Needs(cql_session &session, cql_needs &needs, int32_t *fixings, int32_t capacity)
        : today(session.valuationDate), needs(needs), fixings(fixings), capacity(capacity) {}

    void addFixing(const Date &date) {
        if (needs.fixing_count < capacity) fixings[needs.fixing_count] = date.serialNumber();
        ++needs.fixing_count;
    }

    /// A rate of the index that is fixed on `fixing`, or forecast up to `last`.
    void addRate(const RateIndex &index, const Date &fixing, const Date &last) {
        if (fixing < today)
            addFixing(fixing);
        else if (fixing > today || index.fixings[fixing] == Null<Real>())
            forecast = std::max(forecast, last);
    }

    /// Notes the day when the curve has no factor for it.
    static void cover(const Curve &curve, const Date &day, int32_t &beyond) {
        try {
            curve.base()->discount(day);
        } catch (const std::exception &) {
            beyond = day.serialNumber();
        }
    }

    const Date today;
    Date forecast;

  private:
    cql_needs &needs;
    int32_t *fixings;
    int32_t capacity;
};

Date lastForecast(const CashFlow &flow) {
    if (auto coupon = dynamic_cast<const IndexCoupon *>(&flow)) return coupon->maturityDate();
    return dynamic_cast<const IborCoupon &>(flow).fixingEndDate();
}

void findNeeds(
    cql_session &session, const cql_swap &terms, int32_t *fixings, int32_t capacity,
    cql_needs &result) {
    Needs needs(session, result, fixings, capacity);
    result.needs_forward = isPaid(session, terms.floating) ? 0 : 1;
    Date last;
    for (const auto &flow : fixedLeg(session, terms)) last = std::max(last, flow->date());
    if (terms.index >= 0) {
        const RateIndex &index = session.index(terms.index);
        for (const auto &flow : floatingLeg(session, terms, index)) {
            last = std::max(last, flow->date());
            if (flow->date() <= needs.today) continue;
            const auto &coupon = static_cast<const FloatingRateCoupon &>(*flow);
            const Date fixing = coupon.fixingDate();
            needs.addRate(index, fixing, fixing < needs.today ? fixing : lastForecast(*flow));
        }
        if (needs.forecast != Date())
            needs.cover(session.curve(index.forwardCurve), needs.forecast, result.beyond_forward);
    }
    result.is_expired = last <= needs.today && !(result.needs_forward && terms.index < 0);
    if (!result.is_expired && last > needs.today)
        needs.cover(session.curve(terms.discount_curve), last, result.beyond_discount);
}

void findNeeds(cql_session &session, const cql_fra &terms, int32_t *fixing, cql_needs &result) {
    Needs needs(session, result, fixing, 1);
    const Date start(terms.start);
    result.needs_forward = 1;
    result.is_expired = start <= needs.today;
    if (result.is_expired) return;
    const RateIndex &index = session.index(terms.index);
    const Date fixingDate = index.index->fixingDate(start);
    needs.addRate(
        index, fixingDate, index.index->maturityDate(index.index->valueDate(fixingDate)));
    if (needs.forecast != Date())
        needs.cover(session.curve(index.forwardCurve), needs.forecast, result.beyond_forward);
    const bool wantsSpotValue = terms.wanted & CQL_FORWARD_RATE;
    needs.cover(
        session.curve(terms.discount_curve),
        wantsSpotValue ? adjustedEnd(*index.index, Date(terms.end)) : start,
        result.beyond_discount);
}

/// A number that may need what the session does not have: not a number then.
template <class Body>
double numberOrNothing(Body body) {
    try {
        return body();
    } catch (const std::bad_alloc &) {
        throw;
    } catch (const std::exception &) {
        return nothing;
    }
}

cql_cash_flow describe(
    const Coupon &coupon, int32_t leg, double sign, const Curve &discount, const Date &today) {
    cql_cash_flow flow = {};
    flow.leg = leg;
    flow.payment = coupon.date().serialNumber();
    flow.accrual_start = coupon.accrualStartDate().serialNumber();
    flow.accrual_end = coupon.accrualEndDate().serialNumber();
    flow.days = coupon.accrualDays();
    flow.year_fraction = coupon.accrualPeriod();
    flow.is_past = coupon.date() <= today;
    flow.is_fixed = 1;
    flow.index_rate = nothing;
    if (auto floating = dynamic_cast<const FloatingRateCoupon *>(&coupon)) {
        const Date fixing = floating->fixingDate();
        flow.fixing = fixing.serialNumber();
        flow.is_fixed = fixing < today
            || (fixing == today && floating->index()->timeSeries()[fixing] != Null<Real>());
        flow.index_rate = numberOrNothing([&] { return floating->indexFixing(); });
    }
    flow.rate = numberOrNothing([&] { return coupon.rate(); });
    flow.amount = sign * numberOrNothing([&] { return coupon.amount(); });
    flow.discount_factor = flow.is_past ? nothing : discount.handle()->discount(coupon.date());
    flow.present_value = flow.is_past ? 0 : flow.amount * flow.discount_factor;
    return flow;
}

void explain(
    cql_session &session, const cql_swap &terms, cql_cash_flow *flows, int32_t capacity,
    int32_t &count) {
    const Curve &discount = session.curve(terms.discount_curve);
    const double sign = terms.receives_fixed ? 1 : -1;
    const auto add = [&](const Leg &leg, int32_t number, double sign) {
        for (const auto &flow : leg) {
            if (count < capacity)
                flows[count] = describe(
                    static_cast<const Coupon &>(*flow), number, sign, discount,
                    session.valuationDate);
            ++count;
        }
    };
    add(fixedLeg(session, terms), CQL_FIXED_LEG, sign);
    if (terms.index >= 0)
        add(floatingLeg(session, terms, session.index(terms.index)), CQL_FLOATING_LEG, -sign);
}

void explain(cql_session &session, const cql_fra &terms, cql_cash_flow &flow) {
    const RateIndex &index = session.index(terms.index);
    const Date today = session.valuationDate, start(terms.start);
    const Date end = adjustedEnd(*index.index, Date(terms.end));
    const Date fixing = index.index->fixingDate(start);
    flow.leg = CQL_FLOATING_LEG;
    flow.payment = flow.accrual_start = start.serialNumber();
    flow.accrual_end = end.serialNumber();
    flow.fixing = fixing.serialNumber();
    flow.days = index.index->dayCounter().dayCount(start, end);
    flow.year_fraction = index.index->dayCounter().yearFraction(start, end);
    flow.rate = terms.rate;
    flow.is_past = start <= today;
    flow.is_fixed = fixing < today
        || (fixing == today && index.fixings[fixing] != Null<Real>());
    flow.index_rate = numberOrNothing([&] { return index.index->fixing(fixing); });
    flow.amount = flow.discount_factor = nothing;
    if (flow.is_past) return;
    const Curve &discount = session.curve(terms.discount_curve);
    ForwardRateAgreement fra(
        start, end, terms.is_long ? Position::Long : Position::Short, terms.rate, terms.notional,
        index.index, discount.handle());
    flow.amount = fra.amount();
    flow.discount_factor = discount.handle()->discount(start);
    flow.present_value = flow.amount * flow.discount_factor;
}

}  // namespace

int cql_swap_needs(
    cql_session *session, const cql_swap *swap, int32_t *fixings, int32_t capacity,
    cql_needs *needs, cql_error *error) {
    *needs = {};
    return guarded(error, [&] {
        session->activate();
        findNeeds(*session, *swap, fixings, capacity, *needs);
    });
}

int cql_fra_needs(
    cql_session *session, const cql_fra *fra, int32_t *fixing, cql_needs *needs,
    cql_error *error) {
    *needs = {};
    return guarded(error, [&] {
        session->activate();
        findNeeds(*session, *fra, fixing, *needs);
    });
}

int cql_explain_swap(
    cql_session *session, const cql_swap *swap, cql_cash_flow *flows, int32_t capacity,
    int32_t *count, cql_error *error) {
    *count = 0;
    return guarded(error, [&] {
        session->activate();
        explain(*session, *swap, flows, capacity, *count);
    });
}

int cql_explain_fra(
    cql_session *session, const cql_fra *fra, cql_cash_flow *flow, cql_error *error) {
    *flow = {};
    return guarded(error, [&] {
        session->activate();
        explain(*session, *fra, *flow);
    });
}
