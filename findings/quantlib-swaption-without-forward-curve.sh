#!/usr/bin/env bash
# QuantLib: short-rate engines of European swaptions never look at the index's forward curve.
#
# Guess: `JamshidianSwaptionEngine`, `TreeSwaptionEngine` and `G2SwaptionEngine` value the option
# on the swap that they are given, with the forecast curve of its index.
# What happens: they take the floating leg for the difference of two discount bonds of the
# model's curve. With EURIBOR 100 basis points above the discount curve, a 1y x 5y payer is worth
# 488; these engines still say 137 to 145, the values without a basis. The swap inside shows the
# right par rate, and no error is raised. `FdHullWhiteSwaptionEngine`, same model, sees the
# curve.
# Version: QuantLib 1.44 (PyPI). Source: ql/pricingengines/swaption/jamshidianswaptionengine.cpp,
# `calculate`; discretizedswap.cpp; issue 526 asks for two curves.
#
# usage: findings/quantlib-swaption-without-forward-curve.sh
set -euo pipefail
[ $# -eq 0 ] || { sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install QuantLib==1.44
cd "$folder"
venv/bin/python -B - <<'PYTHON'
import QuantLib as ql

def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        raise SystemExit(f"CHANGED: {what} was {wanted}")

print("QuantLib", ql.__version__)
today, day = ql.Date(15, 1, 2026), ql.Actual365Fixed()
ql.Settings.instance().evaluationDate = today

def flat(rate):
    return ql.YieldTermStructureHandle(ql.FlatForward(today, rate, day))

discount = flat(0.03)
model = ql.HullWhite(discount, 0.03, 0.008)
engines = {
    "Bachelier, 75 bp": ql.BachelierSwaptionEngine(
        discount, ql.QuoteHandle(ql.SimpleQuote(0.0075))),
    "Jamshidian": ql.JamshidianSwaptionEngine(model),
    "tree": ql.TreeSwaptionEngine(model, 200),
    "two factors": ql.G2SwaptionEngine(ql.G2(discount, 0.03, 0.008, 0.05, 0.001, -0.5), 6, 64),
    "grid": ql.FdHullWhiteSwaptionEngine(model, 100, 100),
}

def values(basis):
    index = ql.Euribor6M(flat(0.03 + basis))
    start = ql.TARGET().advance(today, ql.Period("1Y"))
    swap = ql.MakeVanillaSwap(
        ql.Period("5Y"), index, 0.03, effectiveDate=start, nominal=10_000,
        pricingEngine=ql.DiscountingSwapEngine(discount))
    option = ql.Swaption(swap, ql.EuropeanExercise(index.fixingDate(start)))
    result = {"par rate, bp": round(swap.fairRate() * 1e4, 1)}
    for name, engine in engines.items():
        option.setPricingEngine(engine)
        result[name] = round(option.NPV(), 1)
    return result

expect("no basis", values(0.0), {
    "par rate, bp": 304.7, "Bachelier, 75 bp": 143.2, "Jamshidian": 144.2, "tree": 144.6,
    "two factors": 137.0, "grid": 144.2})
expect("index 100 bp above", values(0.01), {
    "par rate, bp": 407.3, "Bachelier, 75 bp": 487.6, "Jamshidian": 144.2, "tree": 144.6,
    "two factors": 137.0, "grid": 488.0})
PYTHON
