// One job, a tab an address.

import { get, may, post, query, whenReady } from "./api.js";
import { windowed } from "./windowed.js";
import { amount, ask, bar, count, duration, field, h, icon, line, problem, put, rate, s, state, time } from "./dom.js";

const tabs = [["", "Overview"], ["trades", "Trades"], ["failures", "Failures"], ["batches", "Batches"], ["timeline", "Timeline"], ["logs", "Logs"], ["proof", "Proof"], ["record", "Record"]];
const files = ["summary.json", "report.html", "results.jsonl", "errors.csv", "npv.csv"];

export async function job(main, context) {
  const [id, tab = "", rest] = context.parts;
  const path = `/jobs/${encodeURIComponent(id)}`;
  let row = await get(path);
  const head = h("div");
  const body = h("div");
  put(main, h("p", { class: "crumbs soft" }, h("a", { href: "/jobs" }, "Jobs"), " / ", id), head, body);

  function draw() {
    document.title = `${row.isFinal ? row.state : `${Math.floor((row.done / Math.max(1, row.trades)) * 100)} %`} ${id} · valgrid`;
    const left = Math.max(0, row.trades - row.done);
    put(head,
      h("div", { class: "head" }, h("div", { class: "title" }, h("h1", {}, id), state(row)),
        h("div", { class: "acts" }, (row.actions ?? []).filter((a) => a.allowed).map((action) =>
          h("button", { class: `btn ${action.name === "cancel" ? "danger" : ""}`, onclick: () => act(action.name) }, icon(acts[action.name].icon), acts[action.name].button)),
        may("jobs.submit") && h("a", { class: "btn", href: `/jobs/new?from=${encodeURIComponent(id)}` }, icon("plus"), "New from this"),
        h("a", { class: "btn", href: `/compare?a=${encodeURIComponent(id)}` }, icon("diff"), "Compare"))),
      h("div", { class: "facts" }, h("span", {}, "portfolio ", h("b", {}, row.portfolio)), h("span", {}, "market ", h("a", { href: `/snapshots/${encodeURIComponent(row.snapshot.id)}`, title: row.snapshot.id }, row.snapshot.name)),
        row.valuationDate && h("span", {}, "valued on ", h("b", {}, row.valuationDate), " in ", h("b", {}, row.baseCurrency)),
        row.metrics?.length > 0 && h("span", {}, "metrics ", h("b", {}, row.metrics.join(", "))), h("span", {}, "class ", h("b", {}, row.priority)),
        h("span", {}, "by ", h("b", {}, row.submitter), " at ", time(row.submittedAt))),
      row.waitingFor && h("ul", { class: "notes" }, h("li", { class: "note" }, icon(row.isFinal ? "part" : "wait"), h("span", {}, row.isFinal ? "Not complete: " : "Waits: ", row.waitingFor),
        h("span", { class: "do" }, h("a", { href: "/engines" }, "Engines"), h("a", { href: `${path}/logs` }, "Logs")))),
      row.acknowledged && h("p", { class: "soft" }, `${row.acknowledged.by} has seen how it ended, `, time(row.acknowledged.at), row.acknowledged.reason && `: ${row.acknowledged.reason}`),
      h("div", { class: "panel whole" }, bar(row, false), h("ul", { class: "key" },
        h("li", {}, h("span", { class: "sw d" }), h("b", {}, count(row.done - row.failed)), " priced"), h("li", {}, h("span", { class: "sw e" }), h("b", {}, count(row.failed)), " failed"),
        h("li", {}, h("span", { class: "sw" }), h("b", {}, count(left)), row.isFinal ? " missing" : " waiting"),
        h("li", { class: "w-hide" }, h("b", {}, count(row.batchesDone)), " of ", h("b", {}, count(row.batches)), " batches"),
        row.duplicates !== undefined && h("li", { class: "w-hide" }, h("b", {}, count(row.duplicates)), " duplicates, ", h("b", {}, count(row.conflicts)), " conflicts, ", h("b", {}, count(row.late)), " late"))),
      h("dl", { class: "panel tiles" },
        tile("Done", `${Math.floor((row.done / Math.max(1, row.trades)) * 1000) / 10} %`, `${count(row.done)} of ${count(row.trades)} trades`),
        tile(row.isFinal ? "Rate" : "Rate, last minute", `${rate(row.tradesPerSecond)} /s`, `${duration(row.seconds)} since submission`),
        row.isFinal ? tile("Ended", time(row.endedAt), `took ${duration(row.seconds)}`)
          : tile("Ends about", row.forecast?.p50 ? time(row.forecast.p50) : "not known yet", row.forecast?.p90 ? ["at the latest ", time(row.forecast.p90)] : row.forecast?.reason ?? ""),
        tile("Deadline", row.deadline ? time(row.deadline) : "none", row.isFinal ? (row.state === "expired" ? "missed" : "held") : { holds: "holds", mayMiss: "may be missed", willMiss: "will be missed" }[row.forecast?.verdict] ?? ""),
        tile("Failed", h("span", { class: row.failed ? "bad" : "" }, count(row.failed)), row.expired ? `${count(row.expired)} had matured` : ""),
        tile(`NPV${row.baseCurrency ? `, ${row.baseCurrency}` : ""}`, amount(row.total), row.isFinal ? "" : "no total while it runs")),
      h("nav", { class: "tabs", "aria-label": "Job" }, tabs.map(([name, title]) => h("a", { href: name ? `${path}/${name}` : path, "aria-current": name === tab && "page" }, title,
        name === "trades" && h("span", { class: "n" }, ` ${count(row.trades)}`), name === "failures" && row.failed > 0 && h("span", { class: "n bad" }, ` ${count(row.failed)}`),
        name === "batches" && h("span", { class: "n" }, ` ${count(row.batches)}`)))));
  }

  async function act(name) {
    const { verb, button, means, fields = [] } = acts[name];
    const answer = await ask(`${verb} ${id}?`, [h("p", { class: "soft" }, means), ...fields.map((make) => make(row)),
      field("Why", h("input", { name: "reason", maxlength: 500 }), ["cancel", "pause", "resume"].includes(name) && "must be said for jobs of others")],
    button.replace("…", ""), name === "cancel" ? "danger" : "primary");
    if (!answer) return;
    const body = { ...(answer.reason && { reason: answer.reason }), ...(answer.only && { only: answer.only }), ...(answer.trades && { trades: Number(answer.trades) }) };
    try {
      const made = await post(`${path}/${name}`, body);
      if (made.id && made.id !== id) return context.go(name === "verify" ? `/compare?a=${encodeURIComponent(id)}&b=${encodeURIComponent(made.id)}` : `/jobs/${encodeURIComponent(made.id)}`);
      row = await get(path);
      draw();
    } catch (error) {
      main.prepend(problem(error));
    }
  }

  draw();
  let timer;
  let hasEnded = false;
  context.onLive(({ name, data }) => {
    const changed = name === "rows" && data.items.find((item) => item.id === id);
    if (!changed) return;
    hasEnded ||= changed.isFinal && !row.isFinal;
    // What is not known any more is left out of a row.
    row = { ...row, waitingFor: null, forecast: null, total: null, ...changed };
    timer ??= setTimeout(async () => {
      timer = undefined;
      if (hasEnded) {
        hasEnded = false;
        row = await get(path);
        views[tab]?.(body, { ...context, id, path, rest, row }).catch((e) => put(body, problem(e)));
      }
      draw();
    }, 250);
  });
  try {
    await (views[tab] ?? views[""])(body, { ...context, id, path, rest, row });
  } catch (error) {
    put(body, problem(error));
  }
}

