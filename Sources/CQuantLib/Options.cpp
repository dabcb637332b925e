// Equity options.

#include <algorithm>
#include <cmath>
#include <limits>

#include <ql/exercise.hpp>
#include <ql/instruments/vanillaoption.hpp>
#include <ql/methods/lattices/binomialtree.hpp>
#include <ql/pricingengines/vanilla/analyticeuropeanengine.hpp>
#include <ql/pricingengines/vanilla/baroneadesiwhaleyengine.hpp>
#include <ql/pricingengines/vanilla/binomialengine.hpp>
#include <ql/pricingengines/vanilla/bjerksundstenslandengine.hpp>
#include <ql/pricingengines/vanilla/fdblackscholesvanillaengine.hpp>
#include <ql/pricingengines/vanilla/integralengine.hpp>
#include <ql/pricingengines/vanilla/juquadraticengine.hpp>
#include <ql/pricingengines/vanilla/mceuropeanengine.hpp>
#include <ql/pricingengines/vanilla/qdfpamericanengine.hpp>
#include <ql/termstructures/volatility/equityfx/blackconstantvol.hpp>
#include <ql/termstructures/yield/zerospreadedtermstructure.hpp>

#include "Session.hpp"

using namespace QuantLib;
using namespace cql;

namespace {

const double nothing = std::numeric_limits<double>::quiet_NaN();

/// Bumps of the greeks that an engine does not give.
const double spotBump = 0.005;
const double volatilityBump = 0.01;
const double rateBump = 0.0001;

const Size gridSize = 400;

// The prototype's engines.
const Size prototypeTimeGrid = 801, prototypeSpotGrid = 800, prototypeTreeSteps = 801;
const BigNatural prototypeSeed = 42;
const double prototypeTolerance = 0.02;
/// The tolerance where that is more, as a part of strike or spot: 0.02 at a strike of 40.
const double relativeTolerance = 0.0005;
const Size maximumSamples = 1 << 20;

const ext::shared_ptr<PricingEngine> &engineOf(Equity &equity, int32_t kind) {
    if (kind < 0 || kind > CQL_JU) throw Invalid("no such option engine");
    auto &engine = equity.engines[kind];
    if (engine) return engine;
    switch (kind) {
    case CQL_ANALYTIC_EUROPEAN:
        engine = ext::make_shared<AnalyticEuropeanEngine>(equity.process);
        break;
    case CQL_QD_FP:
        engine = ext::make_shared<QdFpAmericanEngine>(
            equity.process, QdFpAmericanEngine::accurateScheme());
        break;
    case CQL_FINITE_DIFFERENCES:
        engine =
            ext::make_shared<FdBlackScholesVanillaEngine>(equity.process, gridSize, gridSize);
        break;
    case CQL_BARONE_ADESI_WHALEY:
        engine = ext::make_shared<BaroneAdesiWhaleyApproximationEngine>(equity.process);
        break;
    case CQL_BJERKSUND_STENSLAND:
        engine = ext::make_shared<BjerksundStenslandApproximationEngine>(equity.process);
        break;
    case CQL_JU:
        engine = ext::make_shared<JuQuadraticApproximationEngine>(equity.process);
        break;
    }
    return engine;
}

/// Puts the equity's own spot, volatility and funding curve back, whatever happens.
class EquityBump {
  public:
    explicit EquityBump(Equity &equity) : equity(equity), spot(equity.spot->value()) {}
    ~EquityBump() {
        equity.spot->setValue(spot);
        equity.volatility.linkTo(equity.originalVolatility);
        equity.funding.linkTo(equity.fundingCurve->base());
    }

