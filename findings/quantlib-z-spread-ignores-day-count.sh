#!/usr/bin/env bash
# QuantLib: the day count given to the z-spread of a bond has no effect.
#
# Guess: `BondFunctions.zSpread(bond, price, curve, dayCount, ...)` is a spread over years of
# that day count, as a yield is.
# What happens: any day count gives the same spread, even one for which every period is a year;
# the spread is over the years of the curve's own day count. A spread by Act/360, as desks quote
# it for floating notes, would be 53.2 basis points where 53.9 come back. (Since 1.42 the C++
# headers mark this argument as deprecated; Python says nothing.)
# Version: QuantLib 1.44 (PyPI). Source: ql/pricingengines/bond/bondfunctions.hpp, `zSpread`.
#
# usage: findings/quantlib-z-spread-ignores-day-count.sh
set -euo pipefail
[ $# -eq 0 ] || { sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install QuantLib==1.44
cd "$folder"
venv/bin/python -B - <<'PYTHON'
import QuantLib as ql

def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        raise SystemExit(f"CHANGED: {what} was {wanted}")

print("QuantLib", ql.__version__)
today = ql.Date(15, 1, 2026)
ql.Settings.instance().evaluationDate = today
schedule = ql.Schedule(
    today, ql.Date(15, 1, 2036), ql.Period("1Y"), ql.NullCalendar(), ql.Unadjusted,
    ql.Unadjusted, ql.DateGeneration.Backward, False)
bond = ql.FixedRateBond(0, 100.0, schedule, [0.03], ql.Thirty360(ql.Thirty360.BondBasis))
curve = ql.FlatForward(today, 0.03, ql.Actual365Fixed())

def spread(counter):
    price = ql.BondPrice(95.0, ql.BondPrice.Clean)
    value = ql.BondFunctions.zSpread(bond, price, curve, counter, ql.Continuous, ql.Annual, today)
    return round(value * 1e4, 3)

def by_hand(counter):
    "The continuous spread, in basis points, that reprices the bond in years of `counter`."
    low, high = -0.1, 0.1
    while high - low > 1e-12:
        middle = (low + high) / 2
        value = sum(
            flow.amount() * curve.discount(flow.date())
            * 2.718281828459045 ** (-middle * counter.yearFraction(today, flow.date()))
            for flow in bond.cashflows())
        low, high = (middle, high) if value > 95 else (low, middle)
    return round(middle * 1e4, 3)

for counter, hand in [
    (ql.Actual365Fixed(), 53.897), (ql.Actual360(), 53.159), (ql.OneDayCounter(), 472.712)
]:
    expect(f"{counter.name()}: by hand, bp", by_hand(counter), hand)
    expect(f"{counter.name()}: zSpread, bp", spread(counter), 53.897)
PYTHON
