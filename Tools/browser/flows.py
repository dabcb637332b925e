"""What a desk does on the page, flow by flow."""
import re
from urllib.parse import quote

OWN = "a password of my own"


def door(desk, password):
    """A stranger is led to the door; a wrong password is said; the given one is changed first."""
    page = desk.page
    page.goto(f"{desk.url}/jobs")
    page.wait_for_url(re.compile("/sign-in"), timeout=15000)
    desk.check("a stranger is led to the door", True)
    desk.accessible("sign-in")
    page.fill("input[name=user]", "admin")
    page.fill("input[name=password]", "wrong")
    page.click("button:has-text('Sign in')")
    page.wait_for_selector(".problem")
    desk.check("a wrong password is said", "wrong" in page.inner_text(".problem"))
    desk.sign_in("admin", password)
    desk.choose_password(password, OWN)
    desk.check("a given password is changed first", page.url.endswith("/jobs"))


def submit_example(desk):
    """The example is checked and queued, and ends with its four bad trades while the page watches."""
    page = desk.page
    desk.open("/jobs/new", "select[name=portfolioExample]")
    desk.accessible("new-job")
    page.select_option("select[name=portfolioExample]", "example:portfolio.csv")
    page.select_option("select[name=marketExample]", "example:market.json")
    page.click("button:text-is('Check')")
    page.wait_for_selector("text=No problem: 1,000 trades", timeout=30000)
    desk.check("the example is checked before it is queued", True)
    page.click("button:has-text('Check and queue')")
    page.wait_for_url(re.compile("/jobs/[0-9a-z]+-"), timeout=60000)
    job = page.url.rsplit("/", 1)[1]
    desk.until("the job ends with its four bad trades, seen by the page itself",
               lambda: "with errors" in page.inner_text(".title") and "4" in page.inner_text(".tiles"), 120)
    return job


def failed_trade(desk, job):
    """From a failed trade to its log lines, by click."""
    page = desk.page
    desk.open(f"/jobs/{job}", ".tabs")
    page.click(".tabs a:has-text('Trades')")
    page.click("nav[aria-label=Status] a:has-text('Failed')")
    page.wait_for_url(re.compile("status=error"))
    page.click("main a.id:has-text('BAD-SEASONED')")
    page.wait_for_selector(".drawer .problem")
    desk.check("a failed trade says why", "fixing" in page.inner_text(".drawer .problem"))
    desk.accessible("trade")
    page.click(".drawer a:has-text('Log lines')")
    page.wait_for_url(re.compile("/logs"))
    desk.until("its log lines are there, by click", lambda: page.locator("main .log time").count() > 0, 20)


def tabs(desk, job):
    """Each tab of a job is there."""
    page = desk.page
    sights = (("", ".tiles"), ("trades", "td"), ("failures", ".group"), ("batches", "td"),
              ("timeline", "svg"), ("logs", ".log"), ("proof", ".kv"), ("record", ".kv"))
    for tab, sight in sights[:1] if desk.is_short else sights:
        desk.open(f"/jobs/{job}/{tab}".rstrip("/"), ".tabs")
        try:
            page.wait_for_selector(f"main {sight}", timeout=15000)
            problem = page.query_selector("main .problem")
            desk.check(f"tab {tab or 'overview'}", problem is None, problem and problem.inner_text())
        except Exception as error:
            desk.check(f"tab {tab or 'overview'}", False, str(error).split("\n")[0])
        desk.accessible(f"job-{tab or 'overview'}")


def pages(desk):
    """Each page is there."""
    page = desk.page
    sights = (("/jobs", "td"), ("/engines", "form"), ("/logs", ".log"), ("/deadletters", "h1"), ("/snapshots", "td"), ("/compare", "form"),
              ("/audit", "table"), ("/users", "table"), ("/account", "form"))
    for path, sight in sights[:2] if desk.is_short else sights:
        desk.open(path, f"main {sight}")
        problem = page.query_selector("main .problem")
        desk.check(f"page {path}", problem is None, problem and problem.inner_text())
        desk.accessible(path[1:])


