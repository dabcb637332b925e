#include "OptionMethods.hpp"

#include <algorithm>
#include <cmath>

#include <ql/pricingengines/vanilla/baroneadesiwhaleyengine.hpp>
#include <ql/pricingengines/vanilla/bjerksundstenslandengine.hpp>
#include <ql/pricingengines/vanilla/fdblackscholesvanillaengine.hpp>
#include <ql/pricingengines/vanilla/juquadraticengine.hpp>
#include <ql/pricingengines/vanilla/qdfpamericanengine.hpp>

#include "OptionGreeks.hpp"

namespace cql {

using namespace QuantLib;

namespace {

const Size gridSize = 400;

/// Where QdFp was seen within 2e-5 of the spot of the grids, on 1,600 random flat markets.
const double largestQdFpDeviation = 2, largestQdFpDrift = 5;
/// A curve is flat for the default when the value moves by no more than this part of the spot.
const double flatness = 1e-5;
/// Grids are refined until the value moves by no more than this part of the spot.
const double gridTolerance = 2e-5;

/// Rates as those of a put: a call is one with money and share in each other's place.
struct PutRates {
    double rate, yield;
    PutRates(const FlatRates &rates, bool isCall)
        : rate(isCall ? rates.yield : rates.rate), yield(isCall ? rates.rate : rates.yield) {}
};

ext::shared_ptr<PricingEngine> makeEngine(
    int32_t method, const ext::shared_ptr<BlackScholesMertonProcess> &process) {
    switch (method) {
    case CQL_QD_FP:
        return ext::make_shared<QdFpAmericanEngine>(
            process, QdFpAmericanEngine::accurateScheme());
    case CQL_FINITE_DIFFERENCES:
        return ext::make_shared<FdBlackScholesVanillaEngine>(process, gridSize, gridSize);
    case CQL_BARONE_ADESI_WHALEY:
        return ext::make_shared<BaroneAdesiWhaleyApproximationEngine>(process);
    case CQL_BJERKSUND_STENSLAND:
        return ext::make_shared<BjerksundStenslandApproximationEngine>(process);
    case CQL_JU:
        return ext::make_shared<JuQuadraticApproximationEngine>(process);
    default:
        throw Invalid("no such option engine");
    }
}

}  // namespace

bool isNeverExercised(const FlatRates &rates, bool isCall) {
    const PutRates put(rates, isCall);
    return put.rate <= 0 && put.rate <= put.yield;
}

double methodValue(
    const OptionMarket &market, int32_t method, const Move &move, double *delta, double *gamma) {
    if (method != CQL_FINITE_DIFFERENCES) {
        const AmericanTerms terms = market.terms(move);
        const FlatRates rates = market.rates(move);
        // BaroneAdesiWhaley and Ju may not come back from negative rates.
        if (isNeverExercised(rates, terms.isCall)) return europeanValue(terms).npv;
        const double rate = PutRates(rates, terms.isCall).rate;
        if (method == CQL_QD_FP ? rate < 0 : rate <= 0) throw Unsuited(CQL_NEGATIVE_RATES);
    }
    VanillaOption option = market.option(move);
    option.setPricingEngine(makeEngine(method, market.process(move)));
    double value;
    try {
        value = option.NPV();
        if (delta) *delta = option.delta();
        if (gamma) *gamma = option.gamma();
    } catch (const std::bad_alloc &) {
        throw;
    } catch (const std::exception &) {
        throw Unsuited(CQL_NO_VALUE);
    }
    if (!std::isfinite(value)) throw Unsuited(CQL_NO_VALUE);
    return value;
}

AmericanDefault::AmericanDefault(const OptionMarket &market) : market(market) {
    if (suitsQdFp()) {
        try {
            value = fromQdFp({});
            return;
        } catch (const Unsuited &) {
            // The grids price what QdFp does not.
        }
    }
    const AmericanTerms terms = market.terms();
    grids = std::make_unique<AmericanSolver>(terms, gridTolerance * terms.spot);
    if (!grids->isConverged()) throw Unsuited(CQL_NO_VALUE);
    value = grids->value().npv;
    if (!std::isfinite(value)) throw Unsuited(CQL_NO_VALUE);
}

bool AmericanDefault::suitsQdFp() const {
    if (market.fundingShape(true) + market.dividendShape(true) > flatness) return false;
    const AmericanTerms terms = market.terms();
    if (terms.deviation > largestQdFpDeviation) return false;
    // Rho's moves must be priced as the value is.
    for (double move : {0.0, rateBump, -rateBump}) {
        Move moved;
        moved.rate = move;
        const FlatRates rates = market.rates(moved);
        const double drift = std::max(
            {std::fabs(rates.rate), std::fabs(rates.yield), std::fabs(rates.rate - rates.yield)});
        if (drift * terms.years > largestQdFpDrift * terms.deviation) return false;
        if (PutRates(rates, terms.isCall).rate < 0 && !isNeverExercised(rates, terms.isCall))
            return false;
    }
    return true;
}

double AmericanDefault::fromQdFp(const Move &move) const {
    const AmericanTerms terms = market.terms(move);
    return std::max({methodValue(market, CQL_QD_FP, move), terms.intrinsic(),
                     europeanValue(terms).npv});
}

double AmericanDefault::npv(const Move &move) const {
    if (!grids) return fromQdFp(move);
    const AmericanTerms terms = market.terms(move);
    // A shorter life has steps of its own.
    if (move.days != 0) return AmericanSolver(terms, *grids).value().npv;
    return grids->value(terms).npv;
}

}  // namespace cql
