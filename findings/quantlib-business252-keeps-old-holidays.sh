#!/usr/bin/env bash
# QuantLib: a new holiday does not reach Business/252 for periods that were counted before.
#
# Guess: after `calendar.addHoliday(d)`, day counts that use this calendar count one day less.
# What happens: the calendar does, Business/252 does not. It keeps the business days of each
# whole month and year in tables of the process, by the calendar's name, and never looks again.
# So the same year fraction depends on what was asked before: 249 days if the period was counted
# once without the holiday, 248 in a fresh process. Brazil got such a holiday by law (20
# November, from 2024).
# Version: QuantLib 1.44 (PyPI). Source: ql/time/daycounters/business252.cpp, `businessDays` and
# its tables `monthlyFigures_`, `yearlyFigures_`.
#
# usage: findings/quantlib-business252-keeps-old-holidays.sh
set -euo pipefail
[ $# -eq 0 ] || { sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install QuantLib==1.44
cd "$folder"
venv/bin/python -B - <<'PYTHON'
import subprocess
import sys
import QuantLib as ql

def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        raise SystemExit(f"CHANGED: {what} was {wanted}")

start, end, holiday = ql.Date(2, 1, 2026), ql.Date(4, 1, 2027), ql.Date(10, 6, 2026)
brazil = ql.Brazil()

def count():
    return ql.Business252(ql.Brazil()).dayCount(start, end)

print("QuantLib", ql.__version__)
expect("business days, calendar", brazil.businessDaysBetween(start, end), 249)
expect("business days, Business/252", count(), 249)
brazil.addHoliday(holiday)
expect("with 10 June a holiday, calendar", brazil.businessDaysBetween(start, end), 248)
expect("with 10 June a holiday, Business/252", count(), 249)

fresh = """
import QuantLib as ql
ql.Brazil().addHoliday(ql.Date(10, 6, 2026))
print(ql.Business252(ql.Brazil()).dayCount(ql.Date(2, 1, 2026), ql.Date(4, 1, 2027)))
"""
answer = subprocess.run([sys.executable, "-c", fresh], capture_output=True, text=True, check=True)
expect("the same in a fresh process, Business/252", int(answer.stdout), 248)
PYTHON