def scale(desk, grid):
    """2 engines, 4, 2, while a job runs: batches spread over the engines."""
    page = desk.page
    grid.tell("slow")
    job = submit_generated(desk, 24000)
    desk.open("/engines", "form")
    for wanted in (4, 2):
        page.fill("input[name=count]", str(wanted))
        page.fill("input[name=reason]", "browser run")
        page.click("button:text-is('Scale')")
        desk.until(f"scaled to {wanted} engines",
                   lambda: sum(e["state"] == "live" for e in desk.get("/engines")["items"]) == wanted)
        if wanted == 4:
            desk.until("its batches spread over four engines", lambda: len(engines_of(desk, job)) == 4, 90)
            desk.picture("four-engines")
    desk.open(f"/jobs/{job}", ".title")
    grid.tell("slow", False)
    desk.until("the job ends", lambda: "complete" in page.inner_text(".title .state"), 120)


def engines_of(desk, job):
    """The engines that priced batches of a job so far."""
    return {b["engine"] for b in desk.get(f"/jobs/{job}/batches?limit=500")["items"] if b.get("engine")}


def submit_generated(desk, trades):
    """Queues so many made-up trades by the page; returns the job."""
    page = desk.page
    desk.open("/jobs/new", "select[name=portfolioExample]")
    page.fill("input[name=generate]", str(trades))
    page.select_option("select[name=marketExample]", "example:market.json")
    page.click("button:has-text('Check and queue')")
    page.wait_for_url(re.compile("/jobs/[0-9a-z]+-"), timeout=120000)
    return page.url.rsplit("/", 1)[1]


def compare(desk, first, second):
    page = desk.page
    desk.open(f"/jobs/{first}", ".acts")
    page.click(".acts a:has-text('Compare')")
    page.wait_for_selector("input[name=b]")
    page.fill("input[name=b]", second)
    page.click("main form button:has-text('Compare')")
    page.wait_for_selector("h2:has-text('What differs')", timeout=30000)
    desk.check("two jobs are compared", "Moved most" in page.inner_text("main"))
    desk.accessible("compared")


def redrive(desk, grid):
    """A trade that killed its pricer is a dead letter, and priced again as a job."""
    page = desk.page
    grid.tell("kill")
    job = submit_generated(desk, 40)
    desk.until("a trade that kills its pricer fails alone", lambda: "with errors" in page.inner_text(".title") and desk.get(f"/jobs/{job}")["failed"] == 1, 60)
    grid.tell("kill", False)
    desk.until("it is among the dead letters", lambda: any(l.get("job") == job for l in desk.get("/deadletters")["items"]), 20)
    desk.open(f"/deadletters?job={quote(job)}", "input[type=checkbox]")
    page.check("input[type=checkbox] >> nth=0")
    page.click("main button.primary:has-text('again')")
    page.wait_for_selector("dialog")
    desk.check("what would be done is shown first", "1 trade" in page.inner_text("dialog"), page.inner_text("dialog"))
    page.click("dialog button:has-text('Queue')")
    page.click(".note a[href^='/jobs/']")
    page.wait_for_selector(".title")
    desk.until("the trade has its value now", lambda: page.inner_text(".title .state").strip() == "complete", 60)


