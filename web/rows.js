// A table that holds in the document only the rows that are seen, of a list of any length.
//
// A source has `length`, `at(index)` (a row, `{ group }` for a head between rows, or undefined while it is
// fetched) and `need(first, last)`; it calls `onChange` when rows have come.

import { h, put, say } from "./dom.js";

// Firefox ends a page at 17,895,697 px: above this the scroll bar is scaled, wheel and keys stay exact.
const tallest = 16_000_000;
const mostRows = 56;
let tables = 0;

export function rowTable({ label, kind = "", columns, source, id, open, mark, empty = "Nothing here.", below = 44 }) {
  const name = `t${(tables += 1)}`;
  const body = h("tbody", { role: "rowgroup" });
  const head = h("tr", { role: "row", "aria-rowindex": 1 }, columns.map((column) => h("th", {
    role: "columnheader", scope: "col", class: column.kind, "aria-sort": column.sorted }, column.head ?? column.title)));
  const table = h("table", { class: `tbl rows ${kind}`, role: "grid", tabindex: 0, "aria-label": label }, h("thead", { role: "rowgroup" }, head), body);
  const view = h("div", { class: `rows-view of-${kind}` }, table);
  const size = h("div", { class: "rows-size" }, view);
  const frame = h("div", { class: `rows-frame of-${kind}` }, size);
  const none = h("p", { class: "empty", hidden: true });
  const element = h("div", {}, frame, none);
  const shown = new Map();
  const marked = new Set();
  let first = 0; // The row at the top; a fraction of it may be above.
  let at = -1; // The row in hand.
  let isDrawn = false;
  let rowHeight = 28;
  let headHeight = 28;
  let height = 0;
  let measured = -1; // Of how many rows; -1 when the page's measures may have changed.

  const whole = () => source.length * rowHeight;
  const seen = () => Math.max(1, Math.floor((height - headHeight) / rowHeight));
  const last = () => Math.max(0, source.length - (height - headHeight) / rowHeight);

  function measure() {
    if (measured === source.length) return;
    measured = source.length;
    const style = getComputedStyle(frame);
    rowHeight = parseFloat(style.getPropertyValue("--row")) || 28;
    headHeight = parseFloat(style.getPropertyValue("--head")) || 0;
    const top = frame.getBoundingClientRect().top + scrollY;
    const room = Math.max(12 * rowHeight + headHeight, innerHeight - top - below);
    const wide = frame.offsetHeight - frame.clientHeight;
    height = Math.min(room, headHeight + whole(), headHeight + mostRows * rowHeight);
    frame.style.height = `${height + wide}px`;
    view.style.height = `${height}px`;
    size.style.height = `${Math.min(tallest, headHeight + whole())}px`;
  }

  /** What a pixel of the scroll bar is in rows. */
  const scale = () => last() / Math.max(1, Math.min(tallest, headHeight + whole()) - height);

  function scrolled() {
    const rows = frame.scrollTop * scale();
    // What this table itself has set does not move it again by the rounding.
    if (Math.abs(rows - first) > scale() * 1.5) { first = rows; draw(); }
  }

  function go(to) {
    first = Math.max(0, Math.min(last(), to));
    frame.scrollTop = first / Math.max(1e-9, scale());
    draw();
  }

  function fill(tr, row, index) {
    tr.replaceChildren();
    if (row?.group !== undefined) {
      tr.append(h("th", { role: "rowheader", colspan: columns.length, scope: "rowgroup" }, h("b", {}, row.group), h("span", {}, row.note)));
      return;
    }
    for (const column of columns) {
      const value = row === undefined ? h("span", { class: "wait" }) : column.cell(row, index);
      const cell = h("td", { role: "gridcell", class: column.kind, title: column.cut && typeof value === "string" ? value : undefined });
      if (value !== undefined && value !== null && value !== false) cell.append(...[value].flat(3).filter((v) => v || v === 0));
      // The row is what is reached by keys; what is in it is for the pointer.
      for (const inner of cell.querySelectorAll("a, button, input")) inner.tabIndex = -1;
      tr.append(cell);
    }
  }

  function draw() {
    none.hidden = source.length > 0;
    frame.hidden = source.length === 0;
    if (!source.length) put(none, typeof empty === "function" ? empty() : empty);
    isDrawn = true;
    measure();
    first = Math.max(0, Math.min(first, last()));
    const from = Math.floor(first);
    const to = Math.min(source.length, from + seen() + 2);
    source.need(from, to);
    const rows = [];
    for (let index = from; index < to; index += 1) {
      const row = source.at(index);
      let known = shown.get(index);
      if (!known) known = { tr: h("tr", { role: "row", id: `${name}-${index}`, "aria-rowindex": index + 2 }), row: null };
      if (known.row !== row || row === undefined) {
        fill(known.tr, row, index);
        known.tr.className = row?.group !== undefined ? "grp" : open ? "open" : "";
        if (row && id && row.group === undefined) known.tr.dataset.id = id(row);
        known.row = row;
      }
      known.tr.setAttribute("aria-selected", String(index === at || (row && id && marked.has(id(row)))));
      known.tr.classList.toggle("marked", Boolean(row && id && marked.has(id(row))));
      rows.push([index, known]);
    }
    shown.clear();
    for (const [index, known] of rows) shown.set(index, known);
    const wanted = rows.map(([, known]) => known.tr);
    if (wanted.length !== body.children.length || wanted.some((tr, i) => body.children[i] !== tr)) body.replaceChildren(...wanted);
    body.style.transform = `translateY(${-((first - from) * rowHeight)}px)`;
    table.setAttribute("aria-rowcount", source.length + 1);
    if (at >= 0 && shown.has(at)) table.setAttribute("aria-activedescendant", `${name}-${at}`);
    else table.removeAttribute("aria-activedescendant");
  }

  /** Takes a row in hand, and shows it. */
  function take(index, step = 1) {
    if (!source.length) return;
    at = Math.max(0, Math.min(source.length - 1, index));
    if (source.at(at)?.group !== undefined) at = Math.max(0, Math.min(source.length - 1, at + step));
    if (source.at(at)?.group !== undefined) at = Math.min(source.length - 1, at + 1);
    if (at < first) go(at);
    else if (at + 1 > first + (height - headHeight) / rowHeight) go(at + 1 - (height - headHeight) / rowHeight);
    else draw();
  }

  table.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select")) return;
    const page = seen();
    const moves = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, PageDown: Math.max(at, 0) + page, PageUp: at - page, Home: 0, End: source.length - 1 };
    const isLetter = event.key.length === 1 && event.key !== " ";
    if (isLetter && localStorage.getItem("keys") === "off") return;
    const row = at >= 0 ? source.at(at) : undefined;
    if (event.key in moves) {
      const isUp = ["ArrowUp", "k", "PageUp", "End"].includes(event.key);
      take(moves[event.key], isUp ? -1 : 1);
    } else if (event.key === "Enter" && row && open) open(row);
    else if (event.key === " " && row && mark) toggle(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  table.addEventListener("focus", () => { if (at < 0 && table.matches(":focus-visible")) take(Math.ceil(first)); });
  frame.addEventListener("scroll", scrolled, { passive: true });
  frame.addEventListener("wheel", (event) => {
    if (event.ctrlKey || !event.deltaY || scale() * rowHeight < 1.001) return;
    // Where a pixel of the bar is more than a pixel of rows, the wheel moves the rows themselves.
    event.preventDefault();
    go(first + (event.deltaMode === 1 ? event.deltaY : event.deltaY / rowHeight));
  }, { passive: false });
  body.addEventListener("click", (event) => {
    const tr = event.target.closest("tr");
    const index = Number(tr?.id.slice(name.length + 1));
    const row = source.at(index);
    if (!row || row.group !== undefined || event.target.closest("a, button, input")) return;
    at = index;
    if (open) open(row);
    else draw();
  });

  function toggle(row) {
    const key = id(row);
    if (marked.has(key)) marked.delete(key);
    else marked.add(key);
    mark(marked);
    say(`${marked.size} marked`);
    draw();
  }

  let frameRequest = 0;
  const redraw = () => { cancelAnimationFrame(frameRequest); frameRequest = requestAnimationFrame(() => { if (element.isConnected) draw(); }); };
  source.onChange = redraw;
  const resized = () => { measured = -1; redraw(); };
  new ResizeObserver(resized).observe(element);
  addEventListener("resize", function changed() {
    if (element.isConnected) resized();
    else if (isDrawn) removeEventListener("resize", changed);
  });
  redraw();
  return {
    element, draw: redraw, toggle, marked,
    get isAtTop() { return first < 1; },
    get inHand() { return at >= 0 ? source.at(at) : undefined; },
    /** Rows were put before the others: what is looked at stays where it is. */
    shift(n) { if (at >= 0) at += n; if (first >= 1) go(first + n); else redraw(); },
    top() { at = -1; go(0); },
    bottom() { measure(); go(last()); },
  };
}

