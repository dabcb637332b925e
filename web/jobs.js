// The list of jobs: filtered, sorted and paged by the server, kept up to date by the stream.

import { get, may, post, query } from "./api.js";
import { amount, ask, bar, count, day, duration, field, h, icon, put, rate, shownState, state, time } from "./dom.js";

const columns = [
  ["state", "State", "c-state"], ["id", "Job", "c-job"], ["portfolio", "Portfolio", "c-pf"], ["market", "Market", "c-mkt"],
  ["progress", "Progress", "c-prog"], ["trades", "Trades", "num c-tr"], ["failed", "Errors", "num c-err"],
  ["tradesPerSecond", "Trades/s", "num c-rate"], ["submittedAt", "Submitted", "num c-sub"], ["seconds", "Took", "num c-took"],
  ["deadline", "Deadline", "num c-dl"], ["total", "NPV", "num c-npv"], ["submitter", "By", "c-by"],
];
const sortable = new Set(["state", "id", "portfolio", "trades", "failed", "tradesPerSecond", "submittedAt", "seconds", "deadline", "total", "submitter"]);
const filters = [["", "All"], ["submitting,running,paused", "Active"], ["complete with errors", "With errors"], ["cancelled,expired", "Ended early"]];

export async function jobs(main, { go, query: given, onLive }) {
  document.title = "Jobs · valgrid";
  const sort = given.get("sort") ?? "-submittedAt";
  const wanted = { state: given.get("state"), q: given.get("q"), by: given.get("by"), needs: given.get("needs"), sort, limit: 100 };
  const address = (change) => `/jobs${query({ ...Object.fromEntries(given), ...change })}`;
  const [list, counts, attention] = await Promise.all([get(`/jobs${query(wanted)}`), get("/jobs/counts"), get("/jobs?needs=someone&limit=50")]);
  let rows = list.items;
  let next = list.next;
  let total = list.total;

  const body = h("tbody");
  const foot = h("div", { class: "foot" });
  const notes = h("ul", { class: "notes", "aria-label": "What needs someone" });
  const number = (states) => (states ? states.split(",").reduce((n, name) => n + (counts[name] ?? 0), 0) : counts.all);

  function cell(row, [name, , kind]) {
    const content = {
      state: () => state(row),
      id: () => h("a", { class: "id", href: `/jobs/${encodeURIComponent(row.id)}`, title: row.id }, row.id),
      portfolio: () => row.portfolio, market: () => row.snapshot.name,
      progress: () => bar(row), trades: () => count(row.trades),
      failed: () => (row.failed ? h("b", { class: "bad" }, count(row.failed)) : h("span", { class: "faint" }, "0")),
      tradesPerSecond: () => rate(row.tradesPerSecond), submittedAt: () => time(row.submittedAt),
      seconds: () => duration(row.isFinal ? row.seconds : (Date.now() - Date.parse(row.submittedAt)) / 1000),
      deadline: () => (row.isFinal ? h("span", { class: "soft" }, row.state === "expired" ? "missed" : row.deadline ? "held" : "none") : [time(row.deadline), row.deadline && slack(row)]),
      total: () => amount(row.total), submitter: () => row.submitter,
    }[name]();
    const isCut = ["id", "portfolio", "market", "submitter"].includes(name);
    return h("td", { class: `${kind}${isCut ? " cut" : ""}`, title: isCut && typeof content === "string" && content }, content);
  }

  function draw() {
    const groups = new Map();
    for (const row of rows) {
      const name = sort !== "-submittedAt" ? "" : row.isFinal
        ? (day(row.endedAt ?? row.submittedAt) === day(new Date().toISOString()) ? "Ended today" : day(row.endedAt ?? row.submittedAt)) : "Active";
      groups.set(name, [...(groups.get(name) ?? []), row]);
    }
    const focused = document.activeElement?.closest("tr")?.dataset.id;
    put(body, [...groups].sort(([a], [b]) => (a === "Active" ? -1 : b === "Active" ? 1 : 0)).map(([name, members]) => [
      name && h("tr", { class: "grp" }, h("th", { colspan: columns.length, scope: "rowgroup" }, h("b", {}, name),
        h("span", {}, `${count(members.length)} jobs, ${count(members.reduce((n, r) => n + r.trades, 0))} trades, ${count(members.reduce((n, r) => n + r.failed, 0))} failed`))),
      members.map((row) => h("tr", { tabindex: -1, "data-id": row.id, class: "open", onclick: (event) => {
        if (!event.target.closest("a")) go(`/jobs/${encodeURIComponent(row.id)}`);
      } }, columns.map((column) => cell(row, column)))),
    ]));
    if (focused) body.querySelector(`tr[data-id="${CSS.escape(focused)}"]`)?.focus();
    if (!rows.length) {
      put(body, h("tr", {}, h("td", { colspan: columns.length, class: "empty" }, total === 0 && counts.all === 0
        ? ["No job yet. ", may("jobs.submit") && h("a", { href: "/jobs/new" }, "Submit the first")] : "No job matches the filter.")));
    }
    put(foot, h("span", {}, `${count(rows.length)} of ${count(total)} jobs`), h("span", {}, "as of ", time(list.asOf)),
      next && h("button", { class: "btn", onclick: more }, `Show ${count(Math.min(100, total - rows.length))} more`),
      h("span", { class: "keys" }, h("span", {}, h("kbd", {}, "j"), " ", h("kbd", {}, "k"), " move"), h("span", {}, h("kbd", {}, "Enter"), " open"), h("span", {}, h("kbd", {}, "?"), " all keys")));
    const found = needs(attention.items);
    put(notes, found.slice(0, 3).map(({ row, text, kind, links }) => h("li", { class: `note ${kind}` }, icon(kind ? "stuck" : "part"),
      h("span", {}, h("b", {}, row.id), ` ${text}`), h("span", { class: "do" }, links.map(([href, name]) => h("a", { href }, name)), row.isFinal && may("jobs.control") && h("button", { class: "link", onclick: () => seen(row) }, "Seen")))),
    attention.total > Math.min(3, found.length) && h("li", { class: "soft" }, h("a", { href: address({ needs: "someone", state: "", cursor: "" }) }, `All ${count(attention.total)} that need someone`)));
  }

  /** Says that one has seen how a job ended. */
  async function seen(row) {
    const answer = await ask(`Acknowledge ${row.id}?`, [h("p", { class: "soft" }, "It leaves this list; who said so, and why, is in the audit."), field("Why", h("input", { name: "reason", maxlength: 500 }))], "Acknowledge");
    if (!answer) return;
    await post(`/jobs/${encodeURIComponent(row.id)}/acknowledge`, answer.reason ? { reason: answer.reason } : {});
    attention.items = attention.items.filter((other) => other.id !== row.id);
    attention.total -= 1;
    draw();
  }

  async function more(event) {
    event.target.disabled = true;
    const page = await get(`/jobs${query({ ...wanted, cursor: next })}`);
    rows = rows.concat(page.items);
    next = page.next;
    total = page.total;
    draw();
  }

  put(main, notes,
    h("div", { class: "tools" }, h("h1", {}, "Jobs"),
      h("nav", { class: "seg", "aria-label": "State" }, filters.map(([states, name]) =>
        h("a", { href: address({ state: states, cursor: "" }), "aria-current": (wanted.state ?? "") === states && "true" }, name, " ", h("span", { class: "soft" }, count(number(states)))))),
      h("form", { class: "find", role: "search", onsubmit: (event) => { event.preventDefault(); go(address({ q: new FormData(event.target).get("q") })); } },
        icon("find"), h("input", { name: "q", "aria-label": "Words in id, portfolio, market or submitter", placeholder: "id, portfolio, market or submitter", value: wanted.q ?? "" }), h("kbd", {}, "/")),
      h("div", { class: "end" }, h("a", { class: "btn", href: "/compare" }, icon("diff"), "Compare"),
        may("jobs.submit") && h("a", { class: "btn primary", href: "/jobs/new" }, icon("plus"), "New job", h("kbd", {}, "N")))),
    h("div", { class: "panel" }, h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Jobs" }, h("table", { class: "tbl jobs" }, h("thead", {}, h("tr", {}, columns.map(([name, title, kind]) => {
      const isSorted = sort.replace("-", "") === name;
      const isDown = sort.startsWith("-");
      return h("th", { scope: "col", class: kind, "aria-sort": isSorted && (isDown ? "descending" : "ascending") }, sortable.has(name)
        ? h("a", { href: address({ sort: isSorted && isDown ? name : `-${name}` }), class: "soft" }, title, isSorted && (isDown ? " ↓" : " ↑")) : title);
    }))), body)), foot));
  draw();

  let timer;
  onLive(({ name, data }) => {
    if (name === "gap") return go(location.pathname + location.search, true);
    if (name !== "rows") return;
    for (const row of data.items) {
      const at = rows.findIndex((r) => r.id === row.id);
      if (at >= 0) rows[at] = row;
      else if (!wanted.q && !wanted.by && !wanted.needs && !next && (!wanted.state || wanted.state.split(",").includes(row.state)) && sort === "-submittedAt") {
        rows = [row, ...rows];
        total += 1;
      }
    }
    timer ??= setTimeout(() => { timer = undefined; draw(); }, 250);
  });
}

