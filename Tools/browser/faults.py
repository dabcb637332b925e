"""What a page stands: many tabs, streams that are cut, a manager that is killed, long jobs and long tables."""
import json
import pathlib
import random
import re
import signal
import socket
import subprocess
import time
from urllib.parse import parse_qs, urlsplit

from desk import Desk
from proxy import Proxy

ROWS = """() => [...document.querySelectorAll('main tr[data-id]')].map((tr) => [tr.dataset.id,
    ...['c-state', 'c-pf', 'c-tr', 'c-err', 'c-by'].map((name) => tr.querySelector('td.' + name)?.textContent)].join(' '))"""


def submit(desk, trades, **more):
    """Queues made-up trades by the API of the page's session; returns the answer."""
    order = {"portfolio": {"generate": {"trades": trades}}, "market": ["example:market.json"], "metrics": ["NPV"], **more}
    return desk.page.evaluate("""async ([order, key]) => {
        const csrf = (await (await fetch('/api/v1/session')).json()).csrf;
        const headers = { 'X-CSRF': csrf, ...(key ? { 'Idempotency-Key': key } : {}) };
        return (await fetch('/api/v1/jobs', { method: 'POST', headers, body: JSON.stringify(order) })).json();
    }""", [order, None])


def is_live(page):
    return page.locator("#live").inner_text() == "live"


def many_tabs(desk):
    """12 tabs of one browser: all live, one stream at the server."""
    proxy = Proxy(int(urlsplit(desk.url).port))
    desk.open("/jobs", "main h1")
    # The stream of this tab goes straight to the server, and is let go with it.
    tabs = [desk.new_page() for _ in range(12)]
    for tab in tabs:
        tab.goto(f"{proxy.url}/jobs")
        tab.wait_for_selector("main h1", timeout=20000)
    desk.until("12 tabs of one browser are live", lambda: all(is_live(tab) for tab in tabs), 20)
    desk.check("they have one stream at the server", proxy.open_streams == 1, str(proxy.open_streams))
    job = submit(desk, 7)["id"]
    desk.until("each of them shows a new job by itself", lambda: all(tab.locator(f"tr[data-id='{job}']").count() == 1 for tab in tabs), 20)
    for tab in tabs:
        tab.close()
    desk.until("a browser without tabs has no stream", lambda: proxy.open_streams == 0, 20)
    proxy.close()


def cut_streams(desk, times, seed):
    """The stream is cut at random; each time the table becomes equal to a fresh one, and no error is shown."""
    chance = random.Random(seed)
    proxy = Proxy(int(urlsplit(desk.url).port))
    watched, fresh = desk.new_page(), desk.new_page()
    watched.goto(f"{proxy.url}/jobs")
    watched.wait_for_selector("main tr[data-id]")
    watched.evaluate("""() => {
        window.shown = [];
        setInterval(() => {
            for (const e of document.querySelectorAll('.problem, #stale:not([hidden]), #live.bad')) window.shown.push(e.textContent);
        }, 50);
    }""")
    desk.until("the watched tab is live", lambda: is_live(watched), 20)
    slowest, different = 0, []
    for number in range(times):
        watched.wait_for_timeout(chance.uniform(0, 600))
        job = submit(desk, 11 + number, id=f"cut-{seed}-{number}")["id"]
        watched.wait_for_timeout(chance.uniform(0, 400))
        proxy.cut()
        start = time.monotonic()
        while desk.get(f"/jobs/{job}").get("isFinal") is not True and time.monotonic() < start + 30:
            desk.page.wait_for_timeout(100)
        fresh.goto(f"{desk.url}/jobs")
        fresh.wait_for_selector(f"tr[data-id='{job}']")
        fresh.wait_for_timeout(100)
        wanted = fresh.evaluate(ROWS)
        while watched.evaluate(ROWS) != wanted and time.monotonic() < start + 15:
            watched.wait_for_timeout(50)
        if watched.evaluate(ROWS) != wanted:
            different.append(number)
        slowest = max(slowest, time.monotonic() - start)
    desk.check(f"a stream that was cut {times} times: the table equals a fresh one each time (the slowest after {slowest:.1f} s)", not different, f"not after cuts {different}")
    shown = watched.evaluate("window.shown")
    desk.check("no error was shown meanwhile", not shown, str(shown[:3]))
    watched.close()
    fresh.close()
    proxy.close()


