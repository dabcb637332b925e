// What Black's formula takes for an option, and what the option needs of a market.

#include <cmath>

#include "OptionMarket.hpp"

using namespace QuantLib;
using namespace cql;

namespace {

void findInputs(cql_session &session, const cql_option &terms, cql_option_inputs &inputs) {
    if (Date(terms.expiry) <= session.valuationDate) {
        inputs.is_expired = 1;
        return;
    }
    const OptionMarket market(session, session.equity(terms.equity), terms);
    const AmericanTerms seen = market.terms();
    inputs.spot = seen.spot;
    inputs.years = seen.years;
    inputs.volatility = market.volatility();
    inputs.deviation = seen.deviation;
    inputs.discount_factor = seen.funding(seen.years);
    inputs.dividend_factor = seen.dividend(seen.years);
    inputs.forward = seen.spot * inputs.dividend_factor / inputs.discount_factor;
    inputs.d1 = std::log(inputs.forward / seen.strike) / seen.deviation + seen.deviation / 2;
    inputs.d2 = inputs.d1 - seen.deviation;
}

}  // namespace

int cql_find_option_inputs(
    cql_session *session, const cql_option *option, cql_option_inputs *inputs, cql_error *error) {
    *inputs = {};
    return guarded(error, [&] {
        session->activate();
        findInputs(*session, *option, *inputs);
    });
}
