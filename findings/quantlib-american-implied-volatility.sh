#!/usr/bin/env bash
# QuantLib: the implied volatility of an American option comes from an engine of its own.
#
# Guess: `option.impliedVolatility(price, process)` inverts the engine that is set on the option:
# price at 20 %, and 20 % comes back to the accuracy asked for.
# What happens: for American exercise it always uses finite differences on the default grid of
# 100 x 100. With prices of 1e-8 accuracy and 1e-8 asked for, 20 % comes back as 20.015 %, and
# 12.8 % for 10 % where the option is worth little more than exercise. At the exercise value, which
# no volatility determines, it does not fail but returns 5.94 %.
# Version: QuantLib 1.44 (PyPI). Source: ql/instruments/vanillaoption.cpp,
# `VanillaOption::impliedVolatility`.
#
# usage: findings/quantlib-american-implied-volatility.sh
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

def process(volatility):
    surface = ql.BlackConstantVol(today, ql.NullCalendar(), volatility, day)
    return ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(100.0)), flat(0.0), flat(0.05),
        ql.BlackVolTermStructureHandle(surface))

def implied(strike, volatility):
    "The price of a six-month put at `volatility`, and the volatility implied by it in percent."
    exercise = ql.AmericanExercise(today, ql.Date(15, 7, 2026))
    option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Put, strike), exercise)
    scheme = ql.QdFpAmericanEngine.highPrecisionScheme()
    option.setPricingEngine(ql.QdFpAmericanEngine(process(volatility), scheme))
    price = option.NPV()
    back = option.impliedVolatility(price, process(0.3), 1e-8, 1000)
    option.setPricingEngine(ql.FdBlackScholesVanillaEngine(process(back), 100, 100))
    assert abs(option.NPV() - price) < 1e-4  # so the grid of 100 x 100 is what was inverted
    return round(price, 6), round(back * 100, 3)

for strike, volatility, wanted in [
    (100.0, 0.1, (1.96728, 10.013)), (100.0, 0.2, (4.64012, 20.015)),
    (120.0, 0.1, (20.0, 12.774)), (150.0, 0.1, (50.0, 5.943)), (150.0, 0.2, (50.0, 5.943)),
]:
    seen = implied(strike, volatility)
    expect(f"strike {strike}, {volatility:.0%}: price, implied", seen, wanted)
PYTHON
