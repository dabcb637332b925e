#pragma once

#include <memory>

#include "OptionMarket.hpp"

namespace cql {

/// Whether early exercise can never pay, so that the option is worth the European.
bool isNeverExercised(const FlatRates &rates, bool isCall);

/// Returns what QuantLib's engine of the method (a cql_option_engine) gives on the market moved,
/// and from its grid, where it has one, the delta and gamma that are asked for.
///
/// Throws Unsuited where the method must not be asked or finds no number.
double methodValue(
    const OptionMarket &market, int32_t method, const Move &move,
    double *delta = nullptr, double *gamma = nullptr);

/// The American default.
class AmericanDefault {
  public:
    explicit AmericanDefault(const OptionMarket &market);

    double npv() const { return value; }
    /// The value on the market moved, with the method and the grid of npv().
    double npv(const Move &move) const;
    /// The grids; null where QdFp prices.
    const AmericanSolver *solver() const { return grids.get(); }

  private:
    bool suitsQdFp() const;
    double fromQdFp(const Move &move) const;

    const OptionMarket &market;
    std::unique_ptr<AmericanSolver> grids;
    double value = 0;
};

}  // namespace cql
