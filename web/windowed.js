// A table of any length: only the rows that are seen are in the document, fetched a page at a time.

import { count, h, put } from "./dom.js";

const rowHeight = 28;
// Browsers stop laying out elements at about 17.8 million pixels: above this the scroll bar is scaled.
const tallest = 16000000;
const page = 100;

/**
 * @param columns [title, cell(row), class] each
 * @param total how many rows there are
 * @param fetch (from, limit) => rows, from 0
 * @param open called with the row that is chosen
 */
export function windowed(columns, { name, total, fetch, open, first = [], empty = "Nothing here." }) {
  if (!total) return h("p", { class: "empty" }, empty);
  const pages = new Map([[0, first]]);
  const waiting = new Set();
  let at = 0;
  let active = 0;
  let hasFocus = false;
  const body = h("tbody");
  const where = h("span", { class: "visually-hidden", "aria-live": "polite" });
  const table = h("table", { class: "tbl windowed", role: "grid", "aria-rowcount": total + 1, "aria-label": name },
    h("thead", {}, h("tr", { "aria-rowindex": 1 }, columns.map(([title, , kind]) => h("th", { scope: "col", class: kind }, title)))), body);
  const space = h("div", { class: "space" }, table);
  const view = h("div", { class: "scroll window", tabindex: 0, role: "region", "aria-label": `${name}: ${count(total)} rows` }, space, where);
  const seen = () => Math.max(1, Math.min(40, Math.floor((view.clientHeight - 30) / rowHeight)));
  const last = () => Math.max(0, total - seen());

  const row = (index) => pages.get(Math.floor(index / page))?.[index % page];

  async function want(number) {
    if (number < 0 || number * page >= total || pages.has(number) || waiting.has(number)) return;
    waiting.add(number);
    try {
      pages.set(number, await fetch(number * page, page));
      // What is far away is forgotten.
      for (const known of pages.keys()) if (pages.size > 40 && Math.abs(known - number) > 15) pages.delete(known);
    } finally {
      waiting.delete(number);
    }
    if (view.isConnected) draw();
  }

  function draw() {
    const rows = [];
    for (let index = at; index < Math.min(total, at + seen()); index += 1) {
      const value = row(index);
      rows.push(h("tr", { tabindex: index === active ? 0 : -1, "aria-rowindex": index + 2, "data-index": index, class: value ? "open" : "loading",
        onclick: (event) => { active = index; if (value && !event.target.closest("a")) open(value); } },
      columns.map(([, cell, kind]) => h("td", { class: kind }, value ? cell(value) : "…"))));
    }
    put(body, rows);
    if (hasFocus) body.querySelector(`tr[data-index="${active}"]`)?.focus({ preventScroll: true });
    const number = Math.floor(at / page);
    for (const near of [number, number + 1, number - 1, number + 2]) want(near);
  }

  function moveTo(index) {
    active = Math.max(0, Math.min(total - 1, index));
    hasFocus = true;
    if (active < at) at = active;
    if (active >= at + seen()) at = active - seen() + 1;
    const room = view.scrollHeight - view.clientHeight;
    const wanted = last() ? (at / last()) * room : 0;
    if (Math.abs(view.scrollTop - wanted) > 0.5) view.scrollTop = wanted;
    draw();
    where.textContent = `row ${count(active + 1)} of ${count(total)}`;
  }

  view.addEventListener("scroll", () => {
    const room = view.scrollHeight - view.clientHeight;
    const now = room > 0 ? Math.round((view.scrollTop / room) * last()) : 0;
    if (now === at) return;
    // Keys have set both: the scroll bar only follows them.
    if (hasFocus && Math.abs(now - at) <= 1 && active >= at && active < at + seen()) return;
    at = now;
    hasFocus = false;
    draw();
  });
  view.addEventListener("wheel", (event) => {
    if (space.offsetHeight < tallest || event.deltaMode !== 0) return;
    // On a scaled scroll bar a wheel would leap over thousands of rows.
    event.preventDefault();
    at = Math.max(0, Math.min(last(), at + Math.sign(event.deltaY) * Math.max(1, Math.round(Math.abs(event.deltaY) / rowHeight))));
    moveTo(Math.max(at, Math.min(at + seen() - 1, active)));
  }, { passive: false });
  view.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const isOn = localStorage.getItem("keys") !== "off";
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: seen(), PageUp: -seen(), j: isOn && 1, k: isOn && -1 }[event.key];
    if (step) moveTo(active + step);
    else if (event.key === "Home") moveTo(0);
    else if (event.key === "End") moveTo(total - 1);
    else if (event.key === "Enter" && row(active) && !event.target.closest("a")) open(row(active));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  new ResizeObserver(() => { if (view.isConnected) draw(); }).observe(view);
  space.style.height = `${Math.min(tallest, total * rowHeight + 34)}px`;
  queueMicrotask(draw);
  return view;
}