const tile = (name, value, note) => h("div", { class: "tile" }, h("dt", {}, name), h("dd", {}, value), h("dd", {}, note));

function table(columns, rows, empty = "Nothing here.") {
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Table of ${columns.map(([title]) => title).join(", ")}` }, h("table", { class: "tbl" },
    h("thead", {}, h("tr", {}, columns.map(([title, , kind]) => h("th", { scope: "col", class: kind }, title)))),
    h("tbody", {}, rows.length ? rows.map((row) => h("tr", { tabindex: -1 }, columns.map(([, value, kind]) => h("td", { class: kind }, value(row)))))
      : h("tr", {}, h("td", { colspan: columns.length, class: "empty" }, empty)))));
}

/** What may be done to a job, in the words of the page. */
const acts = {
  cancel: { icon: "cancel", button: "Cancel…", verb: "Cancel", means: "Queued batches are skipped; the report names the trades without a value." },
  pause: { icon: "pause", button: "Pause…", verb: "Pause", means: "Batches that are being priced are finished; the deadline goes on." },
  resume: { icon: "run", button: "Resume…", verb: "Resume", means: "Its batches are priced again." },
  verify: { icon: "ok", button: "Verify…", verb: "Verify", means: "A random sample is priced again as a job of its own, on the same market, and compared with this one.",
    fields: [(row) => field("Trades", h("input", { name: "trades", type: "number", min: 1, max: 100000, value: String(Math.min(100, row.trades)) }))] },
  again: { icon: "again", button: "Price again…", verb: "Price again", means: "As a job of its own, on the same market, for the same metrics. This job and its report stay as they are.",
    fields: [(row) => field("Which trades", h("select", { name: "only" }, row.failed > 0 && h("option", { value: "failed" }, `the ${count(row.failed)} that failed`), h("option", { value: "all" }, `all ${count(row.trades)}`)))] },
  acknowledge: { icon: "ok", button: "Acknowledge…", verb: "Acknowledge", means: "The job leaves the list of what needs someone; who said so, and why, is in the audit." },
};

const views = {
  async ""(body, { path, id, row }) {
    const stack = h("div", { class: "stack" });
    const side = h("div", { class: "stack" });
    put(body, h("div", { class: "cols" }, stack, side));
    side.append(h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Files")), h("div", { class: "pad row" }, files.map((name) =>
      h("a", { class: "btn", href: `/api/v1${path}/files/${name}${row.isFinal ? "" : "?partial=true"}`, target: name.endsWith(".html") ? "_blank" : false, download: name.endsWith(".html") ? false : `${id}-${name}`, "data-plain": true }, icon("down"), name))),
    !row.isFinal && h("p", { class: "pad hint" }, "Of what there is so far: no totals yet.")));
    const by = async (kind, into) => {
      const found = await whenReady(`${path}/totals?by=${kind}`);
      put(into, h("header", {}, h("h2", {}, `By ${kind}${found.isTotal ? "" : ", so far"}`)), table([
        [kind[0].toUpperCase() + kind.slice(1), (g) => g.name || "(none)"], ["Done", (g) => `${count(g.done)} of ${count(g.trades)}`, "num"],
        ["Failed", (g) => (g.failed ? h("b", { class: "bad" }, count(g.failed)) : "0"), "num"], [`NPV ${found.baseCurrency}`, (g) => amount(g.value), "num"]], found.groups));
    };
    for (const kind of ["book", "currency", "product", "counterparty"]) {
      const into = h("section", { class: "panel" });
      (kind === "book" || kind === "product" ? stack : side).append(into);
      by(kind, into).catch((error) => put(into, h("header", {}, h("h2", {}, `By ${kind}`)), h("p", { class: "pad soft" }, error.detail)));
    }
  },

  async trades(body, context) {
    const { path, rest, query: given, go } = context;
    const wanted = { status: given.get("status"), book: given.get("book"), q: given.get("q"), sort: given.get("sort"), limit: 100 };
    const address = (change) => `${path}/trades${query({ ...Object.fromEntries(given), ...change })}`;
    const list = await whenReady(`${path}/trades${query(wanted)}`, (text) => put(body, h("p", { class: "soft" }, text)));
    const into = windowed([
      ["Trade", (t) => h("a", { class: "id", tabindex: -1, href: `${path}/trades/${encodeURIComponent(t.id)}${location.search}` }, t.id), "cut"], ["Status", (t) => h("span", { class: t.status === "error" ? "bad" : "" }, t.status, t.code && ` (${t.code})`)],
      ["Product", (t) => t.product], ["Book", (t) => t.book, "cut"], ["Counterparty", (t) => t.counterparty, "cut"], ["Notional", (t) => [amount(t.notional), " ", t.currency], "num"], ["Maturity", (t) => t.maturity],
      ["NPV", (t) => amount(t.value), "num"], ["in base currency", (t) => amount(t.baseValue), "num"]],
    { name: "Trades", total: list.total, first: list.items, empty: "No trade matches.", open: (t) => go(`${path}/trades/${encodeURIComponent(t.id)}${location.search}`),
      fetch: async (from, limit) => (await get(`${path}/trades${query({ ...wanted, limit, cursor: from || undefined })}`)).items });
    put(body, h("div", { class: "tools" },
      h("nav", { class: "seg", "aria-label": "Status" }, [["", "All"], ["ok", "Priced"], ["error", "Failed"], ["expired", "Matured"], ["missing", "Missing"]].map(([status, name]) =>
        h("a", { href: address({ status }), "aria-current": (wanted.status ?? "") === status && "true" }, name))),
      h("form", { class: "find", role: "search", onsubmit: (event) => { event.preventDefault(); go(address({ q: new FormData(event.target).get("q") })); } },
        icon("find"), h("input", { name: "q", "aria-label": "Part of a trade's id", placeholder: "part of an id", value: wanted.q ?? "" })),
      h("label", { class: "row" }, "Sort ", h("select", { onchange: (event) => go(address({ sort: event.target.value })) },
        [["", "as submitted"], ["id", "by id"], ["-size", "largest value first"], ["value", "lowest value first"], ["-value", "highest value first"]].map(([key, name]) => h("option", { value: key, selected: (wanted.sort ?? "") === key }, name))))),
    h("div", { class: "panel" }, into, h("div", { class: "foot" }, h("span", {}, `${count(list.total)} trades`))));
    if (rest) await drawer(rest, context);
  },

  async failures(body, { path }) {
    const list = await whenReady(`${path}/failures`, (text) => put(body, h("p", { class: "soft" }, text)));
    put(body, h("div", { class: "panel" }, h("header", {}, h("h2", {}, "Why trades have no value")), list.items.length ? list.items.map((f) => h("div", { class: "group" },
      h("span", {}, h("b", {}, f.code), f.field && ` ${f.field}`), h("span", {}, `${count(f.trades)} trade${f.trades === 1 ? "" : "s"}`), h("span", { class: "why", title: f.message }, f.message),
      h("span", { class: "row" }, h("a", { href: `${path}/trades/${encodeURIComponent(f.example)}?status=error` }, f.example), h("a", { href: `${path}/logs?batch=${f.batch}` }, "its log lines"))))
      : h("p", { class: "empty" }, "Every trade has a value.")));
  },

  async batches(body, { path }) {
    let list = await get(`${path}/batches?limit=100`);
    let rows = list.items;
    const into = h("div", { class: "panel" });
    const seconds = (a, b) => (a && b ? duration((Date.parse(b) - Date.parse(a)) / 1000) : "–");
    const draw = () => put(into, table([["Batch", (b) => b.index, "num"], ["State", (b) => b.state], ["Trades", (b) => count(b.trades), "num"], ["Failed", (b) => count(b.failed), "num"], ["Engine", (b) => b.engine ?? "–"], ["Attempt", (b) => b.attempt ?? "–", "num"],
      ["Queued", (b) => time(b.queuedAt)], ["Waited", (b) => seconds(b.queuedAt, b.takenAt), "num"], ["Priced in", (b) => seconds(b.takenAt, b.pricedAt), "num"], ["Record", (b) => (b.record ? h("span", { class: "mono" }, `${b.record.topic} ${b.record.partition}/${b.record.offset}`) : "–")]], rows),
    h("div", { class: "foot" }, h("span", {}, `${count(rows.length)} of ${count(list.total)} batches`), list.next && h("button", { class: "btn", onclick: async () => {
      list = await get(`${path}/batches${query({ limit: 100, cursor: list.next })}`);
      rows = rows.concat(list.items);
      draw();
    } }, "Show more")));
    put(body, into);
    draw();
  },

  async timeline(body, { path }) {
    const found = await get(`${path}/timeline?bins=120`);
    const width = 900;
    put(body, h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Trades a second"), h("span", { class: "soft" }, time(found.from), " to ", time(found.to))), found.rate.length ? line(found.rate, { width, unit: "trades/s" }) : h("p", { class: "empty" }, "No batch was priced yet.")),
      h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Engines at work")), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Engines at work" }, s("svg", { class: "heat cells", viewBox: `0 0 ${width} ${found.engines.length * 22 + 4}`, role: "img",
        "aria-label": found.engines.map((e) => `${e.engine}: ${count(e.batches)} batches`).join("; ") }, found.engines.map((engine, at) => [
        s("text", { x: 0, y: at * 22 + 15 }, `${engine.engine} (${count(engine.batches)})`),
        engine.cells.map((busy, bin) => busy > 0 && s("rect", { class: `h${Math.max(1, Math.ceil(busy * 4))}`, x: 200 + (bin * (width - 200)) / engine.cells.length, y: at * 22 + 4, width: (width - 200) / engine.cells.length, height: 16 })),
      ])))));
  },

  async logs(body, { id, query: given }) {
    const { logView } = await import("./logs.js");
    const fixed = { job: id, batch: given.get("batch"), q: given.get("q") };
    put(body, h("div", { class: "tools" }, given.get("batch") && h("span", { class: "chip" }, `batch ${given.get("batch")}`), given.get("q") && h("span", { class: "chip" }, given.get("q")), h("a", { class: "btn", href: `/logs${query(fixed)}` }, "On the page of all logs")));
    const into = h("div", { class: "panel" });
    body.append(into);
    await logView(into, { ...fixed, level: "debug" });
  },

  async proof(body, { path }) {
    const p = await get(`${path}/proof`);
    put(body, h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Nothing is lost")), h("p", { class: "pad" }, icon(p.matches ? "ok" : "part", p.matches ? "good" : "warn"), " ", p.sentence),
      h("dl", { class: "kv" }, Object.entries(p).filter(([name]) => !["sentence", "losses"].includes(name)).map(([name, value]) => [h("dt", {}, name), h("dd", { class: "mono" }, value === null ? "–" : typeof value === "number" ? count(value) : String(value))]))),
    table([["Topic", (l) => l.topic], ["Partition", (l) => l.partition], ["Removed before it was read", (l) => `${l.first} to ${l.next - 1}`], ["Noticed", (l) => time(l.noticedAt)]], p.losses ?? [], "No record was removed before it was read."));
  },

  async record(body, { path }) {
    const record = await get(`${path}/record`);
    put(body, h("section", { class: "panel" }, h("header", {}, h("h2", {}, "The job's record")), h("dl", { class: "kv" }, Object.entries(record).filter(([name]) => name !== "commands").map(([name, value]) =>
      [h("dt", {}, name), h("dd", {}, value === null || value === undefined ? "–" : typeof value === "object" && !Array.isArray(value) ? Object.values(value).join(" ") : Array.isArray(value) ? value.join(", ") : String(value))]))),
    h("section", { class: "panel" }, h("header", {}, h("h2", {}, "On a command line")), (record.commands ?? []).map((c) => h("p", { class: "pad mono" }, c))));
  },
};

/** One trade with everything that its result records. */
async function drawer(trade, { path, go }) {
  const t = await whenReady(`${path}/trades/${encodeURIComponent(trade)}`);
  const close = () => go(`${path}/trades${location.search}`);
  const flows = h("div");
  const panel = h("div", { class: "drawer", role: "dialog", "aria-label": `Trade ${t.id}`, tabindex: -1 },
    h("div", { class: "heads" }, h("h2", {}, t.id), h("button", { class: "btn", "data-close": true, onclick: close }, "Close")),
    t.failure && h("div", { class: "pad" }, h("div", { class: "problem" }, h("b", {}, t.failure.code), t.failure.field && ` ${t.failure.field}: `, " ", t.failure.message)),
    h("dl", { class: "kv" }, (t.metrics ?? []).map((m) => [h("dt", {}, m.name), h("dd", {}, amount(m.value), ` ${m.unit ?? ""} `, m.baseValue !== undefined && m.baseValue !== null && h("span", { class: "soft" }, "(", amount(m.baseValue), " in base currency)"),
      m.factors?.length > 0 && h("details", {}, h("summary", {}, `${m.factors.length} parts`), h("dl", { class: "kv" }, m.factors.map((f) => [h("dt", {}, f.name), h("dd", {}, amount(f.value))]))))]),
    [["status", t.status], ["product", t.product], ["book", t.book], ["counterparty", t.counterparty], ["notional", [amount(t.notional), " ", t.currency]], ["maturity", t.maturity], ["method", t.method], ["engine", t.engine], ["attempt", t.attempt],
      ["CPU", t.cpuMicroseconds && `${count(Math.round(t.cpuMicroseconds))} µs`], ["queued", time(t.queuedAt)], ["taken", time(t.takenAt)], ["priced", time(t.pricedAt)], ["joined", time(t.joinedAt)],
      ["record", t.record && `${t.record.topic} ${t.record.partition}/${t.record.offset}`], ["market", t.snapshot?.name], ["versions", t.versions && Object.values(t.versions).join(", ")]]
      .filter(([, v]) => v !== undefined && v !== null && v !== "").map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    h("div", { class: "pad row" }, t.failure && h("a", { class: "btn", href: `${path}/logs?batch=${t.batch}&q=${encodeURIComponent(t.id)}` }, "Its log lines"), h("a", { class: "btn", href: `${path}/logs?batch=${t.batch}` }, "Log lines of its batch"),
      h("button", { class: "btn", onclick: async (event) => {
        event.target.disabled = true;
        try { explain(flows, await get(`${path}/trades/${encodeURIComponent(trade)}/explain`)); } catch (error) { put(flows, problem(error)); }
        event.target.disabled = false;
      } }, "Explain: cash flows and curves")), flows);
  document.getElementById("layer").append(panel);
  panel.focus();
}

function explain(into, e) {
  const percent = (n) => (n === null || n === undefined ? "–" : `${(n * 100).toFixed(5)} %`);
  put(into, h("p", { class: "pad" }, `Priced again by ${e.method}: `, amount(e.npv), ` ${e.currency}`),
    table([["Leg", (c) => c.leg], ["Paid", (c) => c.paymentDate], ["From", (c) => c.accrualStart], ["To", (c) => c.accrualEnd], ["Fixing", (c) => c.fixingDate ?? "–"], ["Rate", (c) => percent(c.rate), "num"], ["Amount", (c) => amount(c.amount), "num"],
      ["Discount", (c) => (c.discountFactor ?? "–").toString().slice(0, 10), "num"], ["Present value", (c) => amount(c.presentValue), "num"]], e.cashFlows ?? [], "No cash flows."),
    h("dl", { class: "kv" }, (e.curves ?? []).map((c) => [h("dt", {}, c.role), h("dd", {}, c.id)]), (e.fixings ?? []).map((f) => [h("dt", {}, `fixing ${f.date}`), h("dd", {}, `${f.index} ${f.value ?? "missing"}`)])),
    (e.notes ?? []).map((n) => h("p", { class: "pad soft" }, n)));
}
