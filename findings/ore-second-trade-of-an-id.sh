#!/usr/bin/env bash
# ORE: of two trades with one id the second is dropped, and the run ends without an error.
#
# Guess: a portfolio with a duplicate id is refused, or both trades are valued.
# What happens: the second is left out of npv.csv, of the cash flows and of the total; `run`
# returns, `getErrors` is empty. Only the log file has a line. The schema does not ask for unique
# ids.
# Version: Open Source Risk Engine 1.8.17.0 (PyPI). Source: OREData/ored/portfolio/portfolio.cpp,
# `Portfolio::fromXML` and `Portfolio::add`.
#
# usage: findings/ore-second-trade-of-an-id.sh
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

trades = [("T-1", 0.02), ("T-2", 0.02), ("T-2", 0.03)]
errors, values, flows = ore_run.run([ore_run.fixed(*trade) for trade in trades])
expect("errors", errors, [])
expect("ids in npv.csv", [row["#TradeId"] for row in values], ["T-1", "T-2"])
rates = {row["Coupon"] for row in flows if row["#TradeId"] == "T-2"}
expect("rates of T-2 in flows.csv", rates, {"0.0200000000"})
log = open("out/log.txt").read()
expect("the log says so", "with an id, which already exists" in log, True)
PYTHON
