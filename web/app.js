// The frame of every page: who is signed in, where one is, what the grid does now.

import { get, may, readSession, remove, session } from "./api.js";
import { clock, count, duration, h, icon, problem, put, rate, say, zone } from "./dom.js";
import { listen, start } from "./live.js";
import { keys } from "./keys.js";
import { jobs } from "./jobs.js";
import { newJob } from "./newjob.js";
import { job } from "./job.js";
import { engines } from "./engines.js";
import { logs } from "./logs.js";
import { letters } from "./letters.js";
import { compare } from "./compare.js";
import { snapshots } from "./snapshots.js";
import { spark } from "./charts.js";
import { audit, account, users, signIn } from "./people.js";

const pages = [
  [/^\/$/, () => go("/jobs", true)],
  [/^\/jobs$/, jobs], [/^\/jobs\/new$/, newJob], [/^\/jobs\/([^/]+)(?:\/(\w+)(?:\/(.+))?)?$/, job],
  [/^\/compare$/, compare], [/^\/engines(?:\/([^/]+))?$/, engines], [/^\/logs$/, logs],
  [/^\/deadletters(?:\/([^/]+))?$/, letters], [/^\/snapshots(?:\/([^/]+))?$/, snapshots], [/^\/audit$/, audit], [/^\/account$/, account],
  [/^\/users$/, users], [/^\/sign-in$/, signIn],
];

const areas = [["/jobs", "Jobs"], ["/engines", "Engines"], ["/logs", "Logs"],
  ["/deadletters", "Dead letters"], ["/snapshots", "Markets"], ["/compare", "Compare"], ["/audit", "Audit"]];

let leave = [];

/** Goes to an address of the page. */
export function go(address, replaces = false) {
  history[replaces ? "replaceState" : "pushState"](null, "", address);
  return show();
}

async function show() {
  for (const done of leave) done();
  leave = [];
  const main = document.getElementById("main");
  const path = location.pathname;
  if (!session.user && path !== "/sign-in") return go(`/sign-in?to=${encodeURIComponent(path + location.search)}`, true);
  if (session.user && session.mustChangePassword && path !== "/account") return go("/account", true);
  frame();
  const [pattern, page] = pages.find(([p]) => p.test(path)) ?? [];
  document.body.dataset.page = path.split("/")[1] || "jobs";
  document.getElementById("layer").replaceChildren();
  if (!page) {
    document.title = "Not found · valgrid";
    return put(main, h("h1", {}, "There is no such page"), h("p", {}, h("a", { href: "/jobs" }, "To the jobs")));
  }
  try {
    const parts = (pattern.exec(path) ?? []).slice(1).map((p) => (p === undefined ? p : decodeURIComponent(p)));
    await page(main, {
      go, parts, query: new URLSearchParams(location.search),
      onLeave: (done) => leave.push(done),
      onLive: (listener) => leave.push(listen(listener)),
    });
  } catch (error) {
    // What is there stays; only a page that has nothing shows the problem alone.
    main.prepend(problem(error));
    if (!error.status && error.status !== 0) console.error(error);
  }
}

function frame() {
  const top = document.getElementById("top");
  const isIn = Boolean(session.user);
  top.hidden = !isIn;
  document.getElementById("pulse").hidden = !isIn;
  if (!isIn) return;
  const path = location.pathname;
  put(top,
    h("a", { class: "brand", href: "/jobs" }, "valgrid"),
    session.environment && h("span", { class: "env" }, session.environment),
    h("nav", { class: "nav", "aria-label": "Main" }, areas.map(([address, name]) =>
      h("a", { href: address, "aria-current": path.startsWith(address) && "page" }, name, h("span", { class: "count", id: `count-${address.slice(1)}`, hidden: true })))),
    h("div", { class: "right" },
      h("span", { class: "live", id: "live" }, "…"),
      h("button", { class: "clock", title: "Times are in this zone; press T for the other", onclick: () => { zone.flip(); show(); } }, zone.name),
      h("button", { "aria-label": "Change between light, dark and as the system", onclick: theme }, icon("theme")),
      h("a", { class: "who", href: "/account", "aria-label": `${session.user}, ${session.role}: account` }, icon("user"), h("span", {}, ` ${session.user} · ${session.role}`)),
      h("button", { onclick: signOut }, "Sign out")));
}

function theme() {
  const next = { "": "dark", dark: "light", light: "" }[localStorage.getItem("theme") ?? ""];
  localStorage.setItem("theme", next);
  dress();
  say(next ? `${next} colours` : "colours as the system");
}

