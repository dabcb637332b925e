#pragma once

#include <algorithm>
#include <functional>

#include "OptionMarket.hpp"

namespace cql {

// How far each thing is moved for greeks that are differences.
const double largestSpotBump = 0.005, spotBumpOfDeviation = 0.025;
const double largestVolatilityBump = 0.01, partOfVolatility = 0.1;
const double rateBump = 0.0001;

/// An option's value on the market moved.
using Repricing = std::function<double(const Move &)>;

/// NPV on the next calendar day less NPV: one day less to expiry, and what exercise gives at
/// today's spot when that is the expiry date.
double thetaOf(const OptionMarket &market, double npv, const Repricing &moved);

/// Fills the greeks wanted by moving the market; delta and gamma only where they are NaN.
void moveMarket(
    const OptionMarket &market, uint32_t wanted, const Repricing &moved,
    cql_option_result &result);

}  // namespace cql
