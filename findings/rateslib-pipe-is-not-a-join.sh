#!/usr/bin/env bash
# rateslib: "ldn|nyc" is open on 4 July; a pipe between calendars is not a joint calendar.
#
# Guess: `ldn|nyc` is a spelling of the joint calendar, closed where one of the two is.
# What happens: a comma joins. What follows a pipe is a settlement calendar, as FX spot dates
# need: `is_bus_day` and schedules do not look at it, so periods roll by London alone; adding
# business days asks it about the result only, and only with `settlement=True`. The spelling is
# accepted wherever a calendar is, and other systems use it for a join (ORE has a comma, Strata a
# plus sign, and a tilde for days that are good in either).
# Version: rateslib 2.7.1 (PyPI). Source: rateslib/scheduling/calendars.py, `get_calendar`.
#
# usage: findings/rateslib-pipe-is-not-a-join.sh
set -euo pipefail
[ $# -eq 0 ] || { sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install \
    rateslib==2.7.1 numpy==2.3.5 pandas==2.3.3 matplotlib==3.10.9
cd "$folder"
venv/bin/python -B - <<'PYTHON'
import warnings
from datetime import datetime

def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        raise SystemExit(f"CHANGED: {what} was {wanted}")

warnings.simplefilter("ignore")
import rateslib

print("rateslib", rateslib.__version__)
independence_day = datetime(2025, 7, 4)
for name, wanted in [("ldn,nyc", (False, "2025-07-07")), ("ldn|nyc", (True, "2025-07-04"))]:
    calendar = rateslib.get_calendar(name)
    open_then = calendar.is_bus_day(independence_day)
    later = calendar.add_bus_days(datetime(2025, 7, 3), 1, False)
    expect(f"{name}: 4 July 2025 is a business day", open_then, wanted[0])
    expect(f"{name}: 3 July + 1", str(later.date()), wanted[1])
    settles = calendar.add_bus_days(datetime(2025, 7, 3), 1, True)
    expect(f"{name}: ... if it has to settle", str(settles.date()), "2025-07-07")
    schedule = rateslib.Schedule(
        datetime(2025, 1, 6), datetime(2025, 7, 4), "Q", calendar=calendar, modifier="F")
    expect(f"{name}: end of a schedule on 4 July", str(schedule.aschedule[-1].date()), wanted[1])
PYTHON
