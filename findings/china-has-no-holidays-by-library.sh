#!/usr/bin/env bash
# QuantLib, rateslib: outside the years they know, China has no Spring Festival, and nothing says
# so.
#
# Guess: a calendar that lists holidays by year refuses a year that it does not know, as
# QuantLib's own Moscow exchange does before its first year.
# What happens: QuantLib 1.44 knows China up to 2026; in 2028 each weekday is a business day, in
# Golden Week too. The calendar bjs of rateslib 2.7.1 begins with 2025 and has no holiday before.
# Only 2025 and 2026 are known to both: valued with one or the other, the dates of a CNY swap
# roll by weekends alone in its past or in its future. python-holidays has twelve or more days in
# each year.
# Version: QuantLib 1.44, rateslib 2.7.1, holidays 0.109 (PyPI). Source:
# ql/time/calendars/china.cpp, `SseImpl::isBusinessDay`; `rateslib.get_calendar("bjs").holidays`;
# holidays/countries/china.py.
#
# usage: findings/china-has-no-holidays-by-library.sh
set -euo pipefail
[ $# -eq 0 ] || { sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install \
    QuantLib==1.44 rateslib==2.7.1 numpy==2.3.5 pandas==2.3.3 matplotlib==3.10.9 holidays==0.109
cd "$folder"
venv/bin/python -B - <<'PYTHON'
import datetime
import warnings
import holidays
import QuantLib as ql

def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        raise SystemExit(f"CHANGED: {what} was {wanted}")

warnings.simplefilter("ignore")
import rateslib

print("QuantLib", ql.__version__, "rateslib", rateslib.__version__)
print("holidays", holidays.__version__)
years = [2016, 2020, 2024, 2025, 2026, 2027, 2028, 2030]
interbank, beijing = ql.China(ql.China.IB), rateslib.get_calendar("bjs")

def weekdays(days, year):
    return sum(1 for day in days if day.year == year and day.weekday() < 5)

print("holidays on weekdays in", years)
expect("QuantLib, interbank", [
    len(interbank.holidayList(ql.Date(1, 1, y), ql.Date(31, 12, y))) for y in years
], [17, 19, 19, 18, 19, 1, 0, 1])
expect("rateslib, bjs", [
    weekdays(beijing.holidays, y) for y in years
], [0, 0, 0, 18, 19, 18, 18, 19])
expect("python-holidays", [
    weekdays(holidays.country_holidays("CN", years=y), y) for y in years
], [17, 19, 19, 18, 19, 13, 12, 13])
expect("2 October 2028 is open in QuantLib", interbank.isBusinessDay(ql.Date(2, 10, 2028)), True)
october = datetime.datetime(2024, 10, 2)
expect("2 October 2024 is open in rateslib", beijing.is_bus_day(october), True)
try:
    print(ql.Russia(ql.Russia.MOEX).isBusinessDay(ql.Date(2, 10, 2000)))
    raise SystemExit("CHANGED: MOEX answers for a year without data")
except RuntimeError as error:
    print("MOEX in 2000:", error)
PYTHON