function dress() {
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
}

async function signOut() {
  try { await remove("/session"); } catch { /* The cookie is over all the same. */ }
  Object.assign(session, { user: null, csrf: null, rights: [] });
  go("/sign-in");
}

// ---- The pulse

let pulseTimer;
const rates = [];

/** How much of an area is in trouble, beside its name. */
function trouble(area, n, words) {
  const mark = document.getElementById(`count-${area}`);
  if (!mark) return;
  mark.hidden = !n;
  put(mark, n ? count(n) : "", h("span", { class: "visually-hidden" }, ` ${words}`));
}

async function pulse() {
  clearTimeout(pulseTimer);
  if (session.user && !document.hidden) {
    try { drawPulse(await get("/grid")); } catch { /* The stream's age says so. */ }
  }
  pulseTimer = setTimeout(pulse, 2000);
}

function drawPulse(grid) {
  const { engines, pricers, waiting, ledger, scale, aggregator } = grid;
  const all = engines.live + engines.silent + engines.draining;
  rates.push(grid.tradesPerSecond ?? 0);
  if (rates.length > 150) rates.shift();
  trouble("engines", engines.silent, "silent");
  put(document.getElementById("pulse"),
    h("a", { href: "/engines" }, engines.silent > 0 && icon("stuck", "bad"), h("span", {}, h("b", {}, count(engines.live)), ` of ${count(all)} engines `,
      engines.silent > 0 && h("span", { class: "bad" }, `${engines.silent} silent`))),
    h("a", { href: "/engines" }, h("span", { class: "l" }, "Pricers busy"), h("b", {}, count(pricers.busy)), ` of ${count(pricers.all)}`),
    h("a", { href: "/engines" }, h("span", { class: "l" }, "Rate"), h("b", {}, rate(grid.tradesPerSecond)), " trades/s", rates.length > 2 && spark(rates)),
    h("a", { href: "/jobs?state=running" }, h("span", { class: "l" }, "Waiting"), h("b", {}, count(waiting?.trades ?? 0)), " trades",
      waiting?.seconds > 0 && h("b", {}, duration(waiting.seconds))),
    h("a", { href: "/jobs" }, h("span", { class: "l" }, "Ledger"),
      aggregator.reachable && !ledger?.trouble ? [h("span", { class: "good" }, "up to date"), h("span", { class: "faint" }, `${(ledger?.lagSeconds ?? 0).toFixed(1)} s`)]
        : h("span", { class: "bad" }, aggregator.reachable ? ledger?.trouble ?? "starting" : "not reached")),
    scale.kind !== "none" && h("a", { href: "/engines", class: "w-hide" }, h("span", { class: "l" }, "Scale"), h("b", {}, count(scale.count)),
      scale.least !== undefined && scale.least !== null ? ` of ${scale.least}–${scale.most}` : ` of ${count(scale.desired)}`));
  const stale = document.getElementById("stale");
  stale.hidden = aggregator.reachable;
  if (!aggregator.reachable) {
    put(stale, `The aggregator has not answered since ${clock(aggregator.since)}: what is shown is as of then, and comes back by itself. `,
      h("span", { class: "soft" }, aggregator.reason));
  }
}

listen(({ name, data }) => {
  if (name === "grid" || name === "open") pulse();
  const live = document.getElementById("live");
  if (!live || name !== "age") return;
  live.className = data.seconds < 30 ? "live" : "bad";
  put(live, data.seconds < 5 ? [icon("run"), "live"] : `as of ${data.seconds} s ago`);
});

// ---- Start

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const address = new URL(link.href);
  if (address.origin !== location.origin || link.target || link.download || link.hasAttribute("data-plain")) return;
  event.preventDefault();
  if (link.getAttribute("href").startsWith("#")) { document.querySelector(link.getAttribute("href"))?.focus(); return; }
  go(address.pathname + address.search);
});
window.addEventListener("popstate", show);
window.addEventListener("signed-out", () => {
  Object.assign(session, { user: null, csrf: null, rights: [] });
  go(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`, true);
});

dress();
keys(go, may, () => { zone.flip(); show(); });
try {
  await readSession();
} catch (error) {
  put(document.getElementById("main"), problem(error));
}
if (session.user) { start(); pulse(); }
window.addEventListener("signed-in", () => { start(); pulse(); }, { once: true });
show();
