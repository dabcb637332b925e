#!/usr/bin/env bash
# QuantLib: a bootstrapped curve with a fixed reference date changes when the evaluation date
# does.
#
# Guess: a curve built with an explicit reference date and constant quotes is one curve; only
# curves built with "settlement days" follow the evaluation date.
# What happens: the curve keeps its reference date, but its helpers are relative: after a change
# of the evaluation date they mean other dates, and the curve is bootstrapped again, to
# instruments that start three months later. The five-year discount factor moves by 0.3 %, and
# nothing says so. A theta by moving the evaluation date, or two jobs in one process, gets this.
# A curve of the same dates and discount factors, copied, stays.
# Version: QuantLib 1.44 (PyPI). Source: ql/termstructures/bootstraphelper.hpp,
# `RelativeDateBootstrapHelper::update`.
#
# usage: findings/quantlib-fixed-curve-moves.sh
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
settings = ql.Settings.instance()
today, later = ql.Date(15, 1, 2026), ql.Date(15, 4, 2026)
settings.evaluationDate = today

def quote(rate):
    return ql.QuoteHandle(ql.SimpleQuote(rate))

calendar = ql.TARGET()
helpers = [ql.DepositRateHelper(
    quote(0.02), ql.Period("6M"), 2, calendar, ql.ModifiedFollowing, False, ql.Actual360())]
helpers += [ql.SwapRateHelper(
    quote(rate), ql.Period(years, ql.Years), calendar, ql.Annual, ql.ModifiedFollowing,
    ql.Thirty360(ql.Thirty360.BondBasis), ql.Euribor6M())
    for years, rate in [(2, 0.025), (5, 0.03), (10, 0.033)]]
curve = ql.PiecewiseLogLinearDiscount(today, helpers, ql.Actual365Fixed())
copy = ql.DiscountCurve(curve.dates(), [d for _, d in curve.nodes()], ql.Actual365Fixed())
target = ql.Date(15, 1, 2031)

def state(curve):
    return curve.referenceDate().ISO(), curve.dates()[1].ISO(), round(curve.discount(target), 6)

expect("bootstrapped", state(curve), ("2026-01-15", "2026-07-20", 0.862057))
expect("its copy", state(copy), ("2026-01-15", "2026-07-20", 0.862057))
settings.evaluationDate = later
expect("bootstrapped, in April", state(curve), ("2026-01-15", "2026-10-19", 0.864727))
expect("its copy", state(copy), ("2026-01-15", "2026-07-20", 0.862057))
PYTHON
