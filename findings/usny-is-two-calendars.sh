#!/usr/bin/env bash
# ORE, python-holidays: USNY is closed on Friday 3 July 2026 in one library and open in the
# other.
#
# Guess: an FpML business centre that two libraries accept names one set of days.
# What happens: python-holidays takes USNY for the Federal Reserve's schedule, which stays open
# on the Friday before a holiday that falls on a Saturday. ORE takes it for QuantLib's Settlement
# calendar, which closes then, as federal offices do: 3 July 2026, 24 and 31 December 2027. Who
# reads the trade decides when it pays; the two differ on 13 days from 2026 to 2040.
# Version: Open Source Risk Engine 1.8.17.0, holidays 0.109 (PyPI). Source:
# OREData/ored/utilities/calendarparser.cpp; holidays/financial/federal_reserve.py; QuantLib
# issue 1282.
#
# usage: findings/usny-is-two-calendars.sh
set -euo pipefail
[ $# -eq 0 ] || { sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install \
    open-source-risk-engine==1.8.17.0 holidays==0.109
cd "$folder"
venv/bin/python -B - <<'PYTHON'
import datetime
from importlib.metadata import version
import holidays
import ORE

def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        raise SystemExit(f"CHANGED: {what} was {wanted}")

print("Open Source Risk Engine", version("open-source-risk-engine"))
print("holidays", holidays.__version__)
calendar = ORE.parseCalendar("USNY")
reserve = holidays.financial_holidays("USNY", years=range(2026, 2042))
expect("USNY in ORE", calendar.name(), "US settlement")
expect("USNY in holidays", type(reserve).__name__, "USNY")
apart, day = [], datetime.date(2026, 1, 1)
while day.year < 2041:
    if day.weekday() < 5:
        closed = calendar.isHoliday(ORE.Date(day.day, day.month, day.year)), day in reserve
        if closed[0] != closed[1]:
            apart.append((str(day), "closed in ORE" if closed[0] else "closed in holidays"))
    day += datetime.timedelta(1)
for line in apart:
    print(*line)
expect("days apart, 2026 to 2040", len(apart), 13)
expect("... all closed in", {line[1] for line in apart}, {"closed in ORE"})
PYTHON
