#!/usr/bin/env bash
# ORE: a corrected quote or fixing further down in its file is ignored; the first line counts.
#
# Guess: a later line of the same date and name replaces the earlier one, as appending a
# correction means, or the file is refused.
# What happens: the first one counts, for quotes and for fixings, and the run ends without an
# error. A fixing of 21 % that was corrected to 2.1 % in the next line is paid at 21 %.
# Version: Open Source Risk Engine 1.8.17.0 (PyPI). Source:
# OREData/ored/marketdata/csvloader.cpp, `CSVLoader::loadFile`.
#
# usage: findings/ore-first-quote-wins.sh
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

floating = ore_run.trade("FLOAT", "Floating", "<FloatingLegData><Index>EUR-EURIBOR-6M</Index>"
    "<FixingDays>2</FixingDays></FloatingLegData>", "2025-07-20", "6M")

def seen(market, fixings):
    trades = [floating, ore_run.fixed("FIXED", 0.02)]
    errors, values, flows = ore_run.run(trades, market, fixings)
    past = next(row for row in flows if row["#TradeId"] == "FLOAT")
    return errors, past["Coupon"], [row["NPV"] for row in values]

right = ([], "0.0210000000", ["941852.852619", "1043315.018207"])
wrong = ([], "0.2100000000", ["914334.352179", "2422868.320332"])
print("errors, rate of the past fixing, values of a fixed and a floating leg")
expect("2 % and 2.1 %", seen([0.02], [0.021]), right)
expect("3 % and 21 %", seen([0.03], [0.21]), wrong)
expect("3 % and 21 %, corrected to 2 % and 2.1 % below", seen([0.03, 0.02], [0.21, 0.021]), wrong)
PYTHON
