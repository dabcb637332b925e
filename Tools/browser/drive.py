#!/usr/bin/env python3
"""Drives compute-manager's page in a real browser, as a desk would.

usage: drive.py --url URL --password WORD [--axe FILE] [--screenshots DIR] [--chromium PATH]

Signs in, chooses a password, submits the example with its four bad trades, watches it end, looks at
every tab, scales the engines, adds a viewer and sees every change refused, and signs out. With --axe
(axe-core's axe.min.js) every page is checked in light and dark at three widths. Prints a line a check
and exits with 1 when one failed.
"""
import argparse
import pathlib
import re
import sys
import time

from playwright.sync_api import sync_playwright

parser = argparse.ArgumentParser()
parser.add_argument("--url", required=True)
parser.add_argument("--password", required=True)
parser.add_argument("--axe")
parser.add_argument("--screenshots")
parser.add_argument("--chromium", default="/usr/bin/chromium")
options = parser.parse_args()
url = options.url.rstrip("/")
failures = []
refused = []


def check(what, is_so, detail=""):
    print(f"{'ok    ' if is_so else 'FAILED'} {what}{'' if is_so else f': {detail}'}", flush=True)
    if not is_so:
        failures.append(what)


def until(what, body, limit=60):
    """Waits until something is so, and checks it."""
    end = time.monotonic() + limit
    seen = None
    while time.monotonic() < end:
        seen = body()
        if seen:
            check(what, True)
            return seen
        page.wait_for_timeout(200)
    check(what, False, f"not within {limit} s")
    return seen


def sign_in(user, password):
    page.goto(f"{url}/sign-in")
    page.fill("input[name=user]", user)
    page.fill("input[name=password]", password)
    page.click("button:has-text('Sign in')")
    page.wait_for_url(re.compile("/(jobs|account)$"), timeout=15000)
    # A given password leads on to the account.
    page.wait_for_timeout(1000)


def picture(name):
    if options.screenshots:
        pathlib.Path(options.screenshots).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{options.screenshots}/{name}.png")


def open_page(path, ready):
    page.goto(f"{url}{path}")
    page.wait_for_selector(ready, timeout=15000)
    page.wait_for_timeout(300)