/** Rows that are all here. */
export class Rows {
  constructor(rows = []) { this.rows = rows; this.onChange = () => {}; }
  get length() { return this.rows.length; }
  at(index) { return this.rows[index]; }
  need() {}
  set(rows) { this.rows = rows; this.onChange(); }
}

/** Rows of the server's list whose cursors are places in it: any page of it is one request. */
export class PagedRows {
  constructor(fetchPage, firstPage, size = 100) {
    Object.assign(this, { fetchPage, size, pages: new Map(), asked: new Set(), onChange: () => {}, before: 0 });
    this.length = firstPage.total;
    this.pages.set(0, firstPage.items);
  }

  at(index) { return this.pages.get(Math.floor(index / this.size))?.[index % this.size]; }

  /** Forgets all rows: the list is another now. */
  renew(firstPage) {
    this.pages.clear();
    this.length = firstPage.total;
    this.pages.set(0, firstPage.items);
    this.onChange();
  }

  need(first, last) {
    const isDown = first >= this.before;
    this.before = first;
    const [low, high] = [Math.floor(first / this.size), Math.floor(Math.max(first, last - 1) / this.size)];
    const end = Math.floor(Math.max(0, this.length - 1) / this.size);
    const wanted = [];
    for (let page = low; page <= high; page += 1) wanted.push(page);
    for (let ahead = 1; ahead <= 3; ahead += 1) wanted.push(isDown ? high + ahead : low - ahead);
    clearTimeout(this.timer);
    // A bar that is dragged over pages does not ask for all of them.
    this.timer = setTimeout(() => { for (const page of wanted) if (page >= 0 && page <= end) this.ask(page); }, this.pages.has(low) && this.pages.has(high) ? 0 : 60);
    if (this.pages.size > 40) {
      for (const page of [...this.pages.keys()]) if (page < low - 15 || page > high + 15) this.pages.delete(page);
    }
  }

  async ask(page) {
    if (this.pages.has(page) || this.asked.has(page)) return;
    this.asked.add(page);
    try {
      const found = await this.fetchPage(page * this.size, this.size);
      this.pages.set(page, found.items);
      this.length = found.total;
      this.onChange();
    } catch {
      // Asked for again when it is looked at again.
    } finally {
      this.asked.delete(page);
    }
  }
}
