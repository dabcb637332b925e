#include "OptionGreeks.hpp"

#include <cmath>

namespace cql {

double thetaOf(const OptionMarket &market, double npv, const Repricing &moved) {
    if (market.days() <= 1) return market.terms().intrinsic() - npv;
    Move tomorrow;
    tomorrow.days = 1;
    return moved(tomorrow) - npv;
}

void moveMarket(
    const OptionMarket &market, uint32_t wanted, const Repricing &moved,
    cql_option_result &result) {
    const double npv = result.npv;
    if ((wanted & (CQL_DELTA | CQL_GAMMA)) && std::isnan(result.delta)) {
        const AmericanTerms terms = market.terms();
        Move up, down;
        up.spot = std::min(largestSpotBump, spotBumpOfDeviation * terms.deviation);
        down.spot = -up.spot;
        const double step = up.spot * terms.spot, high = moved(up), low = moved(down);
        result.delta = (high - low) / (2 * step);
        result.gamma = (high - 2 * npv + low) / (step * step);
    }
    if (wanted & CQL_VEGA) {
        Move up, down;
        up.volatility =
            std::min(largestVolatilityBump, partOfVolatility * market.volatility());
        down.volatility = -up.volatility;
        result.vega = (moved(up) - moved(down)) / (2 * up.volatility) / 100;
    }
    if (wanted & CQL_RHO) {
        Move up, down;
        up.rate = rateBump;
        down.rate = -rateBump;
        result.rho = (moved(up) - moved(down)) / 2;
    }
    if (wanted & CQL_THETA) result.theta = thetaOf(market, npv, moved);
}

}  // namespace cql
