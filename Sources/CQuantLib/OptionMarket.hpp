#pragma once

#include <ql/instruments/vanillaoption.hpp>

#include "AmericanGrid.hpp"
#include "Session.hpp"

namespace cql {

/// How far what an option depends on is moved.
struct Move {
    /// Of the spot, a part of it.
    double spot = 0;
    double volatility = 0;
    /// Of the funding curve's zero rates, continuous, in the curve's day count.
    double rate = 0;
    /// Days less to expiry; curves and volatility keep their shape by days from today.
    int days = 0;
};

/// Zero rates to expiry, continuous, Actual/365 (Fixed).
struct FlatRates {
    double rate, yield;
};

/// What one option sees of the snapshot.
///
/// Time is counted in calendar days from the valuation date, divided by 365, whatever the day
/// counts of curves and volatility, which give the factors and variances of each day.
class OptionMarket {
  public:
    OptionMarket(const cql_session &session, const Equity &equity, const cql_option &option);

    AmericanTerms terms(const Move &move = {}) const;

    /// An option whose engines see the market moved, in one day count.
    ql::VanillaOption option(const Move &move) const;
    ql::ext::shared_ptr<ql::BlackScholesMertonProcess> process(const Move &move) const;

    FlatRates rates(const Move &move) const;
    double volatility() const;
    int days() const { return life; }

    /// The largest change of the option's value from a curve's being taken as flat, in parts of
    /// the spot: the zero rate to expiry in the curve's own day count, or in calendar days.
    double fundingShape(bool inDays) const;
    double dividendShape(bool inDays) const;

  private:
    double deviation(const Move &move) const;
    double shape(const Curve &curve, bool inDays) const;

    const Equity &equity;
    const cql_option &contract;
    ql::Date today;
    int life;
    std::vector<double> kinks;
    bool isUniform;
};

}  // namespace cql
