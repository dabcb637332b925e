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
      h("tbody", {}, list.items.length ? list.items.map((l) => h("tr", { tabindex: -1 }, h("td", {}, h("input", { type: "checkbox", "aria-label": `mark letter ${l.place}`, onchange: (e) => {
        marked[e.target.checked ? "add" : "delete"](l.place);
        button.disabled = !marked.size;
      } })), h("td", { class: "mono" }, h("a", { href: `/api/v1/deadletters/${l.place}/bytes`, "data-plain": true, download: `letter-${l.place}` }, l.place)), h("td", {}, time(l.at)), h("td", {}, l.cause),
      h("td", {}, l.job && h("a", { href: `/jobs/${encodeURIComponent(l.job)}` }, l.job)), h("td", { class: "num" }, l.job ? h("a", { href: `/logs${query({ job: l.job, batch: l.batch, level: "debug" })}` }, String(l.batch)) : "–"), h("td", {}, l.trade), h("td", { class: "num" }, count(l.attempt)), h("td", { class: "cut", title: l.message }, l.message)))
        : h("tr", {}, h("td", { class: "empty", colspan: 9 }, "No dead letter: nothing was given up."))))),
    h("div", { class: "foot" }, h("span", {}, `${count(list.items.length)} of ${count(list.total)} letters`), given.get("job") && h("button", { class: "btn", onclick: () => go("/deadletters") }, "All"))));
}
