// The list of jobs: filtered, sorted and paged by the server, kept up to date by the stream.

import { act, button, mainFailure } from "./actions.js";
import { get, may, query } from "./api.js";
import { amount, bar, count, duration, h, icon, problem, put, rate, shownState, slack, state, time } from "./dom.js";
import { JobRows } from "./joblist.js";
import { rowTable } from "./rows.js";

const columns = [
  { name: "state", title: "State", kind: "c-state", cell: (row) => state(row) },
  { name: "id", title: "Job", kind: "c-job cut", cell: (row) => h("a", { class: "id", href: address(row), title: row.id }, row.id) },
  { name: "portfolio", title: "Portfolio", kind: "c-pf cut", cut: true, cell: (row) => row.portfolio },
  { name: "market", title: "Market", kind: "c-mkt cut soft", cut: true, isFixed: true, cell: (row) => row.snapshot.name },
  { name: "priority", title: "Class", kind: "c-pri", isFixed: true, cell: (row) => h("span", { class: row.priority === "eod" ? "soft" : "" }, row.priority) },
  { name: "progress", title: "Progress", kind: "c-prog", isFixed: true, cell: (row) => bar(row) },
  { name: "trades", title: "Trades", kind: "num c-tr", cell: (row) => count(row.trades) },
  { name: "failed", title: "Errors", kind: "num c-err", cell: (row) => (row.failed ? h("b", { class: "bad" }, count(row.failed)) : h("span", { class: "faint" }, "0")) },
  { name: "tradesPerSecond", title: "Trades/s", kind: "num c-rate", cell: (row) => rate(row.tradesPerSecond) },
  { name: "submittedAt", title: "Submitted", kind: "num c-sub", cell: (row) => time(row.submittedAt) },
  { name: "seconds", title: "Took", kind: "num c-took", cell: (row) => duration(row.isFinal ? row.seconds : (Date.now() - Date.parse(row.submittedAt)) / 1000) },
  { name: "deadline", title: "Deadline", kind: "num c-dl", cell: (row) => slack(row) },
  { name: "total", title: "NPV", kind: "num c-npv", cell: (row) => amount(row.total) },
  { name: "submitter", title: "By", kind: "c-by cut", cut: true, cell: (row) => row.submitter },
];
const filters = [["", "All"], ["submitting,running,paused", "Active"], ["needs", "Needs someone"], ["complete with errors", "With errors"], ["cancelled,expired", "Ended early"]];
const address = (row) => `/jobs/${encodeURIComponent(row.id)}`;

/** What the search box says: `state:running by:desk class:intraday market:EOD since:2026-11-26` and free words. */
export function parsed(text) {
  const found = { q: [] };
  const names = { state: "state", by: "by", class: "priority", since: "from", until: "to" };
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const [, key, value] = /^(\w+):(.+)$/.exec(word) ?? [];
    if (names[key]) found[names[key]] = /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value === "errors" ? "complete with errors" : value;
    else found.q.push(key === "market" ? value : word);
  }
  return { ...found, q: found.q.join(" ") };
}

