// How a job stands: sums so far, what moved, where the time went, why trades failed.

import { get, query, whenReady } from "./api.js";
import { binLength, engineStrip, rateChart, span, stripKey } from "./charts.js";
import { amount, bar, change, count, duration, h, icon, put, rate, table } from "./dom.js";

const kinds = ["book", "currency", "product", "counterparty"];
const files = ["summary.json", "report.html", "results.jsonl", "errors.csv", "npv.csv"];

export async function overview(body, { path, id, row: given, query: address, knowSoFar, onLive }) {
  let row = given;
  const kind = kinds.includes(address.get("by")) ? address.get("by") : "book";
  const here = (values) => `${path}${query({ ...Object.fromEntries(address), ...values })}`;
  const [sums, moved, strip, rates, why, atWork, download] = Array.from({ length: 7 }, () => h("section", { class: "panel" }));
  put(body, h("div", { class: "cols" }, h("div", { class: "stack" }, sums, moved, strip), h("div", { class: "stack" }, rates, why, atWork, download)));
  const earlier = await earlierJobs(row);
  const against = address.get("against") || earlier[0]?.id;
  const before = earlier.find((j) => j.id === against);
  let moves = new Map();
  let tries = 0;

  async function drawSums() {
    const found = await whenReady(`${path}/totals?by=${kind}`);
    const hasMoves = Boolean(before) && kind === "book";
    const name = kind[0].toUpperCase() + kind.slice(1);
    const line = (g) => ({ trades: g.trades, done: g.done, failed: g.failed, isFinal: g.isComplete, state: "complete" });
    put(sums, h("header", {}, h("h2", {}, `By ${kind}${found.isTotal ? "" : ", so far"}`), before && h("span", { class: "soft" }, "against ", h("a", { href: `/jobs/${encodeURIComponent(against)}` }, against)),
      h("nav", { class: "more seg", "aria-label": "Sums by" }, kinds.map((k) => h("a", { href: here({ by: k }), "aria-current": k === kind && "true" }, k[0].toUpperCase() + k.slice(1))))),
    table([
      [name, (g) => (g.name && kind !== "currency" ? h("a", { href: `${path}/trades?${kind}=${encodeURIComponent(g.name)}` }, g.name) : g.name || "(none)")],
      ["Done", (g) => bar(line(g)), "c-bar"], ["Trades", (g) => count(g.trades), "num w-hide"],
      ["Failed", (g) => (g.failed ? h("b", { class: "bad" }, count(g.failed)) : h("span", { class: "faint" }, "0")), "num"], [`NPV ${found.baseCurrency}`, (g) => amount(g.value), "num"],
      ...(hasMoves ? [["Move", (g) => (g.isComplete ? change(moves.get(g.name)?.change) : h("span", { class: "soft" }, "when done")), "num w-hide"]] : []),
    ], found.groups, "No trade has a value yet.", found.groups.length > 0 && [found.isTotal ? "Total" : "So far, no total yet", bar({ ...line(found.total), isFinal: found.isTotal }), count(found.total.trades), count(found.total.failed), amount(found.total.value), ...(hasMoves ? [""] : [])]),
    found.groupCount > found.groups.length && h("div", { class: "foot" }, `${count(found.groups.length)} of ${count(found.groupCount)}`));
    // The sums are made of the joined batches; those of a job that has just ended are some behind.
    if (row.isFinal && !found.isTotal && (tries += 1) < 60 && sums.isConnected) setTimeout(() => quietly(drawSums), 500);
    knowSoFar({ value: found.total.value, isTotal: found.isTotal, lastFailed: before?.failed });
  }

  async function drawMoves() {
    moved.hidden = !before || !row.isFinal;
    if (moved.hidden) return;
    const pair = `/comparisons/${encodeURIComponent(against)}..${encodeURIComponent(id)}`;
    const [found, movers, books] = await Promise.all([whenReady(pair), whenReady(`${pair}/movers?limit=6`), whenReady(`${pair}/books`)]);
    moves = new Map((books.groups ?? books.items ?? []).map((g) => [g.name, g]));
    put(moved, h("header", {}, h("h2", {}, "Moved most"), h("span", { class: "soft" }, `of ${count(found.counts.both)} trades that both have`), h("a", { class: "more", href: `/compare?a=${encodeURIComponent(against)}&b=${encodeURIComponent(id)}` }, "All moves")),
      table([["Trade", (m) => h("a", { href: `${path}/trades/${encodeURIComponent(m.id)}` }, m.id)], ["Book", (m) => m.book, "w-hide"], ["Before", (m) => amount(m.a), "num w-hide"], ["Now", (m) => amount(m.b), "num"], [`Move ${row.baseCurrency}`, (m) => h("b", {}, change(m.change)), "num"]],
        movers.items.filter((m) => m.change), "No trade moved."));
    await drawSums();
  }

  async function drawTime() {
    const found = await get(`${path}/timeline?bins=60`);
    const fewer = { ...found, engines: found.engines.slice(0, 16) };
    put(rates, h("header", {}, h("h2", {}, "Trades a second"), span(found)), found.rate.length ? rateChart(found, row.forecast?.p50 && !row.isFinal ? Date.parse(row.forecast.p50) : 0) : h("p", { class: "empty" }, "No batch was priced yet."));
    put(strip, h("header", {}, h("h2", {}, "Which engine worked when"), h("span", { class: "soft" }, `${binLength(found)} a cell`), stripKey(), h("a", { class: "more", href: `${path}/timeline` }, "Timeline")),
      h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Engines' work" }, engineStrip(fewer)));
  }

  async function drawWhy() {
    why.hidden = !row.failed;
    if (why.hidden) return;
    const { items } = await whenReady(`${path}/failures`);
    put(why, h("header", {}, h("h2", {}, "Why trades failed"), h("a", { class: "more", href: `${path}/failures` }, `All ${count(row.failed)}`)), items.slice(0, 5).map((f) => h("div", { class: "group" },
      h("span", {}, h("b", {}, f.code), f.field && h("span", { class: "soft" }, ` ${f.field}`)), h("b", { class: "num" }, count(f.trades)), h("span", { class: "why", title: f.message }, f.message,
        /^pricer_/.test(f.code) && [" ", h("a", { href: `/deadletters?job=${encodeURIComponent(id)}` }, "its dead letters")]))));
  }

  function drawEngines(items) {
    const mine = items.flatMap((e) => e.work.filter((w) => w.job === id).slice(0, 1).map((work) => ({ ...e, own: work })));
    atWork.hidden = row.isFinal || !mine.length;
    if (atWork.hidden) return;
    put(atWork, h("header", {}, h("h2", {}, "Engines at work on it"), h("a", { class: "more", href: "/engines" }, "Engines")),
      table([["Engine", (e) => h("a", { class: `state ${e.state === "silent" ? "s-late" : "s-run"}`, href: `/engines/${encodeURIComponent(e.engine)}` }, icon(e.state === "silent" ? "stuck" : "run"), e.engine)], ["Busy", (e) => `${e.busyPricers}/${e.pricers}`, "num"],
        ["Trades/s", (e) => rate(e.tradesPerSecond), "num"], ["Batch", (e) => h("a", { href: `${path}/logs?batch=${e.own.batch}` }, count(e.own.batch)), "num w-hide"], ["Since", (e) => duration(e.own.seconds), "num"]], mine.slice(0, 16)));
  }

  function drawFiles() {
    put(download, h("header", {}, h("h2", {}, "Files")), h("div", { class: "pad row" }, files.map((name) => h("a", { class: "btn", href: `/api/v1${path}/files/${name}${row.isFinal ? "" : "?partial=true"}`,
      target: name.endsWith(".html") ? "_blank" : false, download: name.endsWith(".html") ? false : `${id}-${name}`, "data-plain": true }, icon("down"), name))), !row.isFinal && h("p", { class: "pad hint" }, "Of what there is so far."));
  }

  const quietly = (body) => body().catch(() => {});
  const all = () => Promise.all([quietly(drawMoves), quietly(drawSums), quietly(drawTime), quietly(drawWhy), quietly(async () => drawEngines((await get("/engines")).items))]);
  drawFiles();
  onLive(({ name, data }) => { if (name === "engines") drawEngines(data.items); });
  await all();
  let [sumsDue, timeDue] = [0, 0];
  return {
    /** While it runs sums are asked for once a second, the charts every three. */
    changed(now) {
      const hadFailed = row.failed;
      row = now;
      if (Date.now() > sumsDue) { sumsDue = Date.now() + 1000; quietly(drawSums); }
      if (Date.now() > timeDue) { timeDue = Date.now() + 3000; quietly(drawTime); }
      if (row.failed !== hadFailed && row.failed < 10) quietly(drawWhy);
    },
    async ended(now) { row = now; drawFiles(); await all(); },
  };
}

/** Jobs of the same portfolio that ended before, the newest first. */
async function earlierJobs(row) {
  try {
    const { items } = await get(`/jobs${query({ q: row.portfolio.split(" ")[0], state: "complete,complete with errors", sort: "-submittedAt", limit: 100 })}`);
    return items.filter((j) => j.portfolio === row.portfolio && j.id !== row.id && j.submittedAt < row.submittedAt).slice(0, 20);
  } catch { return []; }
}
