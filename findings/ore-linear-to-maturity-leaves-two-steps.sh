#!/usr/bin/env bash
# ORE: linear amortisation to maturity leaves twice the step for the last period.
#
# Guess: `LinearToMaturity` on 10 million over five years has notionals of 10, 8, 6, 4, 2
# million, so that each year repays a fifth.
# What happens: the steps are a sixth: 10, 8.33, 6.67, 5, 3.33, and 3.33 million are due at the
# end. It divides by the number of schedule dates, not of periods. Leaving out the optional start
# date, or giving the first date of the schedule, does this; with the second date (the first
# repayment) as start, the notionals are as guessed.
# Version: Open Source Risk Engine 1.8.17.0 (PyPI). Source: OREData/ored/portfolio/legdata.cpp,
# `buildAmortizationScheduleLinearToMaturity`; user guide, section on amortisation data.
#
# usage: findings/ore-linear-to-maturity-leaves-two-steps.sh
set -euo pipefail
[ $# -eq 0 ] || { sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install open-source-risk-engine==1.8.17.0
support=$(cd "$(dirname "$0")/support" && pwd)
cd "$folder"
PYTHONPATH=$support venv/bin/python -B - <<'PYTHON'
from importlib.metadata import version
import ore_run

def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        raise SystemExit(f"CHANGED: {what} was {wanted}")

print("Open Source Risk Engine", version("open-source-risk-engine"))

def amortising(name, start):
    first = f"<StartDate>{start}</StartDate>" if start else ""
    return ore_run.fixed(name, 0.02, f"""<Amortizations><AmortizationData>
<Type>LinearToMaturity</Type>{first}<Frequency>1Y</Frequency></AmortizationData></Amortizations>""")

errors, values, flows = ore_run.run([
    amortising("NO-START", ""), amortising("FIRST-DATE", "2026-01-20"),
    amortising("SECOND-DATE", "2027-01-20")])

def notionals(name):
    return [round(float(row["Notional"]) / 1e6, 2) for row in flows if row["#TradeId"] == name]

expect("errors", errors, [])
expect("no start date, millions", notionals("NO-START"), [10.0, 8.33, 6.67, 5.0, 3.33])
expect("first date as start", notionals("FIRST-DATE"), [10.0, 8.33, 6.67, 5.0, 3.33])
expect("second date as start", notionals("SECOND-DATE"), [10.0, 8.0, 6.0, 4.0, 2.0])
PYTHON
