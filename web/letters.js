// Dead letters: what was given up, and pricing it again.

import { get, may, post, query } from "./api.js";
import { ask, count, h, problem, put, time } from "./dom.js";

export async function letters(main, { query: given, go }) {
  document.title = "Dead letters · valgrid";
  const list = await get(`/deadletters${query({ job: given.get("job"), cause: given.get("cause"), limit: 200 })}`);
  const message = h("div", { "aria-live": "polite" });
  const marked = new Set();

  async function redrive() {
    try {
      const body = { letters: [...marked] };
      const plan = await post("/deadletters/redrive", { ...body, dryRun: true });
      const answer = await ask("Price these trades again?", [h("ul", {}, plan.jobs.map((j) => h("li", {}, `${count(j.trades)} trades of ${j.from} as job ${j.id}`)), plan.refusals.map((r) => h("li", { class: "bad" }, `${r.place}: ${r.why}`)))], "Queue");
      if (!answer) return;
      const done = await post("/deadletters/redrive", body);
      put(message, h("div", { class: "note" }, h("span"), h("span", {}, "Queued: ", done.jobs.map((j) => h("a", { href: `/jobs/${encodeURIComponent(j.id)}` }, j.id)))));
    } catch (error) {
      put(message, problem(error));
    }
  }

  const button = h("button", { class: "btn primary", disabled: true, onclick: redrive }, "Price again…");
  put(main, h("div", { class: "tools" }, h("h1", {}, "Dead letters"), given.get("job") && h("span", { class: "chip" }, `job ${given.get("job")}`), h("div", { class: "end" }, may("deadletters.redrive") && button)), message,
    h("div", { class: "panel" }, h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Dead letters" }, h("table", { class: "tbl" },
      h("thead", {}, h("tr", {}, ["", "Letter", "At", "Cause", "Job", "Batch", "Trade", "Attempt", "Why"].map((t) => h("th", { scope: "col" }, t || h("span", { class: "visually-hidden" }, "Marked"))))),
      h("tbody", {}, list.items.length ? list.items.map((l) => h("tr", { tabindex: -1 }, h("td", {}, may("deadletters.redrive") && h("input", { type: "checkbox", "aria-label": `mark letter ${l.place}`, onchange: (e) => {
        marked[e.target.checked ? "add" : "delete"](l.place);
        button.disabled = !marked.size;
      } })), h("td", { class: "mono" }, h("a", { href: `/deadletters/${l.place}` }, l.place)), h("td", {}, time(l.at)), h("td", {}, l.cause),
      h("td", {}, l.job && h("a", { href: `/jobs/${encodeURIComponent(l.job)}` }, l.job)), h("td", { class: "num" }, l.job ? h("a", { href: `/logs${query({ job: l.job, batch: l.batch, level: "debug" })}` }, String(l.batch)) : "–"), h("td", {}, l.trade), h("td", { class: "num" }, count(l.attempt)), h("td", { class: "cut", title: l.message }, l.message)))
        : h("tr", {}, h("td", { class: "empty", colspan: 9 }, "No dead letter: nothing was given up."))))),
    h("div", { class: "foot" }, h("span", {}, `${count(list.items.length)} of ${count(list.total)} letters`), given.get("job") && h("button", { class: "btn", onclick: () => go("/deadletters") }, "All"))));
}

/** One letter, with the trade that failed. */
export async function letter(main, { parts: [place], go }) {
  document.title = `Dead letter ${place} · valgrid`;
  const l = await get(`/deadletters/${place}`);
  const d = l.decoded;
  const message = h("div", { "aria-live": "polite" });
  const facts = (pairs) => h("dl", { class: "kv" }, pairs.filter(([, v]) => v !== undefined && v !== null && v !== "").map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));

  async function redrive() {
    try {
      const plan = await post("/deadletters/redrive", { letters: [place], dryRun: true });
      if (!(await ask("Price this trade again?", [h("p", { class: "soft" }, plan.jobs.map((j) => `As job ${j.id}, on the market of ${j.from}.`))], "Queue"))) return;
      const done = await post("/deadletters/redrive", { letters: [place] });
      go(`/jobs/${encodeURIComponent(done.jobs[0].id)}`);
    } catch (error) {
      put(message, problem(error));
    }
  }

  put(main, h("p", { class: "crumbs soft" }, h("a", { href: "/deadletters" }, "Dead letters"), " / ", place), message,
    h("div", { class: "head" }, h("div", { class: "title" }, h("h1", {}, l.trade || `Letter ${place}`)), h("div", { class: "acts" },
      may("deadletters.redrive") && l.trade && h("button", { class: "btn primary", onclick: redrive }, "Price again…"),
      l.job && h("a", { class: "btn", href: `/jobs/${encodeURIComponent(l.job)}/logs?batch=${l.batch}` }, "Log lines of its batch"),
      h("a", { class: "btn", href: `/api/v1/deadletters/${place}/bytes`, "data-plain": true, download: `letter-${place}` }, `Its record, ${count(l.bytes)} bytes`))),
    h("div", { class: "cols" },
      h("section", { class: "panel" }, h("header", {}, h("h2", {}, "What happened")), facts([["at", time(l.at)], ["cause", l.cause], ["why", l.message], ["signal", l.signal || null], ["attempt", l.attempt || null], ["engine", l.engine],
        ["job", l.job && h("a", { href: `/jobs/${encodeURIComponent(l.job)}` }, l.job)], ["batch", l.job ? String(l.batch) : null], ["record", h("span", { class: "mono" }, `${l.topic} ${l.partition}/${l.offset}`)]])),
      h("section", { class: "panel" }, h("header", {}, h("h2", {}, "What was to be priced")), d ? [facts([["trade", l.trade], ["product", d.product], ["book", d.book], ["counterparty", d.counterparty], ["notional", d.notional !== undefined && d.notional !== null ? `${count(d.notional)} ${d.currency}` : null], ["maturity", d.maturity],
        ["metrics", d.metrics.join(", ")], ["market", h("a", { href: `/snapshots/${encodeURIComponent(d.snapshot)}` }, d.snapshot.slice(0, 19))], ["trades of the batch", count(d.batchTrades)], ["terms", d.problem]]),
      d.terms && h("pre", { class: "pad mono terms", tabindex: 0, role: "region", "aria-label": "The trade as a line of a portfolio file" }, JSON.stringify(JSON.parse(d.terms), null, 1))]
        : h("p", { class: "empty" }, "Its record is no batch."))));
}
