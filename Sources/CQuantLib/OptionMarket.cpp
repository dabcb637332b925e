#include "OptionMarket.hpp"

#include <algorithm>
#include <cmath>

#include <ql/exercise.hpp>
#include <ql/quotes/simplequote.hpp>
#include <ql/termstructures/volatility/equityfx/blackconstantvol.hpp>
#include <ql/time/calendars/nullcalendar.hpp>
#include <ql/time/daycounters/actual365fixed.hpp>

namespace cql {

using namespace QuantLib;

namespace {

/// Below this an option has no time value that a double shows.
const double leastDeviation = 1e-7;

/// A curve's factors by calendar days, its zero rates moved.
class DailyCurve : public YieldTermStructure {
  public:
    DailyCurve(ext::shared_ptr<YieldTermStructure> base, double shift)
        : YieldTermStructure(base->referenceDate(), Calendar(), Actual365Fixed()),
          base(std::move(base)), shift(shift) {
        enableExtrapolation();
    }

    Date maxDate() const override { return base->maxDate(); }

    /// The curve's own time, between two days in proportion.
    Time ownTime(Time years) const {
        const double days = years * 365, whole = std::floor(days + 1e-9);
        const double part = std::max(0.0, days - whole);
        const Time start = base->timeFromReference(referenceDate() + Integer(whole));
        if (part < 1e-9) return start;
        const Time end = base->timeFromReference(referenceDate() + Integer(whole) + 1);
        return start + part * (end - start);
    }

  protected:
    DiscountFactor discountImpl(Time years) const override {
        const Time time = ownTime(years);
        return base->discount(time, true) * std::exp(-shift * time);
    }

  private:
    ext::shared_ptr<YieldTermStructure> base;
    double shift;
};

}  // namespace

OptionMarket::OptionMarket(
    const cql_session &session, const Equity &equity, const cql_option &option)
    : equity(equity), contract(option), today(session.valuationDate),
      life(Date(option.expiry) - session.valuationDate) {
    const auto &funding = equity.fundingCurve->base(), &dividend = equity.dividendCurve->base();
    isUniform = funding->dayCounter() == dividend->dayCounter()
        && funding->dayCounter() == equity.volatility->dayCounter()
        && funding->referenceDate() == dividend->referenceDate()
        && funding->referenceDate() == equity.volatility->referenceDate();
    for (const Curve *curve : {equity.fundingCurve, equity.dividendCurve}) {
        // Throws where the curve does not reach expiry.
        curve->base()->discount(today + life);
        for (const Date &date : curve->nodeDates())
            if (date > today && date < today + life) kinks.push_back((date - today) / 365.0);
    }
    std::sort(kinks.begin(), kinks.end());
    kinks.erase(std::unique(kinks.begin(), kinks.end()), kinks.end());
}

double OptionMarket::volatility() const {
    return equity.volatility->blackVol(1.0, contract.strike, true);
}

double OptionMarket::deviation(const Move &move) const {
    const double variance = equity.volatility->blackVariance(
        today + (life - move.days), contract.strike, true);
    const double own = volatility();
    return std::max(std::sqrt(variance) * (own + move.volatility) / own, leastDeviation);
}

AmericanTerms OptionMarket::terms(const Move &move) const {
    const auto factors = [](const ext::shared_ptr<YieldTermStructure> &base, double shift) {
        auto curve = ext::make_shared<DailyCurve>(base, shift);
        return [curve](double years) { return curve->discount(years); };
    };
    AmericanTerms terms;
    terms.funding = factors(equity.fundingCurve->base(), move.rate);
    terms.dividend = factors(equity.dividendCurve->base(), 0);
    terms.kinks = kinks;
    terms.spot = equity.spot * (1 + move.spot);
    terms.strike = contract.strike;
    terms.years = (life - move.days) / 365.0;
    terms.deviation = deviation(move);
    terms.isCall = contract.is_call != 0;
    return terms;
}

/// The snapshot's own curves where nothing is moved and one day count serves them all.
ext::shared_ptr<BlackScholesMertonProcess> OptionMarket::process(const Move &move) const {
    if (isUniform && move.spot == 0 && move.volatility == 0 && move.rate == 0)
        return equity.process;
    const auto curve = [](const Curve &base, double shift) {
        return Handle<YieldTermStructure>(ext::make_shared<DailyCurve>(base.base(), shift));
    };
    const double years = (life - move.days) / 365.0;
    return ext::make_shared<BlackScholesMertonProcess>(
        Handle<Quote>(ext::make_shared<SimpleQuote>(equity.spot * (1 + move.spot))),
        curve(*equity.dividendCurve, 0), curve(*equity.fundingCurve, move.rate),
        Handle<BlackVolTermStructure>(ext::make_shared<BlackConstantVol>(
            equity.fundingCurve->base()->referenceDate(), NullCalendar(),
            deviation(move) / std::sqrt(years), Actual365Fixed())));
}

VanillaOption OptionMarket::option(const Move &move) const {
    const Date expiry = today + (life - move.days);
    ext::shared_ptr<Exercise> exercise;
    if (contract.is_american)
        exercise = ext::make_shared<AmericanExercise>(today, expiry);
    else
        exercise = ext::make_shared<EuropeanExercise>(expiry);
    return VanillaOption(
        ext::make_shared<PlainVanillaPayoff>(
            contract.is_call ? Option::Call : Option::Put, contract.strike),
        exercise);
}

FlatRates OptionMarket::rates(const Move &move) const {
    const AmericanTerms moved = terms(move);
    return {-std::log(moved.funding(moved.years)) / moved.years,
            -std::log(moved.dividend(moved.years)) / moved.years};
}

double OptionMarket::fundingShape(bool inDays) const {
    return shape(*equity.fundingCurve, inDays) * contract.strike / equity.spot;
}

double OptionMarket::dividendShape(bool inDays) const {
    return shape(*equity.dividendCurve, inDays);
}

/// The value is the best stopping of a payment in funding and dividend factors, so it changes by
/// no more than they do. The largest difference of factors is looked for at and between nodes.
double OptionMarket::shape(const Curve &curve, bool inDays) const {
    const DailyCurve daily(curve.base(), 0);
    const double end = life / 365.0;
    const auto time = [&](double years) { return inDays ? years : daily.ownTime(years); };
    const double rate = time(end) > 0 ? -std::log(daily.discount(end)) / time(end) : 0;
    double largest = 0;
    const auto look = [&](double years) {
        const double flat = std::exp(-rate * time(years));
        largest = std::max(largest, std::fabs(daily.discount(years) - flat));
    };
    const int samples = 32;
    for (int i = 1; i < samples; ++i) look(end * i / samples);
    double before = 0;
    for (double kink : kinks) {
        look((before + kink) / 2);
        look(kink);
        before = kink;
    }
    return largest;
}

}  // namespace cql
