#include "AmericanGrid.hpp"

#include <algorithm>
#include <cmath>

namespace cql {

namespace {

/// Standard deviations that a grid reaches on both sides.
const double reach = 6.5;
/// Beyond these logarithms a put is worth nothing, or as good as exercised: exp(-25) of it.
const double farOut = 27, farIn = 25;
/// A step that is longer than the one before by more than this is taken without it.
const double longestRatio = 2.2;
const int policyLimit = 50;
/// 1,600 steps in time, 2,560 in price.
const int lastLevel = 5;

/// A put in normal form: exercise at time i with the martingale at exp(y) gives
/// `cash[i] - asset[i] * exp(y)`. A call is one too, counted in shares: what is paid for the
/// strike's asset is the share, and M is the price of money in shares.
struct Obstacle {
    std::vector<double> cash, asset;

    Obstacle(const AmericanTerms &terms, const std::vector<double> &parts) {
        cash.reserve(parts.size());
        asset.reserve(parts.size());
        for (double part : parts) {
            const double strike = terms.strike * terms.funding(part * terms.years);
            const double share = terms.spot * terms.dividend(part * terms.years);
            cash.push_back(terms.isCall ? share : strike);
            asset.push_back(terms.isCall ? strike : share);
        }
    }
};

/// Derivatives by the normal form's logarithm as those by the spot.
AmericanValue bySpot(const AmericanTerms &terms, double value, double first, double second) {
    return {value, (terms.isCall ? value - first : first) / terms.spot,
            (second - first) / (terms.spot * terms.spot)};
}

double normal(double x) { return std::erfc(-x * M_SQRT1_2) / 2; }

/// The logarithm of price over which drift outweighs diffusion, where rates are large beside
/// volatility; huge where they are not.
double layerOf(const AmericanTerms &terms) {
    const int samples = 16;
    double drift = 0, funding = 1, dividend = 1;
    for (int i = 1; i <= samples; ++i) {
        const double nextFunding = terms.funding(terms.years * i / samples);
        const double nextDividend = terms.dividend(terms.years * i / samples);
        const double rate = std::log(funding / nextFunding) * samples;
        const double yield = std::log(dividend / nextDividend) * samples;
        drift = std::max({drift, std::fabs(rate), std::fabs(yield), std::fabs(rate - yield)});
        funding = nextFunding;
        dividend = nextDividend;
    }
    return terms.deviation * terms.deviation / std::max(drift, 1e-12);
}

/// The generator of the logarithm of a martingale with variance 1 per unit of time: it gives 0
/// for 1 and exp(y), and -1/2 for y.
struct Generator {
    std::vector<double> down, up;

    explicit Generator(const std::vector<double> &nodes)
        : down(nodes.size()), up(nodes.size()) {
        for (size_t j = 1; j + 1 < nodes.size(); ++j) {
            const double below = nodes[j] - nodes[j - 1], above = nodes[j + 1] - nodes[j];
            const double ratio = -std::expm1(-below) / std::expm1(above);
            down[j] = 0.5 / (below - above * ratio);
            up[j] = down[j] * ratio;
        }
    }
};

/// One step: `weight * u - step * L u = known`, but for nodes that are held at what they give.
struct Step {
    const Generator &generator;
    double weight, step;
    std::vector<double> known, gain, factor, part;

    Step(const Generator &generator, size_t count)
        : generator(generator), weight(1), step(0), known(count), gain(count), factor(count),
          part(count) {}

    /// Solves with the values of both ends given in `u`.
    void solve(std::vector<double> &u, const std::vector<char> *held) {
        const size_t last = u.size() - 1;
        double w = 0, x = u[0];
        for (size_t j = 1; j < last; ++j) {
            if (held && (*held)[j]) {
                w = 0;
                x = gain[j];
            } else {
                const double a = step * generator.down[j], c = step * generator.up[j];
                const double pivot = 1 / (weight + a + c - a * w);
                x = (known[j] + a * x) * pivot;
                w = c * pivot;
            }
            factor[j] = w;
            part[j] = x;
        }
        for (size_t j = last; j-- > 1;) u[j] = part[j] + factor[j] * u[j + 1];
    }

