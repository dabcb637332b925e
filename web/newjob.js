// A new job: files, what to compute, a check, and only then the queue.

import { get, post, upload } from "./api.js";
import { bytes, count, field, h, problem, put, say } from "./dom.js";

export async function newJob(main, { go }) {
  document.title = "New job · valgrid";
  const [limits, examples] = await Promise.all([get("/limits"), get("/examples")]);
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
  const generated = h("input", { type: "number", name: "generate", min: 1, max: limits.generatedTrades, placeholder: "as 1000" });
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); act("queue"); } },
    h("div", { class: "form" },
      h("section", { class: "panel" }, h("h2", {}, "1 Portfolio"), field("A file: .csv, .json or .jsonl", portfolioFile),
        field("or an example", portfolioExample), field("or so many made-up trades", generated)),
      h("section", { class: "panel" }, h("h2", {}, "2 Market"), field("A snapshot: one .json, or all its .csv files", marketFile), field("or an example", marketExample)),
      h("section", { class: "panel" }, h("h2", {}, "3 What to compute"),
        h("fieldset", { class: "row" }, h("legend", { class: "hint" }, "Metrics"), limits.metrics.map((name) =>
          h("label", { class: "row" }, h("input", { type: "checkbox", name: "metric", value: name, checked: name === "NPV" }), name)))),
      h("section", { class: "panel" }, h("h2", {}, "4 How"), field("Class", h("select", { name: "priority" }, h("option", { value: "eod" }, "eod: end of day"), h("option", { value: "intraday" }, "intraday: before any eod job"))),
        field("Deadline, from now", h("input", { name: "deadline", value: "12h", pattern: "[0-9]+[smhd]|none" }), "as 90m, 12h or none"),
        field("Id", h("input", { name: "id", pattern: "[A-Za-z0-9._\\-]{1,64}" }), "made of the content if you give none: the same content is the same job"))),
    h("p", { class: "row" }, h("button", { class: "btn", type: "button", onclick: () => act("check") }, "Check"), h("button", { class: "btn primary" }, "Check and queue"), progress));

  async function order() {
    if (portfolioFile.files.length) [chosen.portfolio] = await send([...portfolioFile.files]);
    else if (portfolioExample.value) chosen.portfolio = portfolioExample.value;
    else if (generated.value) chosen.portfolio = { generate: { trades: Number(generated.value) } };
    else throw { detail: "Choose a portfolio: a file, an example or a number of made-up trades" };
    if (marketFile.files.length) chosen.market = await send([...marketFile.files]);
    else if (marketExample.value) chosen.market = [marketExample.value];
    else throw { detail: "Choose a market: a file or an example" };
    const values = new FormData(form);
    return { portfolio: chosen.portfolio, market: chosen.market, metrics: values.getAll("metric"), priority: values.get("priority"),
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
          ? h("div", { class: "note" }, h("span"), h("span", {}, `No problem: ${count(found.trades)} trades in ${count(found.batches)} batches, valued on ${found.valuationDate} in ${found.baseCurrency}. Nothing is queued yet.`,
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

  put(main, h("div", { class: "tools" }, h("h1", {}, "New job")), form, result);
}
