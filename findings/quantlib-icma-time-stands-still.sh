#!/usr/bin/env bash
# QuantLib: with Act/Act ICMA as the day count of a curve, time stands still for a month, then
# leaps.
#
# Guess: whatever the day count of a curve, a later date has a later time.
# What happens: without a coupon schedule, `ActualActual(ISMA)` guesses the reference period from
# the length, rounded to months, and answers in whole months. From 15 January 2026, 15 days are
# 0.041 years, and each of 16 to 45 days is exactly 1/12. A flat 5 % curve gives one discount
# factor for these thirty days: a bill bought for half of them earns nothing, and the one day
# before earns what fifteen should.
# Version: QuantLib 1.44 (PyPI). Source: ql/time/daycounters/actualactual.cpp,
# `ActualActual::Old_ISMA_Impl::yearFraction`.
#
# usage: findings/quantlib-icma-time-stands-still.sh
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
today, icma = ql.Date(15, 1, 2026), ql.ActualActual(ql.ActualActual.ISMA)
times = [icma.yearFraction(today, today + days) for days in range(61)]
expect("time of 15 days", round(times[15], 4), 0.0411)
expect("times of 16 to 45 days", {round(t, 10) for t in times[16:46]}, {round(1 / 12, 10)})
expect("time of 46 days", round(times[46], 10), round(2 / 12, 10))

def forward(curve, first, last):
    "Simple rate from `first` to `last` days, by actual days of 365, in percent."
    growth = curve.discount(today + first) / curve.discount(today + last)
    return round((growth - 1) * 365 / (last - first) * 100, 2)

for name, counter, wanted in [
    ("Act/365F", ql.Actual365Fixed(), (5.0, 5.01, 5.0)),
    ("Act/Act ICMA", icma, (77.16, 0.0, 152.4)),
]:
    curve = ql.FlatForward(today, 0.05, counter)
    rates = (forward(curve, 15, 16), forward(curve, 16, 45), forward(curve, 45, 46))
    expect(f"5 % curve, {name}: rates of days 15-16, 16-45, 45-46", rates, wanted)
PYTHON
