// The trades of a job, and everything about one of them.

import { get, query, whenReady } from "./api.js";
import { amount, count, h, icon, problem, put, table, time } from "./dom.js";
import { PagedRows, rowTable } from "./rows.js";

const statuses = [["", "All"], ["ok", "Priced"], ["error", "Failed"], ["expired", "Matured"], ["missing", "Missing"]];
const sorts = [["", "as submitted"], ["id", "by id"], ["-size", "largest value first"], ["value", "lowest value first"], ["-value", "highest value first"]];
const filters = ["status", "book", "product", "counterparty", "code", "q", "sort"];

export async function trades(body, context) {
  const { path, rest, query: given, go, row } = context;
  const wanted = Object.fromEntries(filters.map((name) => [name, given.get(name)]));
  const address = (change) => `${path}/trades${query({ ...Object.fromEntries(given), ...change })}`;
  const page = (first, limit) => whenReady(`${path}/trades${query({ ...wanted, limit, cursor: first || undefined })}`, (text) => { if (!body.firstChild) put(body, h("p", { class: "soft", role: "status" }, `${text}…`)); });
  const source = new PagedRows(page, await page(0, 100));
  const open = (t) => {
    history.pushState(null, "", `${path}/trades/${encodeURIComponent(t.id)}${location.search}`);
    drawer(t.id, context).catch((error) => body.prepend(problem(error)));
  };
  const list = rowTable({ label: "Trades", kind: "trades", source, open, id: (t) => t.id, empty: "No trade matches.", columns: [
    { title: "Trade", kind: "c-wide cut", cell: (t) => h("a", { class: "id", title: t.id, href: `${path}/trades/${encodeURIComponent(t.id)}${location.search}` }, t.id) },
    { title: "Status", kind: "c-mid cut", cell: (t) => h("span", { class: { error: "bad", ok: "soft" }[t.status] ?? "warn" }, t.status, t.code && ` ${t.code}`) },
    { title: "Product", kind: "c-mid cut", cut: true, cell: (t) => t.product }, { title: "Book", kind: "c-mid cut", cut: true, cell: (t) => t.book },
    { title: "Counterparty", kind: "c-mid cut", cut: true, cell: (t) => t.counterparty }, { title: "Notional", kind: "num c-mid", cell: (t) => [amount(t.notional), ` ${t.currency}`] },
    { title: "Maturity", kind: "c-short", cell: (t) => t.maturity }, { title: "NPV", kind: "num c-mid", cell: (t) => [amount(t.value), t.value !== null && t.value !== undefined && ` ${t.currency}`] },
    { title: `NPV ${row.baseCurrency}`, kind: "num c-mid", cell: (t) => amount(t.baseValue) }] });
  put(body, h("div", { class: "tools" },
    h("nav", { class: "seg", "aria-label": "Status" }, statuses.map(([status, name]) => h("a", { href: address({ status }), "aria-current": (wanted.status ?? "") === status && "true" }, name))),
    h("form", { class: "find", role: "search", onsubmit: (event) => { event.preventDefault(); go(address({ q: new FormData(event.target).get("q") })); } },
      icon("find"), h("input", { name: "q", "aria-label": "Part of a trade's id", placeholder: "part of an id", value: wanted.q ?? "" })),
    h("label", { class: "row" }, "Sort ", h("select", { onchange: (event) => go(address({ sort: event.target.value })) }, sorts.map(([key, name]) => h("option", { value: key, selected: (wanted.sort ?? "") === key }, name)))),
    ["book", "product", "counterparty", "code"].filter((name) => wanted[name]).map((name) => h("a", { class: "chip", href: address({ [name]: "" }), title: "Without this filter" }, `${name} ${wanted[name]} ×`))),
  h("div", { class: "panel" }, list.element, h("div", { class: "foot" }, h("span", {}, `${count(source.length)} ${Object.values(wanted).some(Boolean) && source.length < row.trades ? `of ${count(row.trades)} ` : ""}trades`),
    h("span", { class: "keys" }, h("span", {}, h("kbd", {}, "Home"), " ", h("kbd", {}, "End"), " ends"), h("span", {}, h("kbd", {}, "Enter"), " all about one")))));
  if (rest) await drawer(rest, context);
  return { changed() {}, async ended() { source.renew(await page(0, 100)); } };
}

