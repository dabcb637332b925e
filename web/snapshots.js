// Markets that were sent: which there are, and what is in one.

import { get } from "./api.js";
import { bytes, count, h, put, s, table, time } from "./dom.js";
import { Rows, rowTable } from "./rows.js";

export async function snapshots(main, { parts, go }) {
  if (parts[0]) return snapshot(main, parts[0]);
  document.title = "Markets · valgrid";
  const list = await get("/snapshots?limit=500");
  const rows = rowTable({ label: "Markets", kind: "snapshots", source: new Rows(list.items), id: (m) => m.id, open: (m) => go(`/snapshots/${encodeURIComponent(m.id)}`),
    empty: "No market was sent yet: the first job sends one.", columns: [
      { title: "Market", kind: "c-wide cut", cell: (m) => h("a", { class: "id", href: `/snapshots/${encodeURIComponent(m.id)}` }, m.name) }, { title: "Valued on", kind: "c-mid", cell: (m) => m.valuationDate }, { title: "Base", kind: "c-short", cell: (m) => m.baseCurrency },
      { title: "Size", kind: "num c-short", cell: (m) => bytes(m.bytes) }, { title: "Jobs", kind: "num c-short", cell: (m) => count(m.jobs) }, { title: "Sent", kind: "c-mid", cell: (m) => time(m.sentAt) }, { title: "Hash", kind: "mono cut c-why", cut: true, cell: (m) => m.id }] });
  put(main, h("div", { class: "tools" }, h("h1", {}, "Markets")), h("div", { class: "panel" }, rows.element, h("div", { class: "foot" }, h("span", {}, `${count(list.items.length)} of ${count(list.total)} markets`))));
}

async function snapshot(main, hash) {
  const m = await get(`/snapshots/${encodeURIComponent(hash)}`);
  document.title = `${m.name} · valgrid`;
  const percent = (n) => `${(n * 100).toFixed(4)} %`;
  const value = (curve, n) => (/rate|zero/i.test(curve.valueType) ? percent(n) : n.toPrecision(8));
  put(main, h("p", { class: "crumbs soft" }, h("a", { href: "/snapshots" }, "Markets"), ` / ${m.name}`),
    h("div", { class: "head" }, h("div", { class: "title" }, h("h1", {}, m.name)), h("div", { class: "acts" }, h("a", { class: "btn", href: `/api/v1/snapshots/${encodeURIComponent(hash)}/file`, download: `${m.name}.json`, "data-plain": true }, "Market file"))),
    h("div", { class: "facts" }, h("span", {}, "valued on ", h("b", {}, m.valuationDate)), h("span", {}, "in ", h("b", {}, m.baseCurrency)), h("span", { class: "mono hash" }, m.id)),
    h("div", { class: "cols" },
      h("div", { class: "stack" }, m.curves.map((c) => h("section", { class: "panel" }, h("header", {}, h("h2", {}, c.id), h("span", { class: "soft" }, [c.currency, c.valueType, c.dayCount, c.interpolation, ...c.uses].join(" · "))),
        h("details", {}, h("summary", { class: "pad" }, curveLine(c), ` ${count(c.nodes.length)} nodes, ${c.nodes[0]?.date ?? ""} to ${c.nodes.at(-1)?.date ?? ""}`), table([["Date", (n) => n.date], ["Tenor", (n) => n.label ?? ""], ["Value", (n) => value(c, n.value), "num"]], c.nodes)))), m.curves.length === 0 && h("p", { class: "empty" }, "No curve.")),
      h("div", { class: "stack" },
        part("Exchange rates", [["Pair", (r) => r.pair], ["Rate", (r) => String(r.value), "num"]], m.fxRates),
        part("Fixings", [["Index", (f) => f.index], ["Fixings", (f) => count(f.count), "num"], ["First", (f) => f.first], ["Last", (f) => f.last]], m.fixings),
        part("Equities", [["Equity", (e) => e.id], ["Spot", (e) => `${e.spot} ${e.currency}`, "num"], ["Funding", (e) => e.fundingCurve], ["Volatility", (e) => e.volatility]], m.equities),
        part("Volatilities", [["Volatility", (v) => v.id], ["Flat", (v) => percent(v.value), "num"]], m.volatilities),
        h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Jobs on it")), m.jobs.length ? h("ul", { class: "plainlist pad" }, m.jobs.map((id) => h("li", {}, h("a", { href: `/jobs/${encodeURIComponent(id)}` }, id)))) : h("p", { class: "empty" }, "None that the page knows.")))));
}

const part = (title, columns, rows) => h("section", { class: "panel" }, h("header", {}, h("h2", {}, title), h("span", { class: "soft" }, count(rows.length))), table(columns, rows.slice(0, 200), "None."), rows.length > 200 && h("div", { class: "foot" }, `200 of ${count(rows.length)}; all are in the market file`));

function curveLine({ nodes }) {
  const values = nodes.map((n) => n.value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const path = values.map((v, i) => `${i ? "L" : "M"}${((i / Math.max(1, values.length - 1)) * 74).toFixed(1)} ${(16 - ((v - low) / Math.max(1e-12, high - low)) * 14).toFixed(1)}`).join(" ");
  return s("svg", { class: "spark", viewBox: "0 0 74 18", "aria-hidden": "true" }, s("path", { d: path }));
}
