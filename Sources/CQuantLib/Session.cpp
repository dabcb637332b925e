#include "Session.hpp"

#include <cstring>
#include <ctime>

#include <ql/cashflows/iborcoupon.hpp>
#include <ql/indexes/indexmanager.hpp>
#include <ql/pricingengines/vanilla/analyticeuropeanengine.hpp>
#include <ql/quotes/simplequote.hpp>
#include <ql/settings.hpp>
#include <ql/termstructures/volatility/equityfx/blackconstantvol.hpp>
#include <ql/time/calendars/target.hpp>
#include <ql/version.hpp>

#include "Conventions.hpp"

using namespace QuantLib;

namespace cql {

namespace {

/// Whose date, fixings and settings QuantLib has now.
cql_session *active = nullptr;

/// Schedules kept by a session before it forgets them all.
const size_t scheduleLimit = 4096;

}  // namespace

std::mutex &libraryLock() {
    static std::mutex lock;
    return lock;
}

int fill(cql_error *error, int status, const char *message, int32_t index, int32_t date) {
    error->status = status;
    error->index = index;
    error->date = date;
    std::strncpy(error->message, message, sizeof error->message - 1);
    error->message[sizeof error->message - 1] = 0;
    return status;
}

int fillFromLibrary(cql_error *error, const char *message) {
    bool isOutside = std::strstr(message, "past max curve time") != nullptr
        || std::strstr(message, "is past max curve date") != nullptr
        || std::strstr(message, "negative time") != nullptr
        || std::strstr(message, "before reference date") != nullptr;
    return fill(error, isOutside ? CQL_OUTSIDE_CURVE : CQL_FAILED, message);
}

template <class Things>
auto &element(Things &things, int32_t position, const char *message) {
    if (position < 0 || size_t(position) >= things.size()) throw Invalid(message);
    return things[position];
}

}  // namespace cql

using namespace cql;

cql_session::~cql_session() {
    if (active == this) active = nullptr;
}

void cql_session::activate() {
    if (active == this) return;
    active = nullptr;
    Settings::instance().evaluationDate() = valuationDate;
    Settings::instance().includeReferenceDateEvents() = false;
    Settings::instance().includeTodaysCashFlows() = boost::none;
    Settings::instance().enforcesTodaysHistoricFixings() = false;
    IborCoupon::Settings::instance().createAtParCoupons();
    IndexManager::instance().clearHistories();
    for (const RateIndex &index : indices)
        IndexManager::instance().setHistory(index.index->name(), index.fixings);
    active = this;
}

cql::Curve &cql_session::curve(int32_t position) {
    return *element(curves, position, "no such curve");
}

cql::RateIndex &cql_session::index(int32_t position) {
    return element(indices, position, "no such index");
}

cql::Equity &cql_session::equity(int32_t position) {
    return *element(equities, position, "no such equity");
}

const Schedule &cql_session::schedule(const cql_schedule &terms) {
    std::string key(reinterpret_cast<const char *>(&terms), sizeof terms);
    auto found = schedules.find(key);
    if (found != schedules.end()) return found->second;
    // Entries must outlive the pricing that asked for them: forget only before a new one.
    if (schedules.size() >= scheduleLimit) schedules.clear();
    return schedules.emplace(std::move(key), makeSchedule(terms)).first->second;
}

const char *cql_version(void) { return "QuantLib " QL_VERSION; }

uint64_t cql_thread_cpu_nanoseconds(void) {
    timespec now;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) return 0;
    return uint64_t(now.tv_sec) * 1000000000 + uint64_t(now.tv_nsec);
}

cql_session *cql_session_create(int32_t valuation_date, cql_error *error) {
    cql_session *session = nullptr;
    guarded(error, [&] { session = new cql_session(valuation_date); });
    return session;
}

void cql_session_destroy(cql_session *session) {
    cql_error ignored;
    guarded(&ignored, [&] { delete session; });
}

int cql_session_activate(cql_session *session, cql_error *error) {
    return guarded(error, [&] { session->activate(); });
}

int cql_session_add_curve(
    cql_session *session, const cql_curve *curve, int32_t *position, cql_error *error) {
    return guarded(error, [&] {
        if (curve->count < 1) throw Invalid("a curve without nodes");
        session->curves.push_back(std::make_unique<Curve>(*curve));
        *position = int32_t(session->curves.size()) - 1;
    });
}

int cql_session_add_index(
    cql_session *session, int32_t family, int32_t tenor_count, int32_t tenor_unit,
    int32_t forward_curve, int32_t *position, cql_error *error) {
    return guarded(error, [&] {
        RateIndex index;
        index.forwardCurve = forward_curve;
        index.index = makeIndex(
            family, makePeriod(tenor_count, tenor_unit), session->curve(forward_curve).handle());
        session->indices.push_back(index);
        *position = int32_t(session->indices.size()) - 1;
        if (active == session) active = nullptr;
    });
}

int cql_session_add_fixing(
    cql_session *session, int32_t index, int32_t date, double value, cql_error *error) {
    return guarded(error, [&] {
        RateIndex &target = session->index(index);
        if (!target.index->isValidFixingDate(Date(date))) return;
        target.fixings[Date(date)] = value;
        if (active == session) active = nullptr;
    });
}

int cql_session_add_equity(
    cql_session *session, const cql_equity *equity, int32_t *position, cql_error *error) {
    return guarded(error, [&] {
        auto made = std::make_unique<Equity>();
        made->spot = equity->spot;
        made->dividendCurve = &session->curve(equity->dividend_curve);
        made->fundingCurve = &session->curve(equity->funding_curve);
        made->volatility = ext::make_shared<BlackConstantVol>(
            Date(equity->volatility_reference), TARGET(), equity->volatility,
            makeDayCounter(equity->volatility_day_count));
        made->process = ext::make_shared<BlackScholesMertonProcess>(
            Handle<Quote>(ext::make_shared<SimpleQuote>(equity->spot)),
            Handle<YieldTermStructure>(made->dividendCurve->base()),
            Handle<YieldTermStructure>(made->fundingCurve->base()),
            Handle<BlackVolTermStructure>(made->volatility));
        made->european = ext::make_shared<AnalyticEuropeanEngine>(made->process);
        session->equities.push_back(std::move(made));
        *position = int32_t(session->equities.size()) - 1;
    });
}