def axe(name):
    if not options.axe:
        return
    source = pathlib.Path(options.axe).read_text()
    for scheme in ("light", "dark"):
        for width in (1440, 768, 390):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(100)
            page.evaluate(source)
            found = page.evaluate("axe.run(document).then((r) => r.violations.map((v) => v.id + ' ' + v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')))")
            check(f"axe {name} {scheme} {width}", not found, "; ".join(found))
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            check(f"no sideways scroll {name} {scheme} {width}", not wide)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
    context = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=bool(options.axe))
    page = context.new_page()
    page.on("console", lambda m: refused.append(m.text) if m.type == "error" and "status of" not in m.text else None)
    page.on("pageerror", lambda e: refused.append(str(e)))

    page.goto(f"{url}/jobs")
    page.wait_for_url(re.compile("/sign-in"), timeout=15000)
    check("a stranger is led to the door", True)
    axe("sign-in")
    page.fill("input[name=user]", "admin")
    page.fill("input[name=password]", "wrong")
    page.click("button:has-text('Sign in')")
    page.wait_for_selector(".problem")
    check("a wrong password is said", "wrong" in page.inner_text(".problem"))
    sign_in("admin", options.password)
    chosen = "a password of my own"
    if page.url.endswith("/account"):
        page.fill("input[name=old]", options.password)
        page.fill("input[name=new]", chosen)
        page.click("button:has-text('Change')")
        page.wait_for_url(re.compile("/jobs$"), timeout=15000)
        check("a given password is changed first", True)

    open_page("/jobs/new", "select[name=portfolioExample]")
    axe("new job")
    page.select_option("select[name=portfolioExample]", "example:portfolio.csv")
    page.select_option("select[name=marketExample]", "example:market.json")
    page.click("button:text-is('Check')")
    page.wait_for_selector("text=No problem: 1,000 trades", timeout=30000)
    check("the example is checked before it is queued", True)
    page.click("button:has-text('Check and queue')")
    page.wait_for_url(re.compile("/jobs/[0-9]{4}"), timeout=60000)
    job = page.url.rsplit("/", 1)[1]
    until("the job ends with its four bad trades", lambda: "with errors" in page.inner_text(".title") and "4" in page.inner_text(".tiles"), 120)
    page.wait_for_timeout(1500)
    picture("job")
    axe("job")
    for tab, sight in (("trades", "table"), ("failures", ".panel"), ("batches", "td"), ("timeline", "svg"), ("logs", ".log"), ("proof", ".kv"), ("record", ".kv")):
        open_page(f"/jobs/{job}/{tab}", ".tabs")
        try:
            page.wait_for_selector(f"main {sight}", timeout=15000)
            problem = page.query_selector("main .problem")
            check(f"tab {tab}", problem is None, problem and problem.inner_text())
        except Exception as error:
            check(f"tab {tab}", False, str(error).split("\n")[0])
        axe(tab)
    until("the job's log lines are there", lambda: (open_page(f"/jobs/{job}/logs", ".log") or True) and page.locator(".log li time").count() > 0, 20)

    open_page("/jobs", "tbody tr[tabindex]")
    check("the list shows the job", page.locator(f"tr[data-id='{job}']").count() == 1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/jobs/{re.escape(job)}"), timeout=10000)
    check("by keys alone from the list to the job", True)
    open_page("/jobs", "tbody tr[tabindex]")
    axe("jobs")
    picture("jobs")

    open_page("/engines", "form")
    axe("engines")
    for wanted in (4, 2):
        page.fill("input[name=count]", str(wanted))
        page.fill("input[name=reason]", "browser run")
        page.click("button:text-is('Scale')")
        until(f"scaled to {wanted} engines", lambda: page.evaluate(
            "fetch('/api/v1/engines').then((r) => r.json()).then((e) => e.items.filter((i) => i.state === 'live').length)") == wanted, 60)
        if wanted == 4:
            picture("engines")
    for path, sight in (("/logs", ".log"), ("/deadletters", "table"), ("/compare", "form"), ("/audit", "table"), ("/users", "table"), ("/account", "form")):
        open_page(path, sight)
        problem = page.query_selector("main .problem")
        check(f"page {path}", problem is None, problem and problem.inner_text())
        axe(path)

    open_page("/users", "form")
    page.fill("input[name=name]", "vera")
    page.click("button:text-is('Add')")
    page.wait_for_selector(".once")
    given = page.inner_text(".once")
    page.click("button:has-text('Sign out')")
    page.wait_for_url(re.compile("/sign-in"))
    sign_in("vera", given)
    page.fill("input[name=old]", given)
    page.fill("input[name=new]", "watching only now")
    page.click("button:has-text('Change')")
    page.wait_for_url(re.compile("/jobs$"), timeout=15000)
    check("a viewer sees no button for a new job", page.locator("text=New job").count() == 0)
    answers = page.evaluate("""async (job) => {
        const csrf = (await (await fetch('/api/v1/session')).json()).csrf;
        const calls = [['POST', '/jobs', '{}'], ['POST', `/jobs/${job}/cancel`, '{}'], ['PUT', '/scale', '{"count":1}'],
            ['POST', '/deadletters/redrive', '{}'], ['POST', '/users', '{}'], ['POST', '/uploads?name=a.csv', 'a']];
        return Promise.all(calls.map(async ([method, path, body]) =>
            (await fetch('/api/v1' + path, { method, body, headers: { 'X-CSRF': csrf } })).status));
    }""", job)
    check("every change is refused to a viewer", answers == [403] * 6, str(answers))
    page.click("button:has-text('Sign out')")
    page.wait_for_url(re.compile("/sign-in"))
    check("signed out", page.evaluate("fetch('/api/v1/session').then((r) => r.status)") == 401)
    check("the browser reports nothing", not refused, "; ".join(refused[:5]))
    browser.close()

print(f"{len(failures)} failed" if failures else "browser: ok")
sys.exit(1 if failures else 0)
