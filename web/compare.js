// Two jobs beside each other: what differs in what went in, by book, and trade by trade.

import { get, query, whenReady } from "./api.js";
import { amount, change, count, field, h, problem, put, table } from "./dom.js";
import { PagedRows, rowTable } from "./rows.js";

const kinds = { moved: "moved", new: "new", gone: "gone", onlyA: "gone", onlyB: "new", changedState: "changed state", changed: "changed state", same: "same" };

export async function compare(main, { go, query: given }) {
  document.title = "Compare · valgrid";
  const [a, b] = [given.get("a") ?? "", given.get("b") ?? ""];
  const recent = await get("/jobs?limit=100&state=complete,complete%20with%20errors");
  const pick = (name, value, words) => field(words, h("input", { name, value, list: "recent", required: true }));
  const into = h("div", { class: "stack" });
  put(main, h("div", { class: "tools" }, h("h1", {}, "Compare two jobs")),
    h("form", { class: "row", onsubmit: (event) => { event.preventDefault(); go(`/compare${query(Object.fromEntries(new FormData(event.target)))}`); } },
      pick("a", a, "A, the earlier"), pick("b", b, "B, the later"), h("button", { class: "btn primary" }, "Compare"), a && b && h("a", { class: "btn", href: `/compare${query({ a: b, b: a })}` }, "The other way round"),
      h("datalist", { id: "recent" }, recent.items.map((j) => h("option", { value: j.id }, j.portfolio)))), into);
  if (!a || !b) {
    put(into, h("p", { class: "empty" }, "Choose two jobs that have ended: their trades are set beside each other by id."));
    return;
  }
  const pair = `/comparisons/${encodeURIComponent(a)}..${encodeURIComponent(b)}`;
  const wait = (text) => put(into, h("p", { class: "soft", role: "status" }, `${text}…`));
  try {
    const page = (first, limit) => whenReady(`${pair}/movers${query({ limit, cursor: first || undefined })}`, wait);
    const [found, movers, books] = await Promise.all([whenReady(pair, wait), page(0, 100), whenReady(`${pair}/books`)]);
    const tile = (name, value, note) => h("div", { class: "tile" }, h("dt", {}, name), h("dd", {}, value), h("dd", {}, note));
    const { counts, totals } = found;
    const currency = found.b.baseCurrency;
    const source = new PagedRows(page, movers);
    const trade = (m) => `/jobs/${encodeURIComponent(m.b === null || m.b === undefined ? a : b)}/trades/${encodeURIComponent(m.id)}`;
    const rows = rowTable({ label: "Trades by how much they moved", kind: "movers", source, open: (m) => go(trade(m)), id: (m) => m.id, empty: "No trade moved: the values are the same to the bit.", columns: [
      { title: "Trade", kind: "c-wide cut", cell: (m) => h("a", { class: "id", title: m.id, href: trade(m) }, m.id) }, { title: "Book", kind: "c-mid cut", cut: true, cell: (m) => m.book }, { title: "Product", kind: "c-mid cut", cut: true, cell: (m) => m.product },
      { title: "A", kind: "num c-mid", cell: (m) => amount(m.a) }, { title: "B", kind: "num c-mid", cell: (m) => amount(m.b) }, { title: `Move ${currency}`, kind: "num c-mid", cell: (m) => h("b", {}, change(m.change)) },
      { title: "State", kind: "c-mid cut", cell: (m) => h("span", { class: m.statusA !== m.statusB ? "warn" : "soft" }, kinds[m.state] ?? m.state, m.statusA !== m.statusB && ` (${m.statusA ?? "–"} to ${m.statusB ?? "–"})`) }] });
    put(into, h("dl", { class: "panel tiles" }, tile(`A, ${currency}`, amount(totals.a), h("a", { href: `/jobs/${encodeURIComponent(a)}` }, a)), tile(`B, ${currency}`, amount(totals.b), h("a", { href: `/jobs/${encodeURIComponent(b)}` }, b)), tile("Move", change(totals.change), `${count(counts.moved)} of ${count(counts.both)} trades moved`),
      tile("New", count(counts.onlyB), "only in B"), tile("Gone", count(counts.onlyA), "only in A"), tile("Changed state", count(counts.changedState), "as priced in one and failed in the other")),
    h("section", { class: "panel" }, h("header", {}, h("h2", {}, "What differs in what went in")), found.differs.length ? table([["What", (d) => h("b", {}, d.what)], ["A", (d) => d.a], ["B", (d) => d.b]], found.differs) : h("p", { class: "pad" }, "Nothing: same trades, market, metrics and versions.")),
    h("section", { class: "panel" }, h("header", {}, h("h2", {}, "By book")), table([["Book", (g) => g.name || "(none)"], ["A", (g) => amount(g.a), "num"], ["B", (g) => amount(g.b), "num"], [`Move ${currency}`, (g) => h("b", {}, change(g.change)), "num"], ["Trades", (g) => count(g.trades), "num"]], (books.groups ?? books.items ?? []).slice(0, 200))),
    h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Moved most"), h("span", { class: "soft" }, `${count(source.length)} trades`), h("button", { class: "btn more", onclick: (event) => save(event, page, `${a}..${b}`) }, "Download")), rows.element));
  } catch (error) {
    put(into, problem(error));
  }
}

/** All moves as CSV, at most 100,000. */
async function save(event, page, name) {
  const button = event.target;
  button.disabled = true;
  const lines = ["tradeId,book,product,a,b,change,state,statusA,statusB\n"];
  for (let first = 0; first < 100000; first += 500) {
    const { items, total } = await page(first, 500);
    for (const m of items) lines.push(`${[m.id, m.book, m.product, m.a, m.b, m.change, m.state, m.statusA, m.statusB].map((v) => (/[",\n]/.test(String(v ?? "")) ? `"${String(v).replaceAll('"', '""')}"` : v ?? "")).join(",")}\n`);
    button.textContent = `${count(Math.min(first + 500, total))} of ${count(total)}…`;
    if (first + 500 >= total) break;
  }
  const link = h("a", { href: URL.createObjectURL(new Blob(lines, { type: "text/csv" })), download: `moves-${name}.csv`, "data-plain": true });
  link.click();
  URL.revokeObjectURL(link.href);
  button.disabled = false;
  button.textContent = "Download";
}
