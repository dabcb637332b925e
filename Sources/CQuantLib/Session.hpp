#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ql/indexes/iborindex.hpp>
#include <ql/processes/blackscholesprocess.hpp>
#include <ql/termstructures/volatility/equityfx/blackvoltermstructure.hpp>
#include <ql/time/schedule.hpp>
#include <ql/timeseries.hpp>

#include "Boundary.hpp"
#include "Curve.hpp"

namespace cql {

/// An index, its past fixings, and the curve that forecasts it.
struct RateIndex {
    ql::ext::shared_ptr<ql::IborIndex> index;
    ql::TimeSeries<ql::Real> fixings;
    int forwardCurve;
};

/// A share with its process.
struct Equity {
    double spot;
    Curve *dividendCurve, *fundingCurve;
    ql::ext::shared_ptr<ql::BlackVolTermStructure> volatility;
    ql::ext::shared_ptr<ql::BlackScholesMertonProcess> process;
    /// Black's formula on the process.
    ql::ext::shared_ptr<ql::PricingEngine> european;
};

}  // namespace cql

/// The session of the header.
struct cql_session {
    explicit cql_session(int32_t valuationDate) : valuationDate(valuationDate) {}
    ~cql_session();

    /// Makes the process-wide state of QuantLib this session's, unless it is.
    void activate();

    cql::Curve &curve(int32_t position);
    cql::RateIndex &index(int32_t position);
    cql::Equity &equity(int32_t position);
    const QuantLib::Schedule &schedule(const cql_schedule &terms);

    const QuantLib::Date valuationDate;
    std::vector<std::unique_ptr<cql::Curve>> curves;
    std::vector<cql::RateIndex> indices;
    std::vector<std::unique_ptr<cql::Equity>> equities;

  private:
    /// Schedules already made: legs of one swap, and swaps of one desk, share them.
    std::map<std::string, QuantLib::Schedule> schedules;
};
