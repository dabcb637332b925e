#include "Curve.hpp"

#include <cmath>

#include <ql/math/interpolations/linearinterpolation.hpp>
#include <ql/math/interpolations/loginterpolation.hpp>
#include <ql/pricingengines/swap/discountingswapengine.hpp>
#include <ql/termstructures/yield/discountcurve.hpp>
#include <ql/termstructures/yield/flatforward.hpp>
#include <ql/termstructures/yield/zerocurve.hpp>

#include "Conventions.hpp"

namespace cql {

using namespace QuantLib;

Curve::Curve(const cql_curve &curve)
    : values(curve.values, curve.values + curve.count),
      dayCounter(makeDayCounter(curve.day_count)),
      isZeroRate(curve.is_zero_rate != 0),
      isLinearZero(curve.is_linear_zero != 0),
      extrapolates(curve.extrapolates != 0) {
    dates.reserve(curve.count);
    for (int32_t i = 0; i < curve.count; ++i) dates.push_back(Date(curve.dates[i]));
    original = build(values);
    relinkable.linkTo(original);
}

double Curve::shifted(int node, double size) const {
    double years = (dates[node] - dates[0]) / 365.0;
    if (!isZeroRate) return values[node] * std::exp(-size * years);
    // A rate in the curve's own day count moves by more or less than one in Actual/365 (Fixed);
    // at the reference date the ratio is the next node's, of a flat curve that of a year.
    Date end = dates[node];
    if (node == 0) end = size_t(1) < dates.size() ? dates[1] : dates[0] + 365;
    double ratio = ((end - dates[0]) / 365.0) / dayCounter.yearFraction(dates[0], end);
    return values[node] + size * ratio;
}

bool Curve::isMovable(int node) const {
    return node > 0 || (isZeroRate && (isLinearZero || dates.size() == 1));
}

bool Curve::covers(const Date &day) const {
    return original->allowsExtrapolation() || day <= original->maxDate();
}

int Curve::nodesThatMatter(const Date &last) const {
    int count = size();
    while (count > 2 && dates[count - 2] > last) --count;
    return count;
}

ext::shared_ptr<YieldTermStructure> Curve::build(const std::vector<double> &nodes) const {
    ext::shared_ptr<YieldTermStructure> curve;
    if (nodes.size() == 1) {
        curve = ext::make_shared<FlatForward>(dates[0], nodes[0], dayCounter, Continuous);
    } else if (isLinearZero) {
        std::vector<Rate> rates(nodes);
        if (!isZeroRate) {
            for (size_t i = 1; i < nodes.size(); ++i)
                rates[i] = -std::log(nodes[i]) / dayCounter.yearFraction(dates[0], dates[i]);
            rates[0] = rates[1];
        }
        curve = ext::make_shared<InterpolatedZeroCurve<Linear>>(dates, rates, dayCounter);
    } else {
        std::vector<DiscountFactor> factors(nodes);
        if (isZeroRate) {
            factors[0] = 1.0;
            for (size_t i = 1; i < nodes.size(); ++i)
                factors[i] = std::exp(-nodes[i] * dayCounter.yearFraction(dates[0], dates[i]));
        }
        curve = ext::make_shared<InterpolatedDiscountCurve<LogLinear>>(dates, factors, dayCounter);
    }
    if (extrapolates) curve->enableExtrapolation();
    return curve;
}

const ext::shared_ptr<YieldTermStructure> &Curve::bumped(int node, int basisPoints) {
    auto &bump = bumps[std::make_pair(node, basisPoints)];
    if (!bump) {
        std::vector<double> moved(values);
        for (int i = 0; i < size(); ++i)
            if (node == allNodes || node == i) moved[i] = shifted(i, basisPoints * 1e-4);
        bump = build(moved);
    }
    return bump;
}

const ext::shared_ptr<PricingEngine> &Curve::swapEngine() {
    if (!engine) engine = ext::make_shared<DiscountingSwapEngine>(handle());
    return engine;
}

}  // namespace cql
