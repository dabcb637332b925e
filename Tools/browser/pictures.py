"""The pictures of README.md: a grid in the middle of its evening."""
import json
import pathlib

from PIL import Image

import flows

examples = pathlib.Path(__file__).parents[2] / "examples"


def submit(desk, order):
    answer = desk.page.evaluate("""async (order) => {
        const csrf = (await (await fetch('/api/v1/session')).json()).csrf;
        return (await fetch('/api/v1/jobs', { method: 'POST', headers: { 'X-CSRF': csrf }, body: JSON.stringify(order) })).json();
    }""", order)
    if "id" not in answer:
        raise RuntimeError(f"{order} was refused: {answer}")
    return answer["id"]


def upload(desk, name, text):
    return desk.page.evaluate("""async ([name, text]) => {
        const csrf = (await (await fetch('/api/v1/session')).json()).csrf;
        return (await fetch(`/api/v1/uploads?name=${name}`, { method: 'POST', headers: { 'X-CSRF': csrf }, body: text })).json();
    }""", [name, text])["id"]


def next_day():
    """The example's market a little later: other spots and exchange rates."""
    market = json.loads((examples / "market.json").read_text())
    market["snapshotId"] = "EOD-2026-01-15-LATE"
    for equity in market.get("equities", []):
        equity["spot"] = round(equity["spot"] * 1.012, 2)
    for rate in market.get("fxRates", []):
        rate["value"] = round(rate["value"] * 1.004, 6)
    return json.dumps(market)


def take(desk, grid, folder):
    """Makes jobs.png, job.png and engines.png."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 860})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    desk.sign_in("admin", grid.password)
    desk.choose_password(grid.password, flows.OWN)
    market = ["example:market.json"]
    late = [upload(desk, "market-late.json", next_day())]

    def made_up(job, name, trades, **more):
        return submit(desk, {"id": job, "name": name, "portfolio": {"generate": {"trades": trades}}, "market": market, **more})

    def ended(job):
        desk.until(f"{job} has ended", lambda: desk.get(f"/jobs/{job}").get("isFinal") and desk.get(f"/jobs/{job}").get("total") is not None, 90)

    for job, name, trades, more in (("eod-0114-rates-us", "RATES-US", 2400, {}), ("eod-0114-fra-book", "FRA-BOOK", 900, {"metrics": ["NPV", "FwdRate"]}), ("intraday-0115-1710-gbp", "GBP-HEDGES", 300, {"priority": "intraday"}),
                            ("intraday-0115-1725-gbp", "GBP-HEDGES", 310, {"priority": "intraday"})):
        ended(made_up(job, name, trades, **more))
    ended(submit(desk, {"id": "eod-0115-desk", "name": "DESK-LDN", "portfolio": "example:portfolio.csv", "market": market}))
    ended(submit(desk, {"id": "eod-0115-desk-late", "name": "DESK-LDN", "portfolio": "example:portfolio.csv", "market": late}))
    def picture(name, path, ready, height=860):
        page.set_viewport_size({"width": 1440, "height": height})
        desk.open(path, ready)
        page.wait_for_timeout(2500)
        file = folder / f"{name}.png"
        page.screenshot(path=file)
        # 256 colours are enough for a page, and a third of the bytes.
        Image.open(file).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(file, optimize=True)
        size = file.stat().st_size
        desk.check(f"{name}.png has {size // 1000} KB", size < 150_000)

    grid.tell("slow")
    running = made_up("eod-0115-rates-global", "RATES-GLOBAL", 42000, deadline="4h")
    made_up("eod-0115-equity-eu", "EQUITY-EUROPEAN", 14000, deadline="4h")
    made_up("eod-0115-equity-am", "EQUITY-AMERICAN", 9000, deadline="5h", metrics=["NPV", "Delta"])
    picture("jobs", "/jobs", "main tr[data-id]", 640)
    desk.open("/engines", "form")
    page.fill("input[name=count]", "4")
    page.fill("input[name=reason]", "end of day")
    page.click("button:text-is('Scale')")
    desk.until("four engines work", lambda: len(flows.engines_of(desk, running)) == 4, 90)
    picture("job", f"/jobs/{running}", ".chart")
    picture("engines", "/engines", "form", 660)
    grid.tell("slow", False)
