// Markets that were sent: the list, and what is in one.

import { get } from "./api.js";
import { bytes, count, h, line, put, time } from "./dom.js";

export async function snapshots(main) {
  document.title = "Markets · valgrid";
  const list = await get("/snapshots?limit=200");
  put(main, h("div", { class: "tools" }, h("h1", {}, "Markets")), h("div", { class: "panel" },
    table("Markets", ["Name", "Valuation date", "Currency", "Sent", "Size", "Jobs", "Id"], list.items.map((s) => [h("a", { href: `/snapshots/${s.id}` }, s.name || "(no name)"), s.valuationDate, s.baseCurrency, time(s.sentAt), bytes(s.bytes), count(s.jobs), h("span", { class: "mono", title: s.id }, s.id.slice(0, 19))]),
      "No market yet: one is sent with the first job."),
    h("div", { class: "foot" }, h("span", {}, `${count(list.items.length)} of ${count(list.total)} markets`))));
}

export async function snapshot(main, { parts: [id] }) {
  const s = await get(`/snapshots/${encodeURIComponent(id)}`);
  document.title = `${s.name} · valgrid`;
  const chosen = h("div");
  const show = (curve) => put(chosen, h("header", {}, h("h2", {}, `${curve.id}: ${curve.valueType === "ZeroRate" ? "zero rates" : "discount factors"}`), h("span", { class: "soft" }, `${curve.dayCount}, ${curve.interpolation}, beyond the end ${curve.extrapolation}`)),
    line(curve.nodes.map((n) => n.value), { height: 140 }),
    table(`Nodes of ${curve.id}`, ["Node", "Date", "Value"], curve.nodes.map((n) => [n.label ?? "", n.date, String(n.value)]), ""));
  put(main, h("p", { class: "crumbs soft" }, h("a", { href: "/snapshots" }, "Markets"), " / ", s.name),
    h("div", { class: "head" }, h("div", { class: "title" }, h("h1", {}, s.name)), h("div", { class: "acts" }, h("a", { class: "btn", href: `/api/v1/snapshots/${encodeURIComponent(id)}/file`, "data-plain": true, download: "market.json" }, "Market file, JSON"))),
    h("div", { class: "facts" }, h("span", {}, "valued on ", h("b", {}, s.valuationDate), " in ", h("b", {}, s.baseCurrency)), h("span", { class: "mono" }, s.id), s.jobs.length > 0 && h("span", {}, "jobs ", s.jobs.slice(0, 5).map((j) => [h("a", { href: `/jobs/${encodeURIComponent(j)}` }, j), " "]))),
    h("div", { class: "cols" },
      h("div", { class: "stack" },
        h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Curves")), table("Curves", ["Curve", "Currency", "Used for", "Nodes"], s.curves.map((c) => [h("button", { class: "link", onclick: () => show(c) }, c.id), c.currency, c.uses.join(", ") || "–", count(c.nodes.length)]), "No curve.")),
        h("section", { class: "panel" }, chosen)),
      h("div", { class: "stack" },
        h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Exchange rates")), table("Exchange rates", ["Pair", "Rate"], s.fxRates.map((r) => [r.pair, String(r.value)]), "No exchange rate.")),
        h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Equities")), table("Equities", ["Equity", "Spot", "Volatility"], s.equities.map((e) => [e.id, `${e.spot} ${e.currency}`, `${e.volatility}${s.volatilities.find((v) => v.id === e.volatility) ? `: ${s.volatilities.find((v) => v.id === e.volatility).value}` : ""}`]), "No equity.")),
        h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Fixings")), table("Fixings", ["Index", "Fixings", "From", "To"], s.fixings.map((f) => [f.index, count(f.count), f.first, f.last]), "No fixing.")))));
  if (s.curves.length) show(s.curves[0]);
}

const table = (title, heads, rows, empty) => h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title }, h("table", { class: "tbl" },
  h("thead", {}, h("tr", {}, heads.map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, rows.length ? rows.map((cells) => h("tr", { tabindex: -1 }, cells.map((c) => h("td", {}, c)))) : h("tr", {}, h("td", { class: "empty", colspan: heads.length }, empty)))));
