#!/usr/bin/env bash
# QuantLib: the first rate of a forward curve is never used; each rate applies before its date.
#
# Guess: `ForwardCurve(dates, forwards)` pays the forward of a date from that date on, as a table
# of central bank rates does.
# What happens: the curve is backward flat: the rate given at a date applies to the period that
# ends there. The first rate counts for no period, so 1 % or 9 % there gives the same curve; the
# last one counts for the last period, where the guess has none left. With 2 % and 4 % at one and
# two years the two readings of one table differ by 3 % of the two-year discount factor.
# Version: QuantLib 1.44 (PyPI). Source: ql/termstructures/yield/forwardcurve.hpp;
# ql/math/interpolations/backwardflatinterpolation.hpp.
#
# usage: findings/quantlib-forward-curve-skips-first-rate.sh
set -euo pipefail
[ $# -eq 0 ] || { sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install QuantLib==1.44
cd "$folder"
venv/bin/python -B - <<'PYTHON'
import math
import QuantLib as ql

def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        raise SystemExit(f"CHANGED: {what} was {wanted}")

print("QuantLib", ql.__version__)
today = ql.Date(15, 1, 2026)
dates = [today, ql.Date(15, 1, 2027), ql.Date(15, 1, 2028)]

def discounts(forwards):
    curve = ql.ForwardCurve(dates, forwards, ql.Actual365Fixed())
    return [round(curve.discount(date), 8) for date in dates]

by_end = [round(math.exp(-t), 8) for t in (0, 0.02, 0.02 + 0.04)]
by_start = [round(math.exp(-t), 8) for t in (0, 0.01, 0.01 + 0.02)]
print("by hand, rates from their dates on:", by_start)
print("by hand, rates up to their dates:  ", by_end)
expect("curve of 1 %, 2 %, 4 %", discounts([0.01, 0.02, 0.04]), by_end)
expect("curve of 9 %, 2 %, 4 %", discounts([0.09, 0.02, 0.04]), by_end)
expect("difference at two years", round(by_start[2] / by_end[2] - 1, 4), 0.0305)
PYTHON
