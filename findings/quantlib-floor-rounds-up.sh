#!/usr/bin/env bash
# QuantLib: the rounding called floor rounds positive amounts up, ceiling rounds them down.
#
# Guess: `FloorTruncation(2)` never returns more than it was given, `CeilingTruncation(2)` never
# less.
# What happens: floor turns 1.239 into 1.24 and -1.239 into -1.23; ceiling turns 1.239 into 1.23
# and -1.239 into -1.24. The names follow an old OMG currency specification, where they say for
# which sign an amount is rounded half up; nothing is truncated towards a direction.
# Version: QuantLib 1.44 (PyPI). Source: ql/math/rounding.hpp (`Rounding::Type` warns that the
# names mislead) and rounding.cpp, `Rounding::operator()`.
#
# usage: findings/quantlib-floor-rounds-up.sh
set -euo pipefail
[ $# -eq 0 ] || { sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install QuantLib==1.44
cd "$folder"
venv/bin/python -B - <<'PYTHON'
import math
import QuantLib as ql

def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        raise SystemExit(f"CHANGED: {what} was {wanted}")

print("QuantLib", ql.__version__)
amounts = [1.231, 1.239, -1.231, -1.239]

def rounded(rounding):
    return [round(rounding(amount), 10) for amount in amounts]

print("mathematical floor:  ", [math.floor(a * 100) / 100 for a in amounts])
print("mathematical ceiling:", [math.ceil(a * 100) / 100 for a in amounts])
expect("FloorTruncation(2)", rounded(ql.FloorTruncation(2)), [1.23, 1.24, -1.23, -1.23])
expect("CeilingTruncation(2)", rounded(ql.CeilingTruncation(2)), [1.23, 1.23, -1.23, -1.24])
expect("UpRounding(2)", rounded(ql.UpRounding(2)), [1.24, 1.24, -1.24, -1.24])
PYTHON
