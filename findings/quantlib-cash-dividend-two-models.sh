#!/usr/bin/env bash
# QuantLib: with one cash dividend, the analytic and the finite-difference engine price two
# models.
#
# Guess: for a European option on one process with one dividend, a fine grid converges to the
# analytic price.
# What happens: they differ by 1.3 % on any grid. `AnalyticDividendEuropeanEngine` subtracts the
# dividend's present value from the spot and lets the rest have the volatility (escrowed);
# `FdBlackScholesVanillaEngine` lets the whole spot have it and jump on the day (its default,
# `Spot`). The same volatility means two things, so one implied with the first and used in the
# second, as European quotes for American options are, is wrong. `Escrowed` as the grid's model
# agrees.
# Version: QuantLib 1.44 (PyPI). Source:
# ql/pricingengines/vanilla/fdblackscholesvanillaengine.hpp, `CashDividendModel`;
# analyticdividendeuropeanengine.cpp.
#
# usage: findings/quantlib-cash-dividend-two-models.sh
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
today, day = ql.Date(15, 1, 2026), ql.Actual365Fixed()
ql.Settings.instance().evaluationDate = today
spot, strike, rate, volatility, cash = 100.0, 100.0, 0.05, 0.2, 5.0
paid, expiry = ql.Date(15, 4, 2026), ql.Date(15, 1, 2027)

def flat(value):
    return ql.YieldTermStructureHandle(ql.FlatForward(today, value, day))

surface = ql.BlackConstantVol(today, ql.NullCalendar(), volatility, day)
process = ql.BlackScholesMertonProcess(
    ql.QuoteHandle(ql.SimpleQuote(spot)), flat(0.0), flat(rate),
    ql.BlackVolTermStructureHandle(surface))
dividends = [ql.FixedDividend(cash, paid)]
option = ql.VanillaOption(
    ql.PlainVanillaPayoff(ql.Option.Call, strike), ql.EuropeanExercise(expiry))

def price(engine):
    option.setPricingEngine(engine)
    return round(option.NPV(), 3)

def grid(model):
    return ql.FdBlackScholesVanillaEngine(
        process, dividends, 500, 1000, 0, ql.FdmSchemeDesc.Douglas(), False, -1.0, model)

def call(spot, years):
    deviation = volatility * math.sqrt(years)
    forward = spot * math.exp(rate * years)
    return ql.blackFormula(ql.Option.Call, strike, forward, deviation, math.exp(-rate * years))

# By hand: escrowed, and the spot's density on the dividend's day times the option after it.
t, T = day.yearFraction(today, paid), day.yearFraction(today, expiry)
escrowed = call(spot - cash * math.exp(-rate * t), T)
jump, step = 0.0, 0.002
for i in range(-4000, 4001):
    x = i * step
    density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi) * step
    before = spot * math.exp((rate - volatility ** 2 / 2) * t + volatility * math.sqrt(t) * x)
    jump += density * call(max(before - cash, 1e-9), T - t) * math.exp(-rate * t)
print("by hand: escrowed", round(escrowed, 3), "spot jumps", round(jump, 3))
expect("analytic", price(ql.AnalyticDividendEuropeanEngine(process, dividends)), 7.544)
expect("grid", price(ql.FdBlackScholesVanillaEngine(process, dividends, 500, 1000)), 7.643)
expect("grid, Escrowed", price(grid(ql.FdBlackScholesVanillaEngine.Escrowed)), 7.544)
expect("by hand", (round(escrowed, 3), round(jump, 3)), (7.544, 7.643))
PYTHON
