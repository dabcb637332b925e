// Two jobs beside each other: what differs in their inputs, and which trades moved most.

import { get, query, whenReady } from "./api.js";
import { amount, count, field, h, problem, put } from "./dom.js";

export async function compare(main, { go, query: given }) {
  document.title = "Compare · valgrid";
  const [a, b] = [given.get("a") ?? "", given.get("b") ?? ""];
  const recent = await get("/jobs?limit=100&state=complete,complete%20with%20errors");
  const pick = (name, value) => field(name === "a" ? "Job" : "against", h("input", { name, value, list: "recent", required: true }));
  put(main, h("div", { class: "tools" }, h("h1", {}, "Compare two jobs")),
    h("form", { class: "row", onsubmit: (event) => { event.preventDefault(); go(`/compare${query(Object.fromEntries(new FormData(event.target)))}`); } },
      pick("a", a), pick("b", b), h("button", { class: "btn primary" }, "Compare"), h("datalist", { id: "recent" }, recent.items.map((j) => h("option", { value: j.id }, j.portfolio)))));
  if (!a || !b) return;
  const into = h("div", { class: "stack" });
  main.append(into);
  const pair = `/comparisons/${encodeURIComponent(a)}..${encodeURIComponent(b)}`;
  try {
    const [found, movers, books] = await Promise.all([whenReady(pair), whenReady(`${pair}/movers?sort=-size&limit=100`), whenReady(`${pair}/books`)]);
    put(into,
      h("section", { class: "panel" }, h("header", {}, h("h2", {}, "What differs in what went in")), found.differs.length ? found.differs.map((d) => h("div", { class: "group" }, h("b", {}, d.what), h("span"), h("span", { class: "why" }, `${d.a} against ${d.b}`))) : h("p", { class: "pad" }, "Nothing: same trades, market, metrics and versions."),
        h("dl", { class: "kv" }, Object.entries(found.counts).map(([name, n]) => [h("dt", {}, name), h("dd", {}, count(n))]), Object.entries(found.totals).map(([name, n]) => [h("dt", {}, `total ${name}`), h("dd", {}, amount(n))]))),
      table("By book", ["Book", "A", "B", "Change", "Trades"], (books.groups ?? books.items ?? []).map((g) => [g.name || "(none)", amount(g.a), amount(g.b), amount(g.change), count(g.trades)])),
      table("Moved most", ["Trade", "Book", "A", "B", "Change", "State"], movers.items.map((m) => [h("a", { href: `/jobs/${encodeURIComponent(a)}/trades/${encodeURIComponent(m.id)}` }, m.id), m.book, amount(m.a), amount(m.b), amount(m.change), m.state])));
  } catch (error) {
    put(into, problem(error));
  }
}

const table = (title, heads, rows) => h("section", { class: "panel" }, h("header", {}, h("h2", {}, title)), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title }, h("table", { class: "tbl" },
  h("thead", {}, h("tr", {}, heads.map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, rows.length ? rows.map((cells) => h("tr", { tabindex: -1 }, cells.map((c) => h("td", {}, c)))) : h("tr", {}, h("td", { class: "empty", colspan: heads.length }, "Nothing."))))));
