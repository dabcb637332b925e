#!/usr/bin/env bash
# QuantLib: an upgrade turns holidays of US government bonds into business days, past ones too.
#
# Guess: a calendar of a major market gives the same days for past years in every release.
# What happens: 1.29 closes the bond market on each Good Friday. 1.44 opens it on those that meet
# the employment report (6 April 2007, 2 April 2010 ... 7 April 2023, 3 April 2026), as SIFMA's
# half days; so schedules of seasoned trades roll to other dates. SOFR is not fixed on these
# days: 1.44 has a calendar of its own for it, 1.29 has not. And until mended, the Federal
# Reserve calendar closed on the Friday before a Juneteenth on a Saturday (18 June 2027), which
# the Reserve Banks do not.
# Version: QuantLib 1.29 and 1.44 (PyPI). Source: ql/time/calendars/unitedstates.cpp,
# `GovernmentBondImpl`, `SofrImpl`, `FederalReserveImpl`; frbservices.org holiday schedules.
#
# usage: findings/quantlib-good-friday-by-version.sh
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

def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        raise SystemExit(f"CHANGED: {what} was {wanted}")

script = """
import QuantLib as ql
def days(market, dates):
    calendar = ql.UnitedStates(getattr(ql.UnitedStates, market))
    return "".join("open " if calendar.isBusinessDay(date) else "closed " for date in dates)
fridays = [ql.Date(2, 4, 2021), ql.Date(7, 4, 2023), ql.Date(29, 3, 2024), ql.Date(3, 4, 2026)]
print(ql.__version__)
print(days("GovernmentBond", fridays))
print("".join("fixed " if ql.Sofr().isValidFixingDate(date) else "- " for date in fridays))
print(days("FederalReserve", [ql.Date(18, 6, 2027)]))
start, end = ql.Date(3, 10, 2025), ql.Date(3, 4, 2026)
schedule = ql.Schedule(
    start, end, ql.Period("6M"), ql.UnitedStates(ql.UnitedStates.GovernmentBond), ql.Following,
    ql.Following, ql.DateGeneration.Backward, False)
print(schedule[1].ISO())
"""
subprocess.run([sys.executable, "-m", "venv", "older"], check=True)
subprocess.run(
    ["older/bin/pip", "--quiet", "--disable-pip-version-check", "install", "QuantLib==1.29"],
    check=True)

def run(python):
    answer = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    return [line.strip() for line in answer.stdout.splitlines()]

print("Good Fridays of 2021, 2023, 2024, 2026; fixings of SOFR; 18 June 2027; a period's end")
expect("1.29", run("older/bin/python"), [
    "1.29", "closed closed closed closed", "- - - -", "closed", "2026-04-06"])
expect("1.44", run(sys.executable), [
    "1.44", "open open closed open", "- - - -", "open", "2026-04-03"])
PYTHON
