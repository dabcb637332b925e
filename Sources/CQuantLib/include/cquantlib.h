/// QuantLib for Swift: plain structures in, status and numbers out.
///
/// No C++ type, exception or allocation crosses this header. A function that can fail returns 0,
/// or a code of cql_status and fills the error structure given to it.
///
/// QuantLib keeps its evaluation date, fixings and settings once for the process. A session holds
/// one market snapshot; each pricing call takes the process-wide lock and, when another session
/// priced before, sets date, fixings and settings again. So sessions can be interleaved freely.
/// One session must not be used by two threads at a time.
///
/// Days are serial numbers as QuantLib counts them: 1970-01-01 is 25569.
#ifndef CQUANTLIB_H
#define CQUANTLIB_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a function returns.
enum cql_status {
    CQL_OK = 0,
    /// An argument is not one that this header lists.
    CQL_INVALID = 1,
    /// A past fixing is missing: `index` and `date` of the error say which.
    CQL_MISSING_FIXING = 2,
    /// A day lies before the first node of a curve, or past the last of one without extrapolation.
    /// Where it is known, `index` is the position of the curve, `date` the day, and the message
    /// says what needs it: `The last rate`, `The last payment`.
    CQL_OUTSIDE_CURVE = 3,
    /// QuantLib refused or failed.
    CQL_FAILED = 4,
    /// There is no memory left.
    CQL_NO_MEMORY = 5,
    /// A swap given without an index has floating periods that are not paid.
    CQL_NO_FORWARD_CURVE = 6,
    /// The method must not price the option: `index` of the error is a cql_unsuited, `date` the
    /// position in engine_prices where that is about one of them.
    CQL_UNSUITED = 7
};

/// Why a method must not price an option. "Right" is the value of AnalyticEuropean or of the
/// American default.
enum cql_unsuited {
    /// The method knows one rate, and the funding curve is not flat up to expiry.
    CQL_SHAPED_FUNDING = 1,
    /// The same of the dividend curve.
    CQL_SHAPED_DIVIDEND = 2,
    /// The method does not see exercise that only negative rates or yields make worthwhile.
    CQL_NEGATIVE_RATES = 3,
    /// The method's `npv` lies below `reference`: exercise today, or the European value.
    CQL_BELOW_BOUND = 4,
    /// The method's `npv` is too far from `reference`, the right value.
    CQL_OFF = 5,
    /// The method finds no value.
    CQL_NO_VALUE = 6,
    /// An engine of `option_pv` gives `npv`, too far from `reference`, the right value.
    CQL_PROTOTYPE_OFF = 7,
    /// An engine of `option_pv` finds no value.
    CQL_PROTOTYPE_NO_VALUE = 8
};

/// Why a function did not return 0.
typedef struct {
    int32_t status;
    /// The index or curve concerned, -1 for none.
    int32_t index;
    /// The day concerned, 0 for none.
    int32_t date;
    /// For people; ends with a zero byte.
    char message[256];
} cql_error;

enum cql_day_count {
    CQL_ACTUAL_360 = 0,
    CQL_ACTUAL_365_FIXED = 1,
    /// 30/360 bond basis.
    CQL_THIRTY_360 = 2,
    CQL_THIRTY_E_360 = 3,
    CQL_ACTUAL_ACTUAL_ISDA = 4,
    /// 30/360 bond basis in which the last day of February counts as the 30th.
    CQL_THIRTY_U_360 = 5,
    /// Actual/365 (Fixed) in which 29 February does not count.
    CQL_NO_LEAP_365 = 6,
    /// Of legs only: the last day of February counts as the 30th, but not the leg's last day.
    CQL_THIRTY_E_360_ISDA = 7,
    /// Of legs with unadjusted periods only: a regular period is 1/frequency.
    CQL_ACTUAL_ACTUAL_ICMA = 8
};

