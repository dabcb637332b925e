#pragma once

#include <ql/cashflow.hpp>
#include <ql/indexes/iborindex.hpp>

#include "Session.hpp"

namespace cql {

ql::Leg fixedLeg(cql_session &session, const cql_swap &swap);

ql::Leg floatingLeg(cql_session &session, const cql_swap &swap, const RateIndex &index);

/// Whether the leg's last payment is in the past; without the coupons, so without an index.
bool isPaid(cql_session &session, const cql_leg &leg);

/// The end of a period as the index's deposits end: a Libor's on a business day of both centres.
ql::Date adjustedEnd(const ql::IborIndex &index, const ql::Date &end);

}  // namespace cql