def repeat(desk, job):
    """A sample is verified, failed trades are priced again, a job is made from another, an end is acknowledged."""
    page = desk.page
    for name, words in (("verify", "Verify"), ("again", "Price again")):
        desk.open(f"/jobs/{job}", ".acts")
        page.click(f".acts button:has-text('{words}')")
        page.click("dialog button.primary")
        page.click(".note a[href^='/jobs/']")
        page.wait_for_url(re.compile(f"-{name}-1$"), timeout=30000)
        desk.until(f"{words}: the new job ends", lambda: "complete" in page.inner_text(".title .state") or "errors" in page.inner_text(".title .state"), 60)
        page.wait_for_timeout(300)
    verified = desk.page.evaluate("""async (pair) => { for (let i = 0; i < 40; i += 1) {
        const r = await fetch(`/api/v1/comparisons/${pair}`); if (r.ok) return r.json();
        await new Promise((done) => setTimeout(done, 500)); } }""", f"{job}..{job}-verify-1")
    desk.check("the sample has the same values to the bit", verified and verified["counts"]["moved"] == 0 and verified["counts"]["both"] == 100, str(verified and verified["counts"]))
    desk.open(f"/jobs/{job}", ".acts")
    page.click(".acts a:has-text('New from it')")
    page.wait_for_selector("input[name=earlier]")
    page.check("input[value=IRDelta]")
    page.click("button:text-is('Check')")
    page.wait_for_selector("text=No problem: 1,000 trades", timeout=30000)
    desk.check("a job is made from an earlier one's trades and market", True)
    desk.open("/jobs", ".notes .note")
    before = page.locator(".notes .note").count()
    desk.check("what needs someone is said first", before > 0)
    desk.open(f"/jobs/{job}", ".acts")
    page.click(".acts button:has-text('Acknowledge')")
    page.fill("dialog input[name=reason]", "known bad trades")
    page.click("dialog button.primary")
    desk.until("an end is acknowledged", lambda: "seen by admin" in page.inner_text(".title"), 20)
    desk.open("/jobs", "main h1")
    page.wait_for_timeout(500)
    desk.check("and leaves the list of what needs someone", job not in [n.split(" ")[0] for n in page.locator(".notes .note").all_inner_texts()])


def viewer(desk, job):
    """A viewer sees, and every change is refused."""
    page = desk.page
    desk.open("/users", "form")
    page.fill("input[name=name]", "vera")
    page.click("button:text-is('Add')")
    page.wait_for_selector(".once")
    given = page.inner_text(".once")
    desk.sign_out()
    desk.sign_in("vera", given)
    desk.choose_password(given, "watching only now")
    for path in ("/jobs", f"/jobs/{job}", "/engines", "/deadletters"):
        desk.open(path, "main h1")
        wanted = page.locator("main :is(button, a):is(:text-matches('^(New job|Cancel|Pause|Resume|Price again|Scale|End…|Queue|Verify|Acknowledge)'))")
        desk.check(f"a viewer sees no control of changes on {path}", wanted.count() == 0, ", ".join(wanted.all_inner_texts()))
    refused = changes(desk, job)
    statuses = desk.answers(refused)
    wrong = [f"{method} {path}: {status}" for (method, path, _), status in zip(refused, statuses) if status != 403]
    desk.check(f"all {len(refused)} changing routes are refused to a viewer", len(refused) > 10 and not wrong, "; ".join(wrong))


def changes(desk, job):
    """Every changing route that a viewer has no right to, of the API's own description."""
    paths = desk.page.evaluate("fetch('/openapi.json').then((r) => r.json())")["paths"]
    found = []
    for path, methods in paths.items():
        for method, what in methods.items():
            if method != "get" and what.get("x-role", "viewer") != "viewer":
                path_here = re.sub(r"\{[^}]*\}", "x", path.replace("/api/v1", "", 1).replace("/jobs/{id}", f"/jobs/{job}"))
                found.append([method.upper(), path_here, "{}"])
    return found


