#pragma once

#include <map>
#include <utility>
#include <vector>

#include <ql/handle.hpp>
#include <ql/pricingengine.hpp>
#include <ql/termstructures/yieldtermstructure.hpp>

#include "include/cquantlib.h"

namespace cql {

namespace ql = QuantLib;

/// A curve of the snapshot, its bumped versions, and the handle through which trades see it.
class Curve {
  public:
    /// Stands for all nodes in `bumped`.
    static constexpr int allNodes = -1;

    explicit Curve(const cql_curve &curve);

    /// The curve with one node's or all nodes' zero rate (continuous, Actual/365 (Fixed)) moved by
    /// `basisPoints`; built once.
    const ql::ext::shared_ptr<ql::YieldTermStructure> &bumped(int node, int basisPoints);

    /// Discounts swaps on the handle; built once.
    const ql::ext::shared_ptr<ql::PricingEngine> &swapEngine();

    /// Ascending; the first is the reference date.
    const std::vector<ql::Date> &nodeDates() const { return dates; }

    int size() const { return static_cast<int>(dates.size()); }

    /// One past the last node that can change a factor up to `last`.
    int nodesThatMatter(const ql::Date &last) const;

    /// Whether the curve has a factor for the day, which is not before its first.
    bool covers(const ql::Date &day) const;

    /// Whether moving the node's zero rate moves the curve at all.
    bool isMovable(int node) const;

    const ql::Handle<ql::YieldTermStructure> &handle() const { return relinkable; }
    const ql::ext::shared_ptr<ql::YieldTermStructure> &base() const { return original; }

    void link(const ql::ext::shared_ptr<ql::YieldTermStructure> &curve) {
        relinkable.linkTo(curve);
    }
    void restore() { relinkable.linkTo(original); }

  private:
    double shifted(int node, double size) const;
    ql::ext::shared_ptr<ql::YieldTermStructure> build(const std::vector<double> &values) const;

    std::vector<ql::Date> dates;
    std::vector<double> values;
    ql::DayCounter dayCounter;
    bool isZeroRate, isLinearZero, extrapolates;
    ql::ext::shared_ptr<ql::YieldTermStructure> original;
    ql::RelinkableHandle<ql::YieldTermStructure> relinkable;
    std::map<std::pair<int, int>, ql::ext::shared_ptr<ql::YieldTermStructure>> bumps;
    ql::ext::shared_ptr<ql::PricingEngine> engine;
};

/// Links bumped curves and puts the originals back, whatever happens in between.
class Bump {
  public:
    Bump() = default;
    Bump(const Bump &) = delete;
    Bump &operator=(const Bump &) = delete;
    ~Bump() { restore(); }

    void link(Curve &curve, int node, int basisPoints) {
        const auto &bumped = curve.bumped(node, basisPoints);
        linked.push_back(&curve);
        curve.link(bumped);
    }
    void restore() {
        for (Curve *curve : linked) curve->restore();
        linked.clear();
    }

  private:
    std::vector<Curve *> linked;
};

}  // namespace cql