export async function jobs(main, { go, query: given, onLive, onLeave }) {
  document.title = "Jobs · valgrid";
  const sort = given.get("sort") ?? "-submittedAt";
  const text = given.get("find") ?? given.get("q") ?? "";
  const isNeeds = given.get("needs") === "someone";
  const wanted = { ...parsed(text), sort };
  for (const name of ["state", "by", "priority"]) if (given.get(name)) wanted[name] = given.get(name);
  if (isNeeds) wanted.needs = "someone";
  const here = (change) => `/jobs${query({ ...Object.fromEntries(given), ...change })}`;
  const source = new JobRows((part) => get(`/jobs${query({ ...wanted, ...part })}`), wanted);
  let [counts, needy] = await Promise.all([get("/jobs/counts"), needs(), source.load()]);

  const notes = h("ul", { class: "notes", "aria-label": "What needs someone" });
  const message = h("div", { "aria-live": "polite" });
  const segments = h("nav", { class: "seg", "aria-label": "State" });
  const foot = h("div", { class: "foot" });
  const marks = h("span", { class: "row" });
  // The currency stands in the head; an amount in another one has its own.
  const currency = (source.active[0] ?? source.head[0])?.baseCurrency ?? "";
  const heads = columns.map((column) => ({ ...column, ...headOf(column), ...(column.name === "total" && { cell: (row) => [amount(row.total), row.baseCurrency !== currency && h("span", { class: "cur" }, ` ${row.baseCurrency}`)] }) }));
  const table = rowTable({
    label: "Jobs", kind: "jobs", columns: heads, source, id: (row) => row.id, open: (row) => go(address(row)), mark: drawMarks,
    empty: () => (counts.all === 0 ? ["No job yet. ", may("jobs.submit") && h("a", { href: "/jobs/new" }, "Submit the first")].filter(Boolean) : "No job matches the filter."),
  });
  table.element.addEventListener("keydown", (event) => {
    const row = table.inHand;
    if (event.key === "c") { event.preventDefault(); go(comparison([...table.marked])); }
    if (event.key === "p" && row && may("jobs.control") && !row.isFinal) { event.preventDefault(); run(row.state === "paused" ? "resume" : "pause", row); }
  });

  function headOf({ name, title, isFixed }) {
    const isSorted = sort.replace("-", "") === name;
    const isDown = sort.startsWith("-");
    return { sorted: isSorted ? (isDown ? "descending" : "ascending") : undefined, head: isFixed ? title
      : h("a", { href: here({ sort: isSorted && isDown ? name : `-${name}` }), class: "soft" }, title, name === "total" && ` ${currency}`, isSorted && (isDown ? " ↓" : " ↑")) };
  }

  function drawMarks(marked) {
    put(marks, marked.size > 0 && h("a", { class: "btn", href: comparison([...marked]) }, icon("diff"), `Compare ${marked.size} marked`),
      marked.size > 0 && may("jobs.control") && h("button", { class: "btn danger", onclick: () => cancelAll([...marked]) }, "Cancel marked…"));
  }

  async function cancelAll(ids) {
    const { ask, field } = await import("./dom.js");
    const { post } = await import("./api.js");
    const answer = await ask(`Cancel ${ids.length} job${ids.length === 1 ? "" : "s"}?`, [h("ul", {}, ids.map((id) => h("li", {}, id))), field("Why", h("input", { name: "reason", required: true, maxlength: 500 }))], "Cancel them", "danger");
    if (!answer) return;
    try {
      const { items } = await post("/jobs/cancel", { ids, reason: answer.reason });
      put(message, h("div", { class: "note" }, h("span"), h("ul", {}, items.map((i) => h("li", {}, `${i.id}: ${i.detail ?? "cancelled"}`)))));
    } catch (error) { put(message, problem(error)); }
  }

  async function needs() {
    try {
      const found = await get("/jobs?needs=someone&limit=50&sort=-submittedAt");
      // A job that has just begun to wait needs nobody yet.
      const needing = found.items.filter((row) => row.isFinal || row.forecast?.verdict === "willMiss" || shownState(row) === "stuck");
      needing.sort((a, b) => a.isFinal - b.isFinal);
      return { total: found.total - found.items.length + needing.length,
        items: await Promise.all(needing.slice(0, 3).map(async (row) => ({ row, why: row.isFinal && row.failed ? await mainFailure(row) : "" }))) };
    } catch { return { total: undefined, items: [] }; }
  }

  async function run(name, row) {
    try {
      const done = await act(name, row.id, row);
      if (!done) return;
      put(message, h("div", { class: "note" }, h("span"), h("span", {}, name === "again" || name === "verify" ? ["Queued: ", h("a", { href: address(done) }, done.id)] : `${row.id}: ${done.state ?? "acknowledged"}.`)));
      await refresh();
    } catch (error) { put(message, problem(error)); }
  }

  function drawSegments() {
    const number = (states) => (states === "needs" ? needy.total : states ? states.split(",").reduce((n, name) => n + (counts[name] ?? 0), 0) : counts.all);
    put(segments, filters.map(([states, name]) => {
      const isHere = states === "needs" ? isNeeds : !isNeeds && (wanted.state ?? "") === states;
      return h("a", { href: here(states === "needs" ? { needs: "someone", state: "" } : { state: states, needs: "" }), "aria-current": isHere && "true" }, name, " ",
        h("span", { class: states === "needs" && number(states) ? "bad" : "soft" }, count(number(states))));
    }));
  }

  function drawNotes() {
    put(notes, needy.items.map(({ row, why }) => {
      const { text, kind, links } = need(row, why);
      return h("li", { class: `note ${kind}` }, icon(kind ? "stuck" : "part"), h("span", {}, h("b", {}, row.id), ` ${text}`),
        h("span", { class: "do" }, links.map(([href, name]) => h("a", { href }, name)),
          row.isFinal && may("jobs.submit") && row.failed > 0 && button("again", () => run("again", row), true),
          row.isFinal && may("jobs.control") && button("acknowledge", () => run("acknowledge", row), true)));
    }));
  }

  function drawFoot() {
    put(foot, h("span", {}, `${count(source.total + source.active.length)} job${source.total + source.active.length === 1 ? "" : "s"}`), h("span", {}, "as of ", time(source.asOf)),
      source.waiting.length > 0 && h("button", { class: "btn", onclick: () => { source.show(); table.top(); drawFoot(); } }, `${source.waiting.length} new`), marks,
      h("span", { class: "keys" }, [["j", "k", "move"], ["Enter", "open"], ["Space", "mark"], ["c", "compare marked"], ["p", "pause"], ["?", "all keys"]].map((k) =>
        h("span", {}, k.slice(0, -1).map((key) => [h("kbd", {}, key), " "]), k.at(-1)))));
  }

  const found = h("input", { name: "find", "aria-label": "Find jobs: words, or state: by: class: market: since:", placeholder: "state:running by:desk class:intraday market:EOD or words", value: text });
  put(main, notes, message,
    h("div", { class: "tools" }, h("h1", {}, "Jobs"), segments,
      h("form", { class: "find", role: "search", onsubmit: (event) => { event.preventDefault(); go(here({ find: found.value, q: "" })); } }, icon("find"), found, h("kbd", {}, "/")),
      h("div", { class: "end" }, h("a", { class: "btn", href: "/compare" }, icon("diff"), "Compare"),
        may("jobs.submit") && h("a", { class: "btn primary", href: "/jobs/new" }, icon("plus"), "New job", h("kbd", {}, "N")))),
    h("div", { class: "panel" }, table.element, foot));
  drawSegments();
  drawNotes();
  drawFoot();

  async function refresh() {
    [counts, needy] = await Promise.all([get("/jobs/counts"), needs()]);
    drawSegments();
    drawNotes();
    table.draw();
  }

  let due;
  onLeave(() => clearTimeout(due));
  onLive(async ({ name, data }) => {
    if (name === "gap") {
      await source.load();
      await refresh();
      drawFoot();
    } else if (name === "rows") {
      // A list somebody reads does not move under them.
      const above = source.change(data.items, !table.isAtTop);
      if (above) table.shift(above);
      source.asOf = new Date().toISOString();
      drawFoot();
      due ??= setTimeout(() => { due = undefined; refresh().catch(() => {}); }, 2000);
    }
  });
}

const comparison = ([a, b]) => `/compare${query({ a: b ?? a, b: b && a })}`;

/** Why a job needs someone. */
function need(row, why) {
  const links = [[address(row), "Open"]];
  if (row.isFinal && row.missing > 0) return { kind: "crit", text: `ended ${row.state}: ${count(row.missing)} of ${count(row.trades)} trades have no value.`, links };
  if (row.isFinal) return { kind: "", text: `is complete with ${count(row.failed)} failed trade${row.failed === 1 ? "" : "s"}${why ? `: ${why}` : "."}`, links: [[`${address(row)}/failures`, "Failures"]] };
  if (row.forecast?.verdict === "willMiss") return { kind: "crit", text: row.forecast.reason, links: [...links, ["/engines", "Add engines…"]] };
  return { kind: shownState(row) === "stuck" ? "crit" : "", text: `waits: ${row.waitingFor}`, links: [...links, [`${address(row)}/logs`, "Logs"], ["/engines", "Engines"]] };
}