enum cql_convention {
    CQL_FOLLOWING = 0,
    CQL_MODIFIED_FOLLOWING = 1,
    CQL_PRECEDING = 2,
    CQL_MODIFIED_PRECEDING = 3,
    CQL_UNADJUSTED = 4
};

/// Centres, added up where several must all be open: a day is a business day of their sum when it
/// is one of each.
enum cql_calendar {
    CQL_TARGET = 1,
    /// Federal Reserve Banks.
    CQL_NEW_YORK = 2,
    /// US government securities.
    CQL_GOVERNMENT_SECURITIES = 4,
    /// US federal employees.
    CQL_FEDERAL_EMPLOYEES = 8,
    CQL_LONDON = 16,
    CQL_TOKYO = 32,
    CQL_ZURICH = 64,
    CQL_WEEKENDS_ONLY = 128,
    CQL_NO_CALENDAR = 256
};

enum cql_time_unit { CQL_DAYS = 0, CQL_WEEKS = 1, CQL_MONTHS = 2, CQL_YEARS = 3 };

enum cql_index_family {
    CQL_EURIBOR = 0,
    CQL_USD_LIBOR = 1,
    CQL_GBP_LIBOR = 2,
    CQL_CHF_LIBOR = 3,
    CQL_JPY_LIBOR = 4,
    CQL_TIBOR = 5,
    /// Fixes two US government bond days ahead; Actual/360.
    CQL_TERM_SOFR = 6,
    /// Fixes on the day itself, London; Actual/365 (Fixed).
    CQL_TERM_SONIA = 7
};

/// The methods of options.
enum cql_option_engine {
    CQL_ANALYTIC_EUROPEAN = 0,
    CQL_QD_FP = 1,
    /// 400 x 400.
    CQL_FINITE_DIFFERENCES = 2,
    CQL_BARONE_ADESI_WHALEY = 3,
    CQL_BJERKSUND_STENSLAND = 4,
    CQL_JU = 5,
    /// QdFp on flat curves where it is right, else finite differences that see each curve's
    /// forward rates: right to 1e-4 of the spot.
    CQL_AMERICAN_DEFAULT = 6
};

/// What a pricing call is to work out, added up.
enum cql_wanted {
    CQL_NPV = 1,
    CQL_DELTA = 2,
    CQL_GAMMA = 4,
    CQL_VEGA = 8,
    CQL_THETA = 16,
    CQL_RHO = 32,
    CQL_OPTION_PV = 64,
    CQL_PAR_RATE = 128,
    CQL_FORWARD_RATE = 256,
    CQL_IR_DELTA = 512
};

/// The number of engines whose average is the prototype's option price.
#define CQL_PROTOTYPE_ENGINES 8

/// One market snapshot inside QuantLib.
typedef struct cql_session cql_session;

/// A yield curve; `count` nodes with ascending days, the first is the reference date.
typedef struct {
    const int32_t *dates;
    const double *values;
    int32_t count;
    /// 1: values are zero rates, continuous; 0: discount factors, the first 1.
    int32_t is_zero_rate;
    /// 1: zero rates linear in time; 0: log discount factors linear in time.
    int32_t is_linear_zero;
    /// 1: the last forward rate goes on past the last node; 0: a query there fails.
    int32_t extrapolates;
    int32_t day_count;
} cql_curve;

/// A share: positions of curves, and a flat volatility counted from its own reference date.
typedef struct {
    double spot;
    int32_t dividend_curve;
    int32_t funding_curve;
    double volatility;
    int32_t volatility_reference;
    int32_t volatility_day_count;
} cql_equity;

/// The days of a leg's periods. The first and the last are `start` and `end`, adjusted by the
/// convention; the end-of-month rule moves days between them only.
typedef struct {
    int32_t start, end;
    int32_t tenor_count, tenor_unit;
    int32_t calendar, convention;
    int32_t is_backward, is_end_of_month;
} cql_schedule;

