"""Somebody at the page: a browser, what is looked at, and what was found."""
import pathlib
import re
import time

WIDTHS = (1440, 768, 390)


class Desk:
    def __init__(self, browser, url, *, axe=None, pictures=None, is_short=False):
        self.url = url
        self.axe_source = pathlib.Path(axe).read_text() if axe else None
        self.pictures = pathlib.Path(pictures) if pictures else None
        self.is_short = is_short
        self.failures = []
        self.reports = []
        self.context = browser.new_context(viewport={"width": 1440, "height": 900}, timezone_id="Europe/London", locale="en-GB")
        self.page = self.new_page()

    def new_page(self):
        page = self.context.new_page()
        # Answers with an error status and servers that are away are part of some flows; what else the console says is not.
        page.on("console", lambda m: self.reports.append(m.text) if m.type == "error" and "status of" not in m.text and "net::ERR_" not in m.text else None)
        page.on("pageerror", lambda e: self.reports.append(str(e)))
        return page

    # What is done by keys alone

    def tab_to(self, words, most=90, key="Tab"):
        """Goes by Tab to what is called so: by its text, label or name."""
        for _ in range(most):
            self.page.keyboard.press(key)
            here = self.page.evaluate("""() => { const e = document.activeElement;
                if (e === document.body) return '';
                return [e.innerText, e.ariaLabel, e.name, e.closest('label')?.innerText].filter(Boolean).join(' | '); }""")
            if words in here:
                return
        raise AssertionError(f"Tab does not reach {words} on {self.page.url}")

    def keys(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(40)

    # What is found

    def check(self, what, is_so, detail=""):
        print(f"{'ok    ' if is_so else 'FAILED'} {what}{'' if is_so else f': {detail}'}", flush=True)
        if not is_so:
            self.failures.append(what)
        return is_so

    def until(self, what, body, limit=60):
        """Waits until something is so, and checks it; returns what was seen last."""
        end = time.monotonic() + limit
        seen = None
        while time.monotonic() < end:
            seen = body()
            if seen:
                break
            self.page.wait_for_timeout(100)
        self.check(what, bool(seen), f"not within {limit} s")
        return seen

    # What is done

    def open(self, path, ready):
        self.page.goto(f"{self.url}{path}")
        self.page.wait_for_selector(ready, timeout=15000)
        self.page.wait_for_timeout(200)

    def sign_in(self, user, password):
        self.page.goto(f"{self.url}/sign-in")
        self.page.fill("input[name=user]", user)
        self.page.fill("input[name=password]", password)
        self.page.click("button:has-text('Sign in')")
        self.page.wait_for_url(re.compile("/(?!sign-in)[a-z]+$"), timeout=15000)
        self.page.wait_for_selector("main h1:not(:text-is('valgrid'))", timeout=15000)
        # A password that was given leads on to the account.
        self.page.wait_for_timeout(300)

    def choose_password(self, given, own):
        self.page.wait_for_selector("input[name=old]")
        self.page.fill("input[name=old]", given)
        self.page.fill("input[name=new]", own)
        self.page.click("button:has-text('Change')")
        self.page.wait_for_url(re.compile("/jobs$"), timeout=15000)

    def sign_out(self):
        self.page.click("button:has-text('Sign out')")
        self.page.wait_for_url(re.compile("/sign-in"), timeout=15000)

    def get(self, path):
        """What the API answers this browser's session."""
        return self.page.evaluate("(path) => fetch('/api/v1' + path).then((r) => r.json())", path)

    def answers(self, calls):
        """The statuses of calls [method, path, body] that this page's session makes."""
        return self.page.evaluate("""async (calls) => {
            const csrf = (await (await fetch('/api/v1/session')).json()).csrf;
            const found = [];
            for (const [method, path, body] of calls) {
                found.push((await fetch('/api/v1' + path, { method, body, headers: { 'X-CSRF': csrf } })).status);
                await new Promise((done) => setTimeout(done, 25));
            }
            return found;
        }""", calls)

    def picture(self, name):
        if self.pictures:
            self.pictures.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=self.pictures / f"{name}.png")

    # What holds on every page

    def accessible(self, name):
        """axe finds nothing and nothing scrolls sideways, in each scheme and width."""
        schemes, widths = (("light",), (1440,)) if self.is_short else (("light", "dark"), WIDTHS)
        for scheme in schemes:
            for width in widths:
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self.page.set_viewport_size({"width": width, "height": 900})
                self.page.wait_for_timeout(100)
                wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
                self.check(f"no sideways scroll: {name}, {scheme}, {width} px", wide <= 0, f"{wide} px too wide")
                if self.axe_source:
                    self.page.evaluate(self.axe_source)
                    found = self.page.evaluate("axe.run(document).then((r) => r.violations.map((v) => v.id + ' ' + v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')))")
                    self.check(f"axe: {name}, {scheme}, {width} px", not found, "; ".join(found))
                if width in (1440, 390):
                    self.picture(f"{name}-{scheme}-{width}")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1440, "height": 900})
