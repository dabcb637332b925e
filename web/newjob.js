// A new job: files, what to compute, a check, and only then the queue.

import { get, post, upload } from "./api.js";
import { bytes, count, duration, field, h, problem, put, say } from "./dom.js";

/** What an older server does not have is left out. */
const orNone = (path) => get(path).catch(() => ({ items: [] }));

export async function newJob(main, { go, query: given }) {
  document.title = "New job · valgrid";
  const from = given.get("from");
  const [limits, examples, markets, recent, earlierJob] = await Promise.all([get("/limits"), get("/examples"), orNone("/snapshots?limit=100"), get("/jobs?limit=100"),
    from ? get(`/jobs/${encodeURIComponent(from)}`) : undefined]);
  const chosen = { portfolio: null, market: [] };
  const result = h("div", { "aria-live": "polite" });
  const progress = h("p", { class: "hint" });
  const named = (kind) => examples.items.filter((e) => e.kind === kind);

  async function send(files) {
    const ids = [];
    for (const file of files) {
      if (file.size > limits.uploadBytes) throw { detail: `${file.name} has ${bytes(file.size)}; at most ${bytes(limits.uploadBytes)} are taken` };
      ids.push(await upload(file, (sent, all) => put(progress, `${file.name}: ${bytes(sent)} of ${bytes(all)}`)));
    }
    put(progress, files.length ? `${files.map((f) => f.name).join(", ")}: sent` : "");
    return ids;
  }

  function source(kind, isMultiple) {
    const file = h("input", { type: "file", name: `${kind}File`, multiple: isMultiple, accept: ".csv,.json,.jsonl" });
    const example = h("select", { name: `${kind}Example` }, h("option", { value: "" }, "none"),
      named(kind).map((e) => h("option", { value: e.id }, `${e.name} (${bytes(e.bytes)})`)));
    return [file, example];
  }

  const [portfolioFile, portfolioExample] = source("portfolio", false);
  const [marketFile, marketExample] = source("market", true);
  const earlier = h("input", { name: "earlier", list: "earlier", value: from ?? "" });
  const only = h("select", { name: "only" }, h("option", { value: "all" }, "all its trades"), h("option", { value: "failed" }, "its failed trades"));
  const market = h("select", { name: "snapshot" }, h("option", { value: "" }, from ? "the earlier job's" : "none"),
    markets.items.map((m) => h("option", { value: m.id }, `${m.name}, valued on ${m.valuationDate} (${m.id.slice(0, 15)}…)`)));
  const generated = h("input", { type: "number", name: "generate", min: 1, max: limits.generatedTrades, placeholder: "as 1000" });
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); act("queue"); } },
    h("div", { class: "form" },
      h("section", { class: "panel" }, h("h2", {}, "1 Portfolio"), field("A file: .csv, .json or .jsonl", portfolioFile),
        field("or an example", portfolioExample), field("or so many made-up trades", generated),
        h("div", { class: "two" }, field("or the trades of an earlier job", earlier), field("of them", only)),
        h("datalist", { id: "earlier" }, recent.items.map((j) => h("option", { value: j.id }, `${j.portfolio}, ${count(j.trades)} trades`)))),
      h("section", { class: "panel" }, h("h2", {}, "2 Market"), field("A snapshot: one .json, or all its .csv files", marketFile), field("or an example", marketExample), field("or one that was sent before", market, "an earlier job's own is taken if nothing is chosen here")),
      h("section", { class: "panel" }, h("h2", {}, "3 What to compute"),
        h("fieldset", { class: "row" }, h("legend", { class: "hint" }, "Metrics"), limits.metrics.map((name) =>
          h("label", { class: "row" }, h("input", { type: "checkbox", name: "metric", value: name, checked: (earlierJob?.metrics ?? ["NPV"]).includes(name) }), name)))),
      h("section", { class: "panel" }, h("h2", {}, "4 How"), field("Class", h("select", { name: "priority" }, h("option", { value: "eod" }, "eod: end of day"), h("option", { value: "intraday" }, "intraday: before any eod job"))),
        field("Deadline, from now", h("input", { name: "deadline", value: "12h", pattern: "[0-9]+[smhd]|none" }), "as 90m, 12h or none"),
        field("Id", h("input", { name: "id", pattern: "[A-Za-z0-9._\\-]{1,64}" }), "made of the content if you give none: the same content is the same job"))),
    h("p", { class: "row" }, h("button", { class: "btn", type: "button", onclick: () => act("check") }, "Check"), h("button", { class: "btn primary" }, "Check and queue"), progress));


  async function order() {
    if (portfolioFile.files.length) [chosen.portfolio] = await send([...portfolioFile.files]);
    else if (portfolioExample.value) chosen.portfolio = portfolioExample.value;
    else if (generated.value) chosen.portfolio = { generate: { trades: Number(generated.value) } };
    else if (earlier.value) chosen.portfolio = { job: earlier.value, only: only.value };
    else throw { detail: "Choose a portfolio: a file, an example, a number of made-up trades or an earlier job" };
    let snapshot;
    chosen.market = undefined;
    if (marketFile.files.length) chosen.market = await send([...marketFile.files]);
    else if (marketExample.value) chosen.market = [marketExample.value];
    else if (market.value) snapshot = market.value;
    else if (!chosen.portfolio.job) throw { detail: "Choose a market: a file, an example or one that was sent before" };
    const values = new FormData(form);
    return { portfolio: chosen.portfolio, market: chosen.market, snapshot, metrics: values.getAll("metric"), priority: values.get("priority"),
      deadline: values.get("deadline"), id: values.get("id") || undefined };
  }

  async function act(what) {
    put(result, h("p", { class: "soft" }, "Reading the files…"));
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    try {
      const wanted = await order();
      if (what === "check") {
        const found = await post("/checks", wanted);
        put(result, found.state === "done"
          ? h("div", { class: "note" }, h("span"), h("span", {}, `No problem: ${count(found.trades)} trades in ${count(found.batches)} batches, valued on ${found.valuationDate} in ${found.baseCurrency}. Nothing is queued yet.`, found.estimate && h("div", { class: "soft" }, `About ${duration(found.estimate.cpuSeconds)} of CPU${found.estimate.seconds ? `, ${duration(found.estimate.seconds)} ${found.estimate.basis}` : ""}.`),
            (found.missing ?? []).length > 0 && h("ul", {}, found.missing.map((m) => h("li", { class: "warn" }, `${m.message} ${count(m.trades)} trade${m.trades === 1 ? "" : "s"}, as ${m.example}, will fail.`)))))
          : problem(found));
        say(found.state === "done" ? "no problem found" : found.detail);
      } else {
        const { id } = await post("/jobs", wanted);
        return go(`/jobs/${encodeURIComponent(id)}`);
      }
    } catch (error) {
      put(result, problem(error));
    } finally {
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    }
  }

  put(main, h("div", { class: "tools" }, h("h1", {}, "New job"), from && h("span", { class: "chip" }, `from ${from}`)), form, result);
}