typedef struct {
    cql_schedule schedule;
    int32_t day_count, payment_convention;
    /// The fixed rate, or the spread over the index.
    double rate;
    /// Of a floating leg: business days before the period, -1 for the index's own.
    int32_t fixing_days;
    /// Of a floating leg: 0: periods pay the index's own rate; 1: a rate over their own days,
    /// QuantLib's par coupon.
    int32_t forecasts_period;
} cql_leg;

/// A fixed-for-floating swap; the floating leg pays when the fixed leg is received.
typedef struct {
    cql_leg fixed, floating;
    double notional;
    int32_t receives_fixed;
    /// -1 where the snapshot has no forward curve for it: good for a swap whose floating leg is
    /// paid.
    int32_t index;
    int32_t discount_curve;
    uint32_t wanted;
} cql_swap;

typedef struct {
    int32_t start, end;
    double notional, rate;
    int32_t is_long;
    int32_t index;
    int32_t discount_curve;
    uint32_t wanted;
} cql_fra;

/// Numbers of a swap or forward rate agreement; what was not wanted or is not there is NaN.
typedef struct {
    /// 1: nothing is left to pay after the valuation date; the numbers mean nothing.
    int32_t is_expired;
    double npv;
    double fixed_leg_npv, floating_leg_npv;
    /// NaN also when no fixed period is left.
    double par_rate;
    double forward_rate, spot_value;
    double ir_delta;
} cql_rates_result;

typedef struct {
    int32_t equity;
    int32_t expiry;
    int32_t is_call, is_american;
    int32_t engine;
    double strike;
    uint32_t wanted;
} cql_option;

/// Numbers of one option on one unit, held long; what was not wanted is NaN.
typedef struct {
    int32_t is_expired;
    /// The grid of the American default; 0 where QdFp prices, and for other methods.
    int32_t time_steps, price_steps;
    double npv, delta, gamma;
    /// Per 0.01 of volatility.
    double vega;
    /// The value with one day less to expiry less npv.
    double theta;
    /// Per basis point of the funding curve.
    double rho;
    /// The average of engine_prices.
    double option_pv;
    double engine_prices[CQL_PROTOTYPE_ENGINES];
    /// With CQL_UNSUITED: what npv was compared with.
    double reference;
} cql_option_result;

/// What a rates trade needs of the market; days are 0 for none.
typedef struct {
    /// 1: nothing is left to pay after the valuation date.
    int32_t is_expired;
    /// 0: the floating leg is paid, and needs neither curve nor fixing.
    int32_t needs_forward;
    /// The day needed for which the forward curve, or the discount curve, has no factor.
    int32_t beyond_forward, beyond_discount;
    /// How many past fixings are needed.
    int32_t fixing_count;
} cql_needs;

enum cql_leg_number { CQL_FIXED_LEG = 0, CQL_FLOATING_LEG = 1 };

/// One payment; numbers that the session's market does not give are NaN.
typedef struct {
    int32_t leg;
    int32_t payment, accrual_start, accrual_end;
    /// 0 for a fixed leg.
    int32_t fixing;
    int32_t days;
    double year_fraction;
    /// What is paid on the notional, spread included; of a forward rate agreement the agreed rate.
    double rate;
    /// The index's, fixed or forecast; NaN for a fixed leg.
    double index_rate;
    /// Received above 0.
    double amount;
    /// NaN when paid.
    double discount_factor;
    /// 0 when paid.
    double present_value;
    /// 1: the rate is known, 0: it is forecast.
    int32_t is_fixed;
    int32_t is_past;
} cql_cash_flow;

/// What Black's formula takes: `deviation` is that of the logarithm of the price at expiry, years
/// are calendar days from the valuation date divided by 365.
typedef struct {
    int32_t is_expired;
    double spot, forward, discount_factor, dividend_factor;
    double volatility, years, deviation, d1, d2;
} cql_option_inputs;

/// The library's name and version, `QuantLib 1.29`.
const char *cql_version(void);

/// Stores 1 for a business day of the calendar, else 0.
int cql_is_business_day(int32_t calendar, int32_t date, int32_t *is_business_day, cql_error *error);

