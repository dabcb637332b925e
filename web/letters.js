// Dead letters: what was given up, what was in it, and pricing it again.

import { get, may, post, query } from "./api.js";
import { ask, bytes, count, h, problem, put, time } from "./dom.js";
import { Rows, rowTable } from "./rows.js";

/** Shows what pricing letters again would queue, and queues it. */
async function redrive(body, message) {
  try {
    const plan = await post("/deadletters/redrive", { ...body, dryRun: true });
    const answer = await ask("Price these trades again?", [h("ul", {}, plan.jobs.map((j) => h("li", {}, `${count(j.trades)} trade${j.trades === 1 ? "" : "s"} of ${j.from} as job ${j.id}`)), plan.refusals.map((r) => h("li", { class: "bad" }, `letter ${r.place}: ${r.why}`))),
      plan.jobs.length === 0 && h("p", {}, "Nothing would be queued.")].filter(Boolean), "Queue");
    if (!answer || !plan.jobs.length) return;
    const done = await post("/deadletters/redrive", body);
    put(message, h("div", { class: "note" }, h("span"), h("span", {}, "Queued: ", done.jobs.map((j) => [h("a", { href: `/jobs/${encodeURIComponent(j.id)}` }, j.id), " "]))));
  } catch (error) { put(message, problem(error)); }
}

export async function letters(main, { query: given, go, parts }) {
  if (parts[0]) return letter(main, parts[0]);
  document.title = "Dead letters · valgrid";
  const job = given.get("job") ?? "";
  const list = await get(`/deadletters${query({ job, cause: given.get("cause"), limit: 500 })}`);
  const message = h("div", { "aria-live": "polite" });
  const button = h("button", { class: "btn primary", disabled: true, onclick: () => redrive({ letters: [...table.marked] }, message) }, "Price again…");
  const table = rowTable({ label: "Dead letters", kind: "letters", source: new Rows(list.items), id: (l) => l.place, open: (l) => go(`/deadletters/${l.place}`),
    mark: may("deadletters.redrive") && ((marked) => { button.disabled = !marked.size; button.textContent = marked.size ? `Price ${marked.size} again…` : "Price again…"; }),
    empty: "No dead letter: nothing was given up.", columns: [
      { title: h("span", { class: "visually-hidden" }, "Marked"), kind: "c-mark", cell: (l) => may("deadletters.redrive") && h("input", { type: "checkbox", "aria-label": `mark letter ${l.place}`, checked: table.marked.has(l.place), onchange: () => table.toggle(l) }) },
      { title: "Letter", kind: "c-short mono", cell: (l) => h("a", { href: `/deadletters/${l.place}` }, l.place) }, { title: "At", kind: "c-mid", cell: (l) => time(l.at) }, { title: "Cause", kind: "c-mid cut", cut: true, cell: (l) => l.cause },
      { title: "Job", kind: "c-wide cut", cell: (l) => l.job && h("a", { href: `/jobs/${encodeURIComponent(l.job)}`, title: l.job }, l.job) }, { title: "Trade", kind: "c-wide cut", cut: true, cell: (l) => l.trade },
      { title: "Signal", kind: "num c-short", cell: (l) => l.signal || "–" }, { title: "Attempt", kind: "num c-short", cell: (l) => count(l.attempt) }, { title: "Why", kind: "cut c-why", cut: true, cell: (l) => l.message },
      { title: "Lines", kind: "c-short", cell: (l) => l.job && h("a", { href: `/logs${query({ job: l.job, batch: l.batch, level: "debug" })}` }, "log") }] });
  put(main, h("div", { class: "tools" }, h("h1", {}, "Dead letters"),
    h("form", { class: "find", role: "search", onsubmit: (event) => { event.preventDefault(); go(`/deadletters${query(Object.fromEntries(new FormData(event.target)))}`); } }, h("input", { name: "job", "aria-label": "of a job", placeholder: "of a job", value: job })),
    job && h("a", { class: "btn", href: "/deadletters" }, "All"),
    h("div", { class: "end" }, may("deadletters.redrive") && job && list.items.length > 0 && h("button", { class: "btn", onclick: () => redrive({ job }, message) }, "Price all of the job again…"), may("deadletters.redrive") && button)), message,
  h("div", { class: "panel" }, table.element, h("div", { class: "foot" }, h("span", {}, `${count(list.items.length)} of ${count(list.total)} letters`), h("span", { class: "keys" }, h("span", {}, h("kbd", {}, "Space"), " mark"), h("span", {}, h("kbd", {}, "Enter"), " what is in it")))));
}

/** One letter, decoded. */
async function letter(main, place) {
  document.title = `Dead letter ${place} · valgrid`;
  const message = h("div", { "aria-live": "polite" });
  const l = await get(`/deadletters/${encodeURIComponent(place)}`);
  const d = l.decoded;
  const kv = (pairs) => h("dl", { class: "kv" }, pairs.filter(([, v]) => v !== undefined && v !== null && v !== "").map(([k, v]) => [h("dt", {}, k), h("dd", {}, v)]));
  put(main, h("p", { class: "crumbs soft" }, h("a", { href: "/deadletters" }, "Dead letters"), ` / ${place}`),
    h("div", { class: "head" }, h("div", { class: "title" }, h("h1", {}, l.trade || `Letter ${place}`), h("span", { class: "state s-late" }, l.cause)),
      h("div", { class: "acts" }, h("a", { class: "btn", href: `/api/v1/deadletters/${place}/bytes`, download: `letter-${place}.pb`, "data-plain": true }, `Its bytes (${bytes(l.bytes)})`),
        l.job && h("a", { class: "btn", href: `/logs${query({ job: l.job, batch: l.batch, level: "debug" })}` }, "Log lines"),
        may("deadletters.redrive") && h("button", { class: "btn primary", onclick: () => redrive({ letters: [place] }, message) }, "Price again…"))), message,
    h("div", { class: "cols" }, h("section", { class: "panel" }, h("header", {}, h("h2", {}, "What happened")), kv([["why", l.message], ["at", time(l.at)], ["signal", l.signal || null], ["attempt", count(l.attempt)], ["engine", h("a", { href: `/logs${query({ engine: l.engine })}` }, l.engine)],
      ["job", l.job && h("a", { href: `/jobs/${encodeURIComponent(l.job)}` }, l.job)], ["batch", l.job && count(l.batch)], ["record", `${l.topic} ${l.partition}/${l.offset}`]])),
    h("section", { class: "panel" }, h("header", {}, h("h2", {}, "What was to be priced")), d ? kv([["product", d.product], ["book", d.book], ["counterparty", d.counterparty], ["notional", d.notional !== undefined && `${count(d.notional)} ${d.currency}`], ["maturity", d.maturity],
      ["metrics", d.metrics.join(", ")], ["with", `${count(d.batchTrades - 1)} others in its batch`], ["market", h("a", { href: `/snapshots/${encodeURIComponent(d.snapshot)}` }, d.snapshot)], ["deadline", d.deadline && time(d.deadline)], ["not readable", d.problem]])
      : h("p", { class: "empty" }, "It is no batch, so there is nothing to decode: its bytes can be downloaded."),
    d?.terms && h("pre", { class: "pad mono terms", tabindex: 0, role: "region", "aria-label": "The trade as a line of a portfolio file" }, d.terms))));
}