def long_table(desk, job):
    """A table of a million rows end to end by key and by wheel, with at most 60 rows in the document."""
    page = desk.new_page()
    total = 1_000_000

    def answer(route):
        query = parse_qs(urlsplit(route.request.url).query)
        first, limit = int(query.get("cursor", ["0"])[0]), int(query.get("limit", ["100"])[0])
        items = [{"id": f"T-{n:07}", "position": n, "batch": n // 100, "product": "Swap", "book": "B", "counterparty": "C", "currency": "EUR", "notional": 1, "maturity": "2030-01-01", "status": "ok", "value": n, "baseValue": n}
                 for n in range(first, min(total, first + limit))]
        route.fulfill(status=200, content_type="application/json", body=json.dumps({"items": items, "total": total, "isExact": True, "asOf": "2026-01-01T00:00:00Z"}))

    page.route(re.compile("/trades[?]"), answer)
    page.goto(f"{desk.url}/jobs/{job}/trades")
    page.wait_for_selector("main tr[data-id]")
    most = 0

    def has(trade):
        nonlocal most
        most = max(most, page.locator("main tbody tr").count())
        return page.locator(f"main tr[data-id='{trade}']").count() == 1 and page.evaluate(
            "(id) => { const r = document.querySelector(`main tr[data-id='${id}']`).getBoundingClientRect(); const f = document.querySelector('.rows-frame').getBoundingClientRect(); return r.top >= f.top - 1 && r.bottom <= f.bottom + 1; }", trade)

    table = page.locator("main table[role=grid]")
    desk.check("aria-rowcount is of the whole list", table.get_attribute("aria-rowcount") == str(total + 1), table.get_attribute("aria-rowcount"))
    page.keyboard.press("j")
    page.keyboard.press("End")
    desk.until("End shows the last of a million rows", lambda: has("T-0999999"), 10)
    desk.check("its aria-rowindex is the last", page.get_attribute("main tr[data-id='T-0999999']", "aria-rowindex") == str(total + 1))
    for _ in range(3):
        page.keyboard.press("PageUp")
    page.keyboard.press("k")
    page.wait_for_timeout(200)
    desk.until("PageUp and k are exact there", lambda: page.evaluate("document.querySelector('main table[role=grid]').getAttribute('aria-activedescendant')?.split('-')[1]") is not None, 5)
    page.keyboard.press("Home")
    desk.until("Home shows the first", lambda: has("T-0000000"), 10)
    height = page.evaluate("document.querySelector('.rows-size').offsetHeight")
    desk.check("the table stays below Firefox's greatest height", height <= 17_895_697, str(height))
    page.hover("main table[role=grid]")
    page.mouse.wheel(0, 28 * 3)
    desk.until("a turn of the wheel moves as far as rows are high", lambda: has("T-0000003") and not has("T-0000002"), 5)
    for _ in range(40):
        page.mouse.wheel(0, 1_000_000)
        page.wait_for_timeout(20)
    desk.until("the wheel reaches the last row", lambda: has("T-0999999"), 10)
    for _ in range(40):
        page.mouse.wheel(0, -1_000_000)
        page.wait_for_timeout(20)
    desk.until("and the first again", lambda: has("T-0000000"), 10)
    page.evaluate("document.querySelector('.rows-frame').scrollTop = 8e6")
    desk.until("the bar reaches the middle", lambda: page.evaluate("Number(document.querySelector('main tr[data-id]')?.dataset.id.slice(2) ?? 0)") > 400_000, 10)
    desk.check(f"at most 60 rows were in the document ({most})", most <= 60)
    page.close()


def long_job(desk, browser, grid, trades):
    """The page of a running job of many trades: no long task, little memory."""
    page = desk.page
    job = submit(desk, trades)["id"]
    page.goto(f"{desk.url}/jobs/{job}")
    page.wait_for_selector(".tiles")
    desk.until("sums are shown while it runs, and said to be no total", lambda: "no total yet" in page.inner_text("main") and re.search(r"NPV so far[^–]*\d", page.inner_text(".tiles")), 60)
    page.evaluate("""() => {
        window.tasks = [];
        new PerformanceObserver((list) => { for (const e of list.getEntries()) window.tasks.push(Math.round(e.duration)); }).observe({ type: 'longtask', buffered: false });
    }""")
    # The grid takes both processors of a small machine, and tasks wait for one: what counts here is what
    # the page itself computes. PerformanceObserver sees both.
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    end = time.monotonic() + 20
    while time.monotonic() < end and not desk.get(f"/jobs/{job}").get("isFinal"):
        for tab in ("Trades", "Batches", "Timeline", "Overview"):
            page.click(f".tabs a:has-text('{tab}')")
            page.wait_for_timeout(700)
            for key in ("j", "PageDown", "End", "Home"):
                page.keyboard.press(key)
                page.wait_for_timeout(60)
    is_running = not desk.get(f"/jobs/{job}").get("isFinal")
    events = json.loads(browser.stop_tracing())["traceEvents"]
    mains = {(e["pid"], e["tid"]) for e in events if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"}
    computed = sorted((e["tdur"] / 1000 for e in events if (e["pid"], e["tid"]) in mains and e["name"].endswith("RunTask") and "tdur" in e), reverse=True)
    keys = [e["dur"] / 1000 for e in events if e["name"] == "EventDispatch" and e["args"].get("data", {}).get("type") in ("keydown", "click") and "tdur" in e and e["tdur"] > 100_000]
    session = desk.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    waited = page.evaluate("window.tasks")
    desk.check(f"a job of {trades:,} trades was watched while it ran", is_running)
    desk.check(f"no task of the page computes for over 50 ms ({len(computed):,} tasks, the longest {computed[0]:.0f} ms; with waiting for a processor {len(waited)} were longer, at most {max(waited, default=0)} ms)", computed[0] <= 50, str([round(t) for t in computed[:8]]))
    desk.check("no key or click computes for over 100 ms", not keys, str(keys))
    desk.check(f"the tab's heap is {heap:.0f} MB", heap < 200)
    page.click("button:has-text('Cancel')")
    page.fill("dialog input[name=reason]", "browser run")
    page.click("dialog button.danger")
    desk.until("it is cancelled", lambda: desk.get(f"/jobs/{job}")["state"] == "cancelled", 60)


class Programs:
    """A grid of separate programs, whose manager can be killed alone."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.running = []
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.aggregator = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def run(self, name, *arguments):
        process = subprocess.Popen([self.programs / name, *arguments], stdout=subprocess.PIPE, stderr=open(self.folder / f"{name}.errors", "ab"), text=True)
        self.running.append(process)
        return process

    def start(self):
        broker = self.run("valgrid", "broker").stdout.readline().split()[-1]
        self.run("aggregator", "--brokers", broker, "--http-port", str(self.aggregator), "--ledger", self.folder / "ledger.sqlite")
        self.run("valengine", "--brokers", broker, "--http-port", "0", "--delivery", "at-least-once", "--pricers", "1")
        self.broker = broker
        return self.start_manager()

    def start_manager(self):
        self.manager = self.run("compute-manager", "--listen", f"127.0.0.1:{self.port}", "--brokers", self.broker, "--delivery", "at-least-once",
                                "--aggregator", f"http://127.0.0.1:{self.aggregator}", "--data", self.folder / "manager", "--examples", pathlib.Path(__file__).parents[2] / "examples")
        password = None
        for line in self.manager.stdout:
            if line.startswith("admin password: "):
                return line.split()[-1]
            if line.startswith("page: ") and (self.folder / "known").exists():
                return password
        raise RuntimeError(f"compute-manager did not come up: {(self.folder / 'compute-manager.errors').read_text()[-1000:]}")

    def stop(self):
        for process in reversed(self.running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()


def killed_manager(desk, browser, programs, folder):
    """A manager that is killed and started again: the session holds and the page goes on by itself."""
    grid = Programs(programs, folder)
    try:
        password = grid.start()
        (folder / "known").touch()
        other = Desk(browser, grid.url)
        other.failures = desk.failures
        page = other.page
        other.sign_in("admin", password)
        other.choose_password(password, "a password of my own")
        other.open("/jobs", "main h1")
        other.until("the page of separate programs is live", lambda: is_live(page), 30)
        before = submit(other, 20, id="before")["id"]
        other.until("its table shows a job", lambda: page.locator(f"tr[data-id='{before}']").count() == 1, 20)
        # A submission is under way when it is killed; it is asked again with the same key.
        again = """async () => {
            try {
                const csrf = (await (await fetch('/api/v1/session')).json()).csrf;
                const order = { id: 'during', portfolio: { generate: { trades: 2000 } }, market: ['example:market.json'] };
                const answer = await fetch('/api/v1/jobs', { method: 'POST', headers: { 'X-CSRF': csrf, 'Idempotency-Key': 'once' }, body: JSON.stringify(order) });
                return answer.status;
            } catch { return 0; }
        }"""
        page.evaluate(f"window.first = ({again})()")
        page.wait_for_timeout(150)
        grid.manager.kill()
        grid.manager.wait()
        page.wait_for_timeout(1500)
        other.check("what is known stays on the page", page.locator(f"tr[data-id='{before}']").count() == 1)
        grid.start_manager()
        start = time.monotonic()
        other.until("the page goes on by itself within 5 s", lambda: is_live(page) and page.evaluate("fetch('/api/v1/session').then((r) => r.status)") == 200, 5)
        print(f"       after {time.monotonic() - start:.1f} s")
        other.until("the same submission with the same key is taken", lambda: page.evaluate(again) in (200, 202), 60)
        other.until("a job that comes then is shown without a reload", lambda: page.locator("tr[data-id='during']").count() == 1, 30)
        other.until("it is one job and ends", lambda: other.get("/jobs/during").get("isFinal"), 60)
        other.check("nothing was submitted twice", other.get("/jobs")["total"] == 2 and other.get("/jobs/during")["trades"] == 2000, str(other.get("/jobs")["total"]))
        other.reports = [r for r in other.reports if "ERR_" not in r]
        other.check("the browser reported nothing but that it was away", not other.reports, "; ".join(other.reports[:3]))
        other.context.close()
    finally:
        grid.stop()