/** How much earlier than its deadline a job will end, as a chip in the colour of the forecast. */
function slack(row) {
  if (!row.forecast?.p50) return null;
  const seconds = (Date.parse(row.deadline) - Date.parse(row.forecast.p90 ?? row.forecast.p50)) / 1000;
  const kind = { holds: "good", mayMiss: "warn", willMiss: "bad" }[row.forecast.verdict] ?? "soft";
  return h("span", { class: `slack ${kind}`, title: row.forecast.reason }, seconds < 0 ? ` ${duration(-seconds)} late` : ` ${duration(seconds)} spare`);
}

/** What somebody should look at, the worst first. */
function needs(rows) {
  const found = [];
  for (const row of rows) {
    const address = `/jobs/${encodeURIComponent(row.id)}`;
    const { forecast } = row;
    if (!row.isFinal && (forecast?.verdict === "willMiss" || forecast?.verdict === "mayMiss")) {
      found.push({ row, kind: forecast.verdict === "willMiss" ? "crit" : "", text: forecast.reason, links: [[address, "Open"], ["/engines", "Add engines…"]] });
    } else if (shownState(row) === "queued" && Date.now() - Date.parse(row.submittedAt) > 30000) {
      found.push({ row, kind: "crit", text: `waits: ${row.waitingFor}`, links: [[address, "Open"], ["/engines", "Engines"]] });
    } else if (row.isFinal) {
      const what = row.missing ? `is ${row.state}: ${count(row.missing)} trade${row.missing === 1 ? " has" : "s have"} neither value nor error.` : `is complete with ${count(row.failed)} failed trade${row.failed === 1 ? "" : "s"}.`;
      found.push({ row, kind: row.missing ? "crit" : "", text: what, links: [[`${address}/${row.missing ? "batches" : "failures"}`, row.missing ? "Batches" : "Failures"]] });
    } else if (row.waitingFor && shownState(row) !== "running") {
      found.push({ row, kind: "", text: `waits: ${row.waitingFor}`, links: [[address, "Open"]] });
    }
  }
  return found.sort((a, b) => (b.kind === "crit") - (a.kind === "crit"));
}
