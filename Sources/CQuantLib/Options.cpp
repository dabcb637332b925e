// Equity options.

#include <algorithm>
#include <cmath>
#include <limits>

#include <ql/methods/lattices/binomialtree.hpp>
#include <ql/pricingengines/vanilla/analyticeuropeanengine.hpp>
#include <ql/pricingengines/vanilla/binomialengine.hpp>
#include <ql/pricingengines/vanilla/fdblackscholesvanillaengine.hpp>
#include <ql/pricingengines/vanilla/integralengine.hpp>
#include <ql/pricingengines/vanilla/mceuropeanengine.hpp>

#include "OptionGreeks.hpp"
#include "OptionMethods.hpp"

using namespace QuantLib;
using namespace cql;

namespace {

const double nothing = std::numeric_limits<double>::quiet_NaN();

/// A method that knows one rate prices curves on which that moves the value by no more than this
/// part of the spot.
const double flatness = 1e-5;
/// A value below exercise or European may be lifted to them by this part of the spot, when that
/// is right to the same.
const double rightness = 1e-4;
/// How far a method by name may be from the right value, in parts of the spot.
const double approximationTolerance = 1e-2, methodTolerance = 1e-3;
/// Differences of doubles, in parts of strike or spot.
const double noise = 1e-12;

// The prototype's engines.
const Size prototypeTimeGrid = 801, prototypeSpotGrid = 800, prototypeTreeSteps = 801;
const BigNatural prototypeSeed = 42;
const double prototypeTolerance = 0.02;
/// The tolerance where that is more, as a part of strike or spot: 0.02 at a strike of 40.
const double relativeTolerance = 0.0005;
const Size maximumSamples = 1 << 20;
/// How far an engine may be from the right value, as a part of strike or spot.
const double prototypeError = 0.01;

/// Black's formula on the snapshot's own curves.
double europeanNPV(const OptionMarket &market, const Equity &equity, const Move &move = {}) {
    VanillaOption option = market.option(move);
    option.setPricingEngine(equity.european);
    return option.NPV();
}

void priceByFormula(
    const OptionMarket &market, const Equity &equity, const cql_option &terms,
    cql_option_result &result) {
    VanillaOption option = market.option({});
    option.setPricingEngine(equity.european);
    result.npv = option.NPV();
    if (terms.wanted & CQL_DELTA) result.delta = option.delta();
    if (terms.wanted & CQL_GAMMA) result.gamma = option.gamma();
    if (terms.wanted & CQL_VEGA) result.vega = option.vega() / 100;
    if (terms.wanted & CQL_RHO) result.rho = option.rho() / 10000;
    if (terms.wanted & CQL_THETA)
        result.theta = thetaOf(market, result.npv, [&](const Move &move) {
            return europeanNPV(market, equity, move);
        });
}

void priceByDefault(
    const OptionMarket &market, const cql_option &terms, cql_option_result &result) {
    const AmericanDefault american(market);
    result.npv = american.npv();
    if (const AmericanSolver *solver = american.solver()) {
        result.time_steps = solver->finest().timeSteps();
        result.price_steps = solver->finest().priceSteps();
        result.delta = solver->value().delta;
        result.gamma = solver->value().gamma;
    }
    moveMarket(
        market, terms.wanted, [&](const Move &move) { return american.npv(move); }, result);
}

/// Refuses a method's value that is not what the option is worth.
double checkedValue(
    double value, const OptionMarket &market, const Equity &equity, const cql_option &terms,
    cql_option_result &result) {
    const AmericanTerms option = market.terms();
    double right, lifted = value;
    if (!terms.is_american) {
        right = europeanNPV(market, equity);
    } else {
        right = AmericanDefault(market).npv();
        const double least = std::max(option.intrinsic(), europeanValue(option).npv);
        lifted = std::max(value, least);
        const bool isBelow = value < least - noise * std::max(option.spot, option.strike);
        const double largest = rightness * option.spot;
        if (isBelow && (least - value > largest || std::fabs(least - right) > largest)) {
            result.npv = value;
            result.reference = least;
            throw Unsuited(CQL_BELOW_BOUND);
        }
    }
    const bool isAccurate = terms.engine == CQL_FINITE_DIFFERENCES || terms.engine == CQL_QD_FP;
    const double tolerance = isAccurate ? methodTolerance : approximationTolerance;
    if (!(std::fabs(lifted - right) <= tolerance * option.spot)) {
        result.npv = value;
        result.reference = right;
        throw Unsuited(CQL_OFF);
    }
    return lifted;
}

void priceByName(
    const OptionMarket &market, const Equity &equity, const cql_option &terms,
    cql_option_result &result) {
    const bool hasGrid = terms.engine == CQL_FINITE_DIFFERENCES;
    if (!hasGrid) {
        if (market.fundingShape(false) > flatness) throw Unsuited(CQL_SHAPED_FUNDING);
        if (market.dividendShape(false) > flatness) throw Unsuited(CQL_SHAPED_DIVIDEND);
    }
    const double value = methodValue(
        market, terms.engine, {}, hasGrid ? &result.delta : nullptr,
        hasGrid ? &result.gamma : nullptr);
    result.npv = checkedValue(value, market, equity, terms, result);
    // Differences are those of the method's own values.
    cql_option_result own = result;
    own.npv = value;
    moveMarket(
        market, terms.wanted,
        [&](const Move &move) { return methodValue(market, terms.engine, move); }, own);
    own.npv = result.npv;
    result = own;
}

/// The prototype's price: the average of eight engines.
void prototypePrices(
    const OptionMarket &market, const Equity &equity, const cql_option &terms,
    cql_option_result &result) {
    const auto process = market.process({});
    const double scale = std::max(terms.strike, equity.spot);
    const double tolerance = std::max(prototypeTolerance, relativeTolerance * scale);
    const ext::shared_ptr<PricingEngine> engines[CQL_PROTOTYPE_ENGINES] = {
        ext::make_shared<AnalyticEuropeanEngine>(process),
        ext::make_shared<IntegralEngine>(process),
        ext::make_shared<FdBlackScholesVanillaEngine>(
            process, prototypeTimeGrid, prototypeSpotGrid),
        ext::make_shared<BinomialVanillaEngine<JarrowRudd>>(process, prototypeTreeSteps),
        ext::make_shared<BinomialVanillaEngine<AdditiveEQPBinomialTree>>(
            process, prototypeTreeSteps),
        ext::make_shared<BinomialVanillaEngine<Joshi4>>(process, prototypeTreeSteps),
        ext::make_shared<MCEuropeanEngine<PseudoRandom>>(
            process, 1, Null<Size>(), false, false, Null<Size>(), tolerance, maximumSamples,
            prototypeSeed),
        ext::make_shared<MCEuropeanEngine<LowDiscrepancy>>(
            process, 1, Null<Size>(), false, false, Null<Size>(), tolerance, maximumSamples,
            prototypeSeed)};
    VanillaOption option = market.option({});
    const double right = europeanNPV(market, equity);
    double sum = 0;
    for (int i = 0; i < CQL_PROTOTYPE_ENGINES; ++i) {
        try {
            option.setPricingEngine(engines[i]);
            result.engine_prices[i] = option.NPV();
        } catch (const std::bad_alloc &) {
            throw;
        } catch (const std::exception &) {
            throw Unsuited(CQL_PROTOTYPE_NO_VALUE, i);
        }
        if (!(std::fabs(result.engine_prices[i] - right) <= prototypeError * scale)) {
            result.npv = result.engine_prices[i];
            result.reference = right;
            throw Unsuited(CQL_PROTOTYPE_OFF, i);
        }
        sum += result.engine_prices[i];
    }
    result.option_pv = sum / CQL_PROTOTYPE_ENGINES;
}

void priceOption(cql_session &session, const cql_option &terms, cql_option_result &result) {
    const Equity &equity = session.equity(terms.equity);
    if (Date(terms.expiry) <= session.valuationDate) {
        result.is_expired = 1;
        return;
    }
    const OptionMarket market(session, equity, terms);
    if (terms.wanted & ~uint32_t(CQL_OPTION_PV)) {
        if (terms.engine == CQL_ANALYTIC_EUROPEAN)
            priceByFormula(market, equity, terms, result);
        else if (terms.engine == CQL_AMERICAN_DEFAULT)
            priceByDefault(market, terms, result);
        else
            priceByName(market, equity, terms, result);
    }
    if (terms.wanted & CQL_OPTION_PV) prototypePrices(market, equity, terms, result);
}

}  // namespace

int cql_price_option(
    cql_session *session, const cql_option *option, cql_option_result *result, cql_error *error) {
    *result = {};
    for (double *number : {&result->npv, &result->delta, &result->gamma, &result->vega,
                           &result->theta, &result->rho, &result->option_pv, &result->reference})
        *number = nothing;
    return guarded(error, [&] {
        session->activate();
        priceOption(*session, *option, *result);
    });
}
