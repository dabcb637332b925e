#!/usr/bin/env bash
# QuantLib: two tenors that compare equal lead to different dates.
#
# Guess: 7D == 1W is true, so a deposit of 7D and one of 1W end on the same day.
# What happens: `Calendar.advance` counts business days for a tenor in days and calendar days for
# one in weeks. From Thursday 15 January 2026, 1W ends on the 22nd and 7D on the 26th (TARGET); a
# bootstrapped curve then has its pillar there. Normalising a tenor (7D becomes 1W) changes the
# date.
# Version: QuantLib 1.44 (PyPI). Source: ql/time/calendar.cpp, `Calendar::advance`;
# ql/time/period.cpp, `operator<` and `Period::normalize`.
#
# usage: findings/quantlib-equal-tenors-different-dates.sh
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
today, calendar = ql.Date(15, 1, 2026), ql.TARGET()
ql.Settings.instance().evaluationDate = today
days, week = ql.Period("7D"), ql.Period("1W")
expect("7D == 1W", days == week, True)
expect("15 January 2026 + 1W", calendar.advance(today, week).ISO(), "2026-01-22")
expect("15 January 2026 + 7D", calendar.advance(today, days).ISO(), "2026-01-26")
expect("... after normalising", calendar.advance(today, days.normalized()).ISO(), "2026-01-22")

def pillar(tenor):
    quote = ql.QuoteHandle(ql.SimpleQuote(0.02))
    deposit = ql.DepositRateHelper(
        quote, tenor, 0, calendar, ql.Following, False, ql.Actual360())
    return deposit.pillarDate().ISO()

expect("pillar of a 1W deposit", pillar(week), "2026-01-22")
expect("pillar of a 7D deposit", pillar(days), "2026-01-26")
PYTHON