/** All that a result records of a trade, over the list. */
async function drawer(trade, { path, id }) {
  const t = await whenReady(`${path}/trades/${encodeURIComponent(trade)}`);
  const layer = document.getElementById("layer");
  const before = document.activeElement;
  const close = () => {
    panel.remove();
    history.replaceState(null, "", `${path}/trades${location.search}`);
    before?.focus?.();
  };
  const flows = h("div");
  const facts = [["status", t.status], ["product", t.product], ["book", t.book], ["counterparty", t.counterparty], ["netting set", t.nettingSet], ["notional", [amount(t.notional), " ", t.currency]], ["maturity", t.maturity], ["method", t.method],
    ["engine", t.engine && h("a", { href: `/logs?engine=${encodeURIComponent(t.engine)}` }, t.engine)], ["attempt", t.attempt], ["CPU", t.cpuMicroseconds && `${count(Math.round(t.cpuMicroseconds))} µs`],
    ["queued", t.queuedAt && time(t.queuedAt)], ["taken", t.takenAt && time(t.takenAt)], ["priced", t.pricedAt && time(t.pricedAt)], ["joined", t.joinedAt && time(t.joinedAt)], ["batch", count(t.batch)],
    ["record", t.record && `${t.record.topic} ${t.record.partition}/${t.record.offset}`], ["market", t.snapshot && h("a", { href: `/snapshots/${encodeURIComponent(t.snapshot.id)}` }, t.snapshot.name)], ["versions", t.versions && Object.values(t.versions).join(", ")]];
  const panel = h("div", { class: "drawer", role: "dialog", "aria-label": `Trade ${t.id}`, tabindex: -1, onkeydown: (event) => { if (event.key === "Escape") { event.stopPropagation(); close(); } } },
    h("div", { class: "heads" }, h("h2", {}, t.id), h("button", { class: "btn", "data-close": true, onclick: close }, "Close")),
    t.failure && h("div", { class: "pad" }, h("div", { class: "problem" }, h("b", {}, t.failure.code), t.failure.field && ` ${t.failure.field}: `, " ", t.failure.message)),
    h("dl", { class: "kv" }, (t.metrics ?? []).map((m) => [h("dt", {}, m.name), h("dd", {}, amount(m.value), ` ${m.unit ?? ""} `, m.baseValue !== undefined && m.baseValue !== null && h("span", { class: "soft" }, "(", amount(m.baseValue), " in base currency)"),
      m.factors?.length > 0 && h("details", {}, h("summary", {}, `${m.factors.length} parts`), h("dl", { class: "kv" }, m.factors.map((f) => [h("dt", {}, f.name), h("dd", {}, amount(f.value))]))))]),
    facts.filter(([, v]) => v !== undefined && v !== null && v !== "").map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    h("div", { class: "pad row" }, t.failure && h("a", { class: "btn", href: `/logs${query({ job: id, batch: t.batch, level: "debug", q: t.id })}` }, "Its log lines"), h("a", { class: "btn", href: `/logs${query({ job: id, batch: t.batch, level: "debug" })}` }, "Log lines of its batch"),
      h("button", { class: "btn", onclick: async (event) => {
        event.target.disabled = true;
        try { explain(flows, await get(`${path}/trades/${encodeURIComponent(trade)}/explain`)); } catch (error) { put(flows, problem(error)); }
        event.target.disabled = false;
      } }, "Explain: cash flows and curves")), flows);
  layer.querySelector(".drawer")?.remove();
  layer.append(panel);
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
