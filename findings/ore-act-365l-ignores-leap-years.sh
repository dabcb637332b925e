#!/usr/bin/env bash
# ORE: the day count ACT/365L is Act/365 Fixed, and ACT/nACT is 30/360.
#
# Guess: a name in the schema's list means what ICMA and ISDA mean: Actual/365L divides by 366
# where the period has (or, if not annual, ends in) a leap year.
# What happens: the name is an alias: an annual coupon over 29 February 2028 is 366/365 instead
# of 366/366, 548 on 10 million at 2 %. ACT/nACT, by its name a count of actual days, counts
# 30-day months in the US way. Nothing is logged; the user guide has both in its table of
# allowable values.
# Version: Open Source Risk Engine 1.8.17.0 (PyPI). Source: OREData/ored/utilities/parsers.cpp,
# `parseDayCounter`; xsd/ore_types.xsd; ISDA 2006 section 4.16(i) and ICMA rule 251.1.
#
# usage: findings/ore-act-365l-ignores-leap-years.sh
set -euo pipefail
[ $# -eq 0 ] || { sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install open-source-risk-engine==1.8.17.0
cd "$folder"
venv/bin/python -B - <<'PYTHON'
import datetime
from importlib.metadata import version
import ORE

def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        raise SystemExit(f"CHANGED: {what} was {wanted}")

print("Open Source Risk Engine", version("open-source-risk-engine"))
start, end = datetime.date(2028, 1, 20), datetime.date(2029, 1, 20)

def act_365l(start, end):
    "By hand, for an annual coupon: 366 if a 29 February lies after the start, up to the end."
    days = [start + datetime.timedelta(n) for n in range(1, (end - start).days + 1)]
    leap = any((day.month, day.day) == (2, 29) for day in days)
    return (end - start).days / (366 if leap else 365)

def fraction(name):
    counter = ORE.parseDayCounter(name)
    years = counter.yearFraction(ORE.Date(20, 1, 2028), ORE.Date(20, 1, 2029))
    return counter.name(), round(years, 8)

print("20 January 2028 to 20 January 2029")
expect("Actual/365L by hand", act_365l(start, end), 1.0)
expect("ACT/365L", fraction("ACT/365L"), ("Actual/365 (Fixed)", 1.00273973))
expect("coupon too high by", round(1e7 * 0.02 * (fraction("ACT/365L")[1] - 1), 2), 547.95)
expect("ACT/nACT", fraction("ACT/nACT"), ("30/360 (US)", 1.0))
expect("NL/365", fraction("NL/365"), ("Actual/365 (No Leap)", 1.0))
PYTHON