/// Stores the fraction of a year from `start` to `end`; for day counts that need no leg.
int cql_year_fraction(
    int32_t day_count, int32_t start, int32_t end, double *fraction, cql_error *error);

/// Stores the sum of the fractions of a year of a leg's periods.
int cql_leg_years(
    int32_t day_count, const cql_schedule *schedule, double *years, cql_error *error);

/// Stores the days of a schedule, at most `capacity`, and how many there are.
int cql_schedule_dates(
    const cql_schedule *schedule, int32_t *dates, int32_t capacity, int32_t *count,
    cql_error *error);

/// CPU time of the calling thread, in nanoseconds.
uint64_t cql_thread_cpu_nanoseconds(void);

/// Makes a session without curves; NULL when the error is filled.
cql_session *cql_session_create(int32_t valuation_date, cql_error *error);
void cql_session_destroy(cql_session *session);

/// Makes QuantLib's process-wide state the session's, as every pricing call does by itself.
int cql_session_activate(cql_session *session, cql_error *error);

/// Each adds one thing and stores its position, counted from 0 for its kind.
int cql_session_add_curve(
    cql_session *session, const cql_curve *curve, int32_t *position, cql_error *error);
int cql_session_add_index(
    cql_session *session, int32_t family, int32_t tenor_count, int32_t tenor_unit,
    int32_t forward_curve, int32_t *position, cql_error *error);
int cql_session_add_equity(
    cql_session *session, const cql_equity *equity, int32_t *position, cql_error *error);

/// Adds a past fixing. One on a day on which the index does not fix is left out: nothing could
/// use it.
int cql_session_add_fixing(
    cql_session *session, int32_t index, int32_t date, double value, cql_error *error);

/// Prices a swap. `discount_buckets` and `forward_buckets` take, when CQL_IR_DELTA is wanted, one
/// number for each node of the discount curve and of the index's forward curve; the second is not
/// touched when the two are one curve.
int cql_price_swap(
    cql_session *session, const cql_swap *swap, cql_rates_result *result,
    double *discount_buckets, double *forward_buckets, cql_error *error);

/// Prices a forward rate agreement; buckets as in cql_price_swap. Its rate is the index's own; the
/// caller has checked that its period is the index's.
int cql_price_fra(
    cql_session *session, const cql_fra *fra, cql_rates_result *result,
    double *discount_buckets, double *forward_buckets, cql_error *error);

/// Prices an option. With CQL_UNSUITED `npv` and `reference` of the result say what was compared.
int cql_price_option(
    cql_session *session, const cql_option *option, cql_option_result *result, cql_error *error);

/// Stores what a swap needs, and the days of the past fixings, ascending, at most `capacity`.
/// Whether the session has those fixings does not matter; without an index (-1) it is not known
/// which they are.
int cql_swap_needs(
    cql_session *session, const cql_swap *swap, int32_t *fixings, int32_t capacity,
    cql_needs *needs, cql_error *error);

/// Stores what a forward rate agreement needs, and the day of its past fixing.
int cql_fra_needs(
    cql_session *session, const cql_fra *fra, int32_t *fixing, cql_needs *needs, cql_error *error);

/// Stores the payments of a swap, at most `capacity`, the fixed leg's first, and how many there
/// are. Without an index those of the floating leg, which are paid, are left out.
int cql_explain_swap(
    cql_session *session, const cql_swap *swap, cql_cash_flow *flows, int32_t capacity,
    int32_t *count, cql_error *error);

/// Stores the one payment of a forward rate agreement.
int cql_explain_fra(
    cql_session *session, const cql_fra *fra, cql_cash_flow *flow, cql_error *error);

/// Stores what an option's formula takes; CQL_OUTSIDE_CURVE where a curve does not reach expiry.
int cql_find_option_inputs(
    cql_session *session, const cql_option *option, cql_option_inputs *inputs, cql_error *error);

#ifdef __cplusplus
}
#endif

#endif
