"""A minimal run of Open Source Risk Engine in the current folder: one curve, one-legged swaps."""

import csv
import pathlib

import ORE

QUOTES = ["ZERO/RATE/EUR/CURVE/A365/1Y", "ZERO/RATE/EUR/CURVE/A365/30Y"]
VALUATION = "2026-01-15"
CONVENTIONS = """<Conventions><Zero><Id>ZERO</Id><TenorBased>true</TenorBased>
<DayCounter>A365</DayCounter><Compounding>Continuous</Compounding>
<TenorCalendar>NullCalendar</TenorCalendar><SpotLag>0</SpotLag>
<SpotCalendar>NullCalendar</SpotCalendar></Zero></Conventions>"""
CURVES = f"""<CurveConfiguration><YieldCurves><YieldCurve><CurveId>CURVE</CurveId>
<CurveDescription/><Currency>EUR</Currency><DiscountCurve/><Segments><Direct><Type>Zero</Type>
<Quotes>{"".join(f"<Quote>{quote}</Quote>" for quote in QUOTES)}</Quotes>
<Conventions>ZERO</Conventions></Direct></Segments><YieldCurveDayCounter>A365</YieldCurveDayCounter>
</YieldCurve></YieldCurves></CurveConfiguration>"""
MARKET = """<TodaysMarket><Configuration id="default">
<DiscountingCurvesId>default</DiscountingCurvesId></Configuration><DiscountingCurves id="default">
<DiscountingCurve currency="EUR">Yield/EUR/CURVE</DiscountingCurve></DiscountingCurves>
<IndexForwardingCurves id="default"><Index name="EUR-EURIBOR-6M">Yield/EUR/CURVE</Index>
</IndexForwardingCurves></TodaysMarket>"""
ENGINES = """<PricingEngines><Product type="Swap">
<Model>DiscountedCashflows</Model><ModelParameters/>
<Engine>DiscountingSwapEngine</Engine><EngineParameters/></Product></PricingEngines>"""


def parameters(**values):
    return "".join(f'<Parameter name="{name}">{text}</Parameter>' for name, text in values.items())


def trade(name, kind, details, start, tenor):
    """A swap of one received leg of 10 million euro to 20 January 2031."""
    return f"""<Trade id="{name}"><TradeType>Swap</TradeType>
<Envelope><CounterParty>C</CounterParty></Envelope><SwapData><LegData>
<LegType>{kind}</LegType><Payer>false</Payer><Currency>EUR</Currency>
<Notionals><Notional>10000000</Notional></Notionals><DayCounter>30/360</DayCounter>
<PaymentConvention>F</PaymentConvention>{details}<ScheduleData><Rules><StartDate>{start}</StartDate>
<EndDate>2031-01-20</EndDate><Tenor>{tenor}</Tenor><Calendar>NullCalendar</Calendar>
<Convention>U</Convention><TermConvention>U</TermConvention><Rule>Backward</Rule></Rules>
</ScheduleData></LegData></SwapData></Trade>"""


def fixed(name, rate, more=""):
    """Five annual coupons from 20 January 2026."""
    data = f"{more}<FixedLegData><Rates><Rate>{rate}</Rate></Rates></FixedLegData>"
    return trade(name, "Fixed", data, "2026-01-20", "1Y")


def run(trades, rates=(0.02,), fixings=()):
    """Values `trades`: the errors that ORE names, the rows of its npv.csv and its flows.csv.

    Each of `rates` is a line per quote, each of `fixings` one of EURIBOR 6M on 17 July 2025.
    """
    setup = parameters(
        asofDate=VALUATION, inputPath=".", outputPath="out", logFile="log.txt", logMask=15,
        marketDataFile="market.txt", fixingDataFile="fixings.txt", implyTodaysFixings="Y",
        curveConfigFile="curveconfig.xml", conventionsFile="conventions.xml",
        marketConfigFile="todaysmarket.xml", pricingEnginesFile="pricingengine.xml",
        portfolioFile="portfolio.xml")
    npv = parameters(active="Y", baseCurrency="EUR", outputFileName="npv.csv")
    flows = parameters(active="Y", outputFileName="flows.csv")
    files = {
        "conventions.xml": CONVENTIONS, "curveconfig.xml": CURVES, "todaysmarket.xml": MARKET,
        "pricingengine.xml": ENGINES,
        "portfolio.xml": f"<Portfolio>{''.join(trades)}</Portfolio>",
        "market.txt": "".join(f"{VALUATION} {quote} {r}\n" for r in rates for quote in QUOTES),
        "fixings.txt": "".join(f"2025-07-17 EUR-EURIBOR-6M {rate}\n" for rate in fixings),
        "ore.xml": f"""<ORE><Setup>{setup}</Setup><Markets>{parameters(pricing="default")}</Markets>
<Analytics><Analytic type="npv">{npv}</Analytic><Analytic type="cashflow">{flows}</Analytic>
</Analytics></ORE>""",
    }
    for name, text in files.items():
        pathlib.Path(name).write_text(text)
    settings = ORE.Parameters()
    settings.fromFile("ore.xml")
    app = ORE.OREApp(settings, False)
    app.run()
    tables = []
    for name in ("npv", "flows"):
        with open(f"out/{name}.csv") as file:
            tables.append(list(csv.DictReader(file)))
    return list(app.getErrors()), *tables