    /// Solves with exercise where it is better, starting from the nodes held at the time after.
    void solve(std::vector<double> &u, std::vector<char> &held) {
        for (int round = 0; round < policyLimit; ++round) {
            solve(u, &held);
            bool changed = false;
            for (size_t j = 1; j + 1 < u.size(); ++j) {
                char holds;
                if (held[j]) {
                    const double a = step * generator.down[j], c = step * generator.up[j];
                    holds = (weight + a + c) * u[j] - a * u[j - 1] - c * u[j + 1] >= known[j];
                } else {
                    holds = u[j] < gain[j];
                }
                changed = changed || holds != held[j];
                held[j] = holds;
            }
            if (!changed) return;
        }
    }
};

}  // namespace

double AmericanTerms::intrinsic() const {
    return std::max(0.0, isCall ? spot - strike : strike - spot);
}

AmericanValue europeanValue(const AmericanTerms &terms) {
    const double strike = terms.strike * terms.funding(terms.years);
    const double carried = terms.dividend(terms.years), share = terms.spot * carried;
    const double s = terms.deviation, sign = terms.isCall ? 1 : -1;
    const double d1 = std::log(share / strike) / s + s / 2, d2 = d1 - s;
    const double density = std::exp(-d1 * d1 / 2) / std::sqrt(2 * M_PI);
    return {sign * (share * normal(sign * d1) - strike * normal(sign * d2)),
            sign * carried * normal(sign * d1), carried * density / (terms.spot * s)};
}

AmericanGrid::AmericanGrid(const AmericanTerms &terms, int level) {
    layOutTimes(terms, 50 << level);
    layOutPrices(terms, 80 << level);
}

/// Steps are short towards expiry, where the boundary moves as a square root, and towards today
/// where drift outweighs diffusion. The nearest step moves onto each jump of forward rates.
void AmericanGrid::layOutTimes(const AmericanTerms &terms, int steps) {
    const double scale = std::clamp(0.57 * layerOf(terms) / terms.deviation, 0.005, 3.0);
    const double top = std::asinh(1 / scale);
    parts.reserve(steps + 1);
    for (int i = 0; i <= steps; ++i) {
        const double x = scale * std::sinh(top * i / steps);
        parts.push_back(1 - (1 - x) * (1 - x));
    }
    parts[0] = 0;
    parts[steps] = 1;
    isKink.assign(parts.size(), 0);
    size_t next = 1;
    for (double kink : terms.kinks) {
        const double part = kink / terms.years;
        if (part <= 0 || part >= 1) continue;
        size_t i = std::lower_bound(parts.begin(), parts.end(), part) - parts.begin();
        if (i > 1 && part - parts[i - 1] < parts[i] - part) --i;
        i = std::max(i, next);
        if (i + 1 >= parts.size()) break;
        if (parts[i - 1] >= part || parts[i + 1] <= part) continue;
        parts[i] = part;
        isKink[i] = 1;
        next = i + 1;
    }
}

void AmericanGrid::layOutPrices(const AmericanTerms &terms, int steps) {
    const Obstacle obstacle(terms, parts);
    double lowest = 0;
    for (size_t i = 0; i < parts.size(); ++i)
        lowest = std::min(lowest, std::log(obstacle.cash[i] / obstacle.asset[i]));
    const double s = terms.deviation, width = reach * s;
    const double top = std::min(width, farOut);
    const double bottom = std::max(-s * s / 2 - width, lowest - std::min(farIn, width + s * s));
    const double scale = std::max(std::min({s, 1.0, 2 * layerOf(terms)}), s / 100);
    const double first = std::asinh(bottom / scale), last = std::asinh(top / scale);
    const double step = (last - first) / steps;
    const int below = std::max(4, int(std::ceil(-first / step)));
    const int above = std::max(4, int(std::ceil(last / step)));
    logarithms.reserve(below + above + 1);
    for (int j = -below; j <= above; ++j) logarithms.push_back(scale * std::sinh(j * step));
    origin = below;
    logarithms[origin] = 0;
}

AmericanValue AmericanGrid::value(const AmericanTerms &terms) const {
    const Obstacle obstacle(terms, parts);
    const size_t count = logarithms.size(), last = count - 1, steps = parts.size() - 1;
    std::vector<double> price(count);
    for (size_t j = 0; j < count; ++j) price[j] = std::exp(logarithms[j]);
    const auto exercise = [&](size_t i, size_t j) {
        return obstacle.cash[i] - obstacle.asset[i] * price[j];
    };
    std::vector<double> american(count);
    for (size_t j = 0; j < count; ++j) american[j] = std::max(0.0, exercise(steps, j));
    std::vector<double> european(american), americanAfter(american), europeanAfter(european);
    std::vector<char> held(count);
    const Generator generator(logarithms);
    Step step(generator, count);
    const double variance = terms.deviation * terms.deviation;
    // At both ends the option is exercised at the best time still to come.
    double lowEnd = american[0], highEnd = american[last];
    double stepAfter = 0;
    for (size_t i = steps; i-- > 0;) {
        step.step = (parts[i + 1] - parts[i]) * variance;
        step.weight = 1;
        double nearer = 1, farther = 0;
        const double ratio = stepAfter > 0 ? step.step / stepAfter : 2 * longestRatio;
        if (ratio < longestRatio && !isKink[i + 1]) {
            step.weight = (1 + 2 * ratio) / (1 + ratio);
            nearer = 1 + ratio;
            farther = ratio * ratio / (1 + ratio);
        }
        stepAfter = step.step;

        for (size_t j = 1; j < last; ++j) {
            step.known[j] = nearer * european[j] - farther * europeanAfter[j];
            europeanAfter[j] = european[j];
        }
        step.solve(european, nullptr);

        for (size_t j = 1; j < last; ++j) {
            step.known[j] = nearer * american[j] - farther * americanAfter[j];
            step.gain[j] = exercise(i, j);
            americanAfter[j] = american[j];
        }
        american[0] = lowEnd = std::max(lowEnd, exercise(i, 0));
        american[last] = highEnd = std::max(highEnd, exercise(i, last));
        step.solve(american, held);
    }
    const auto atOrigin = [&](const std::vector<double> &u) {
        const double below = -logarithms[origin - 1], above = logarithms[origin + 1];
        const double left = (u[origin] - u[origin - 1]) / below;
        const double right = (u[origin + 1] - u[origin]) / above;
        return bySpot(terms, u[origin], (left * above + right * below) / (below + above),
                      2 * (right - left) / (below + above));
    };
    const AmericanValue exact = europeanValue(terms), known = atOrigin(european),
                        raw = atOrigin(american);
    return {raw.npv - known.npv + exact.npv, raw.delta - known.delta + exact.delta,
            raw.gamma - known.gamma + exact.gamma};
}

AmericanSolver::AmericanSolver(const AmericanTerms &terms, double tolerance) {
    coarse = std::make_unique<AmericanGrid>(terms, 0);
    AmericanValue rough = coarse->value(terms), good{};
    double before = 0;
    for (level = 1; level <= lastLevel; ++level) {
        fine = std::make_unique<AmericanGrid>(terms, level);
        good = fine->value(terms);
        const double change = std::fabs(good.npv - rough.npv);
        // Two changes are looked at, as one may be small by chance. Their rate is known the better
        // the more levels there are.
        const double trust = level < 3 ? 1 : level < lastLevel ? 2.5 : 5;
        converged = level > 1 && std::max(change, before / 4) <= trust * tolerance;
        if (converged || level == lastLevel) break;
        before = change;
        rough = good;
        coarse = std::move(fine);
    }
    result = extrapolated(terms, rough, good);
}

AmericanSolver::AmericanSolver(const AmericanTerms &terms, const AmericanSolver &other)
    : coarse(std::make_unique<AmericanGrid>(terms, other.level - 1)),
      fine(std::make_unique<AmericanGrid>(terms, other.level)),
      level(other.level), converged(other.converged) {
    result = value(terms);
}

AmericanValue AmericanSolver::value(const AmericanTerms &moved) const {
    return extrapolated(moved, coarse->value(moved), fine->value(moved));
}

/// Errors shrink to a quarter from level to level. The option is worth at least its exercise and
/// the European: a value below is nearer to the right one when it is lifted.
AmericanValue AmericanSolver::extrapolated(
    const AmericanTerms &terms, const AmericanValue &rough, const AmericanValue &good) const {
    const auto limit = [](double one, double other) { return other + (other - one) / 3; };
    const double npv = limit(rough.npv, good.npv);
    return {std::max({npv, terms.intrinsic(), europeanValue(terms).npv}),
            limit(rough.delta, good.delta), limit(rough.gamma, good.gamma)};
}

}  // namespace cql