  private:
    Equity &equity;
    double spot;
};

VanillaOption makeOption(
    const cql_session &session, const cql_option &terms, const Date &expiry) {
    ext::shared_ptr<Exercise> exercise;
    if (terms.is_american)
        exercise = ext::make_shared<AmericanExercise>(session.valuationDate, expiry);
    else
        exercise = ext::make_shared<EuropeanExercise>(expiry);
    return VanillaOption(
        ext::make_shared<PlainVanillaPayoff>(
            terms.is_call ? Option::Call : Option::Put, terms.strike),
        exercise);
}

double npvAtSpot(VanillaOption &option, Equity &equity, double spot) {
    EquityBump restored(equity);
    equity.spot->setValue(spot);
    return option.NPV();
}

double npvAtVolatility(VanillaOption &option, Equity &equity, double volatility) {
    EquityBump restored(equity);
    const auto &original = equity.originalVolatility;
    equity.volatility.linkTo(ext::make_shared<BlackConstantVol>(
        original->referenceDate(), original->calendar(), volatility, original->dayCounter()));
    return option.NPV();
}

/// The zero rates moved are the curve's own, in its day count, as in AnalyticEuropean's rho.
double npvAtFunding(VanillaOption &option, Equity &equity, double spread) {
    EquityBump restored(equity);
    const auto &base = equity.fundingCurve->base();
    auto moved = ext::make_shared<ZeroSpreadedTermStructure>(
        Handle<YieldTermStructure>(base), Handle<Quote>(ext::make_shared<SimpleQuote>(spread)),
        Continuous, NoFrequency, base->dayCounter());
    if (base->allowsExtrapolation()) moved->enableExtrapolation();
    equity.funding.linkTo(moved);
    return option.NPV();
}

/// NPV with one day less to live, all curves and the volatility keeping their shape.
double npvTomorrow(cql_session &session, const cql_option &terms, Equity &equity) {
    Date expiry(terms.expiry);
    if (expiry - 1 <= session.valuationDate) {
        double gain = equity.spot->value() - terms.strike;
        return std::max(terms.is_call ? gain : -gain, 0.0);
    }
    VanillaOption option = makeOption(session, terms, expiry - 1);
    option.setPricingEngine(engineOf(equity, terms.engine));
    return option.NPV();
}

void bumpedGreeks(
    cql_session &session, const cql_option &terms, Equity &equity, VanillaOption &option,
    cql_option_result &result) {
    const double npv = result.npv;
    if (terms.engine == CQL_FINITE_DIFFERENCES) {
        result.delta = option.delta();
        result.gamma = option.gamma();
    } else if (terms.wanted & (CQL_DELTA | CQL_GAMMA)) {
        const double spot = equity.spot->value(), step = spot * spotBump;
        const double up = npvAtSpot(option, equity, spot + step);
        const double down = npvAtSpot(option, equity, spot - step);
        result.delta = (up - down) / (2 * step);
        result.gamma = (up - 2 * npv + down) / (step * step);
    }
    if (terms.wanted & CQL_VEGA) {
        const double volatility = equity.originalVolatility->blackVol(1.0, terms.strike, true);
        const double up = npvAtVolatility(option, equity, volatility + volatilityBump);
        // One-sided where the volatility is too low for both.
        result.vega = volatility > volatilityBump * 1.5
            ? (up - npvAtVolatility(option, equity, volatility - volatilityBump)) / 2
            : up - npv;
    }
    if (terms.wanted & CQL_RHO)
        result.rho =
            (npvAtFunding(option, equity, rateBump) - npvAtFunding(option, equity, -rateBump)) / 2;
    if (terms.wanted & CQL_THETA) result.theta = npvTomorrow(session, terms, equity) - npv;
}

void analyticGreeks(
    const cql_option &terms, VanillaOption &option, cql_option_result &result) {
    if (terms.wanted & CQL_DELTA) result.delta = option.delta();
    if (terms.wanted & CQL_GAMMA) result.gamma = option.gamma();
    if (terms.wanted & CQL_VEGA) result.vega = option.vega() / 100;
    if (terms.wanted & CQL_THETA) result.theta = option.theta() / 365;
    if (terms.wanted & CQL_RHO) result.rho = option.rho() / 10000;
}

/// The prototype's price: the average of eight engines.
void prototypePrices(Equity &equity, VanillaOption &option, const cql_option &terms,
                     cql_option_result &result) {
    const auto &process = equity.process;
    const double tolerance = std::max(
        prototypeTolerance,
        relativeTolerance * std::max(terms.strike, equity.spot->value()));
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
    double sum = 0;
    for (int i = 0; i < CQL_PROTOTYPE_ENGINES; ++i) {
        option.setPricingEngine(engines[i]);
        result.engine_prices[i] = option.NPV();
        sum += result.engine_prices[i];
    }
    result.option_pv = sum / CQL_PROTOTYPE_ENGINES;
}

void priceOption(cql_session &session, const cql_option &terms, cql_option_result &result) {
    Equity &equity = session.equity(terms.equity);
    if (Date(terms.expiry) <= session.valuationDate) {
        result.is_expired = 1;
        return;
    }
    VanillaOption option = makeOption(session, terms, Date(terms.expiry));
    if (terms.wanted & ~uint32_t(CQL_OPTION_PV)) {
        option.setPricingEngine(engineOf(equity, terms.engine));
        result.npv = option.NPV();
        if (terms.engine == CQL_ANALYTIC_EUROPEAN)
            analyticGreeks(terms, option, result);
        else
            bumpedGreeks(session, terms, equity, option, result);
    }
    if (terms.wanted & CQL_OPTION_PV) prototypePrices(equity, option, terms, result);
}

}  // namespace

int cql_price_option(
    cql_session *session, const cql_option *option, cql_option_result *result, cql_error *error) {
    *result = {0, nothing, nothing, nothing, nothing, nothing, nothing, nothing, {}};
    return guarded(error, [&] {
        session->activate();
        priceOption(*session, *option, *result);
    });
}