def keyboard(desk, grid):
    """Every flow by keys alone."""
    page = desk.page
    page.goto(f"{desk.url}/sign-in")
    page.wait_for_selector("input[name=user]")
    page.keyboard.type("admin")
    desk.tab_to("password")
    page.keyboard.type(OWN)
    desk.keys("Enter")
    page.wait_for_selector("main h1:text-is('Jobs')")
    # A job from the example.
    desk.keys("n")
    page.wait_for_selector("select[name=portfolioExample]")
    desk.tab_to("portfolioExample")
    page.keyboard.type("portfolio.csv")
    desk.tab_to("marketExample")
    page.keyboard.type("market.json")
    desk.tab_to("made of the content")
    page.keyboard.type("by-keys")
    desk.tab_to("Check and queue")
    desk.keys("Enter")
    page.wait_for_url(re.compile("/jobs/by-keys"), timeout=60000)
    desk.until("keys: a job is submitted and ends", lambda: page.locator(".title").count() and "with errors" in page.inner_text(".title"), 60)
    # A failed trade and its lines.
    desk.tab_to("Trades")
    desk.keys("Enter")
    page.wait_for_selector("nav[aria-label=Status]")
    desk.tab_to("Failed")
    desk.keys("Enter")
    page.wait_for_url(re.compile("status=error"))
    desk.until("keys: failed trades are listed", lambda: page.locator("main tr[data-id^=BAD]").count() == 4, 20)
    desk.keys("j", "Enter")
    page.wait_for_selector(".drawer .problem")
    desk.keys("Escape")
    desk.check("keys: Escape closes the trade", page.locator(".drawer").count() == 0)
    desk.keys("Enter")
    page.wait_for_selector(".drawer .problem")
    desk.tab_to("Log lines")
    desk.keys("Enter")
    desk.until("keys: its log lines are there", lambda: page.locator("main .log time").count() > 0, 20)
    # Two jobs are marked and compared.
    desk.keys("g", "j")
    page.wait_for_selector("main h1:text-is('Jobs')")
    page.wait_for_selector("main tr[data-id]")
    desk.keys("j", "Space", "j", "Space", "c")
    page.wait_for_url(re.compile("/compare"))
    desk.until("keys: two jobs are compared", lambda: "What differs" in page.inner_text("main"), 30)
    # Scaling.
    for wanted in (3, 2):
        desk.keys("g", "e")
        page.wait_for_selector("input[name=count]")
        desk.tab_to("count")
        page.keyboard.press("Control+a")
        page.keyboard.type(str(wanted))
        desk.tab_to("reason")
        page.keyboard.type("by keys")
        desk.keys("Enter")
        desk.until(f"keys: scaled to {wanted} engines", lambda: sum(e["state"] == "live" for e in desk.get("/engines")["items"]) == wanted)
    # A dead letter.
    desk.keys("g", "d")
    page.wait_for_selector("main tr[data-id]")
    desk.keys("j", "Space")
    desk.tab_to("again", key="Shift+Tab")
    desk.keys("Enter")
    page.wait_for_selector("dialog")
    desk.check("keys: redriving a letter again is the same job", "1 trade" in page.inner_text("dialog"))
    desk.tab_to("Queue")
    desk.keys("Enter")
    page.wait_for_selector(".note a[href^='/jobs/']")
    desk.keys("j", "Enter")
    page.wait_for_url(re.compile("/deadletters/"))
    page.wait_for_selector(".terms")
    desk.check("keys: a letter is shown decoded", "tradeId" in page.inner_text(".terms"))
    # The sheet, the zone, the snapshots.
    desk.keys("?")
    page.wait_for_selector("dialog kbd")
    desk.keys("Escape")
    before = page.inner_text(".clock")
    desk.keys("t")
    desk.until("keys: the zone of times changes", lambda: page.inner_text(".clock") != before, 5)
    desk.keys("t", "g", "s")
    page.wait_for_url(re.compile("/snapshots"))
    page.wait_for_selector("main tr[data-id]")
    desk.keys("j", "Enter")
    page.wait_for_url(re.compile("/snapshots/sha"))
    page.wait_for_selector("main h1")
    desk.accessible("snapshot")
    desk.open("/deadletters", "main tr[data-id]")
    desk.keys("j", "Enter")
    page.wait_for_selector(".terms")
    desk.accessible("letter")


def leave(desk):
    desk.sign_out()
    status = desk.page.evaluate("fetch('/api/v1/session').then((r) => r.status)")
    desk.check("signed out", status == 401, str(status))
    desk.check("the browser reported nothing", not desk.reports, "; ".join(desk.reports[:5]))
