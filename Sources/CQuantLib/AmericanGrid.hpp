#pragma once

#include <functional>
#include <memory>
#include <vector>

namespace cql {

/// An option under discount factors that are any function of time.
///
/// The price of the underlying is its forward times a lognormal martingale M. So an American
/// option is worth the best stopping of `strike * funding(t) - spot * dividend(t) * M(t)` (a put;
/// a call with the sign turned): the curves are all in what exercise gives, none in the process.
struct AmericanTerms {
    /// Factors from the valuation date at a time within 0...`years`; 1 at 0.
    std::function<double(double)> funding, dividend;
    /// Times at which forward rates jump, ascending.
    std::vector<double> kinks;
    double spot, strike;
    /// Time to expiry, in any unit, above 0.
    double years;
    /// Standard deviation of the logarithm of the price at expiry, above 0.
    double deviation;
    bool isCall;

    double intrinsic() const;
};

struct AmericanValue {
    double npv, delta, gamma;
};

/// The European price with the same factors, in closed form (Black).
AmericanValue europeanValue(const AmericanTerms &terms);

/// Finite differences for one option.
///
/// Steps of BDF2 backwards in time, each solved as a linear complementarity problem by policy
/// iteration, so that exercise regions may have any shape. Constants and the martingale are exact
/// solutions of the scheme. The European price on the same grid is the control variate.
class AmericanGrid {
  public:
    /// Lays out a grid of 50 * 2^`level` steps in time and 80 * 2^`level` in price for `terms`.
    AmericanGrid(const AmericanTerms &terms, int level);

    /// Prices terms that differ little from those of the layout: the grid stays, so that the
    /// differences of two values are smooth.
    AmericanValue value(const AmericanTerms &terms) const;

    int timeSteps() const { return int(parts.size()) - 1; }
    int priceSteps() const { return int(logarithms.size()) - 1; }

  private:
    void layOutTimes(const AmericanTerms &terms, int steps);
    void layOutPrices(const AmericanTerms &terms, int steps);

    /// Ascending parts of the option's life, 0...1, and whether forward rates jump there.
    std::vector<double> parts;
    std::vector<char> isKink;
    /// Ascending logarithms of M, 0 at `origin`.
    std::vector<double> logarithms;
    size_t origin = 0;
};

/// Grids of two levels and the value that they point to.
///
/// Levels go up until the value moves by less than the tolerance from one to the next, or by
/// less than five times as much at the last. The value's error is a part of that.
class AmericanSolver {
  public:
    AmericanSolver(const AmericanTerms &terms, double tolerance);

    /// Solves on grids of the same levels as `other`, laid out anew.
    AmericanSolver(const AmericanTerms &terms, const AmericanSolver &other);

    /// Whether the tolerance was met.
    bool isConverged() const { return converged; }
    const AmericanValue &value() const { return result; }
    AmericanValue value(const AmericanTerms &moved) const;
    const AmericanGrid &finest() const { return *fine; }

  private:
    AmericanValue extrapolated(
        const AmericanTerms &terms, const AmericanValue &rough, const AmericanValue &good) const;

    std::unique_ptr<AmericanGrid> coarse, fine;
    int level = 0;
    bool converged = false;
    AmericanValue result{};
};

}  // namespace cql
