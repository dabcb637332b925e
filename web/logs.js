// The logs of all programs in one list: followed live, or back in time.

import { get, query } from "./api.js";
import { ask, clock, count, field, h, icon, put, zone } from "./dom.js";
import { listen, watch } from "./live.js";
import { Rows, rowTable } from "./rows.js";

const levels = ["debug", "info", "notice", "warning", "error"];
const kept = 5000;
const mostSaved = 20000;

/** What a datetime-local input holds, as the API has times. */
const moment = (text) => (text ? new Date(zone.isUTC ? `${text}Z` : text).toISOString() : "");
const local = (text) => {
  if (!text) return "";
  const date = new Date(text);
  return new Date(date - (zone.isUTC ? 0 : date.getTimezoneOffset() * 60000)).toISOString().slice(0, 19);
};

export async function logs(main, { go, query: given, onLeave }) {
  document.title = "Logs · valgrid";
  const wanted = Object.fromEntries(["level", "engine", "job", "batch", "q", "from", "to"].map((n) => [n, given.get(n) ?? ""]));
  const input = (name, words) => h("label", { class: "find" }, name === "q" && icon("find"), h("input", { name, "aria-label": words, placeholder: words, value: wanted[name] }));
  const when = (name, words) => h("label", { class: "row soft" }, words, h("input", { type: "datetime-local", step: 1, name, value: local(wanted[name]) }));
  const into = h("div", { class: "panel" });
  const form = h("form", { class: "tools", role: "search", onsubmit: (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form));
    go(`/logs${query({ ...values, from: moment(values.from), to: moment(values.to) })}`);
  } }, h("h1", {}, "Logs"), h("select", { name: "level", "aria-label": "Level", onchange: () => form.requestSubmit() }, levels.map((l) => h("option", { value: l, selected: (wanted.level || "info") === l }, `${l} and above`))),
  input("q", "up to four words"), input("engine", "engine"), input("job", "job"), input("batch", "batch"), when("from", "from"), when("to", "to"), h("button", { class: "btn" }, "Filter"),
  Object.values(wanted).some(Boolean) && h("a", { class: "btn", href: "/logs" }, "All lines"));
  put(main, form, into);
  onLeave(await logView(into, wanted));
}

/** Shows lines that a filter permits; returns what ends it. */
export async function logView(into, wanted) {
  const foot = h("div", { class: "foot" });
  const source = new Rows();
  let page = await get(`/logs${query({ ...wanted, limit: 500 })}`);
  // Lines of the past are read forward from Kafka; there is nothing to follow then.
  const isHistory = page.direction === "forward" || Boolean(wanted.to);
  let isFollowing = !isHistory;
  let skipped = 0;
  let trouble = "";
  const place = (l) => `${l.host}${l.pid}/${l.sequence}/${l.at}`;
  const text = (l) => Object.entries(l.fields).map(([k, v]) => `${k}=${v}`).join(" ");
  const precise = (at) => `${clock(at)}${at.slice(19, 23)}`;
  const table = rowTable({ label: "Log lines", kind: "log", source, open: show, id: place, empty: () => (trouble || "No line matches. New ones appear by themselves."), columns: [
    { title: "Time", kind: "c-time", cell: (l) => h("time", { datetime: l.at, title: l.at }, precise(l.at)) },
    { title: "Level", kind: "c-level", cell: (l) => h("span", { class: { warning: "warn", error: "bad" }[l.level] ?? "soft" }, l.level) },
    { title: "Where", kind: "c-where cut", cell: (l) => h("span", { title: `${l.program} ${l.engine} on ${l.host}, process ${l.pid}` }, l.engine || l.program) },
    { title: "Line", kind: "c-line cut", cell: (l) => [h("span", { class: { warning: "warn", error: "bad" }[l.level], title: `${l.message} ${text(l)}` }, l.message), " ", h("span", { class: "soft" }, text(l)), l.dropped > 0 && h("b", { class: "warn" }, ` (${count(l.dropped)} lines before it were not sent)`)] }] });

  /** A line whole, to read and to copy. */
  function show(l) {
    const whole = `${l.at} ${l.level} ${l.program} ${l.engine} ${l.host} ${l.pid} ${l.message} ${text(l)}`;
    ask(l.message, [h("dl", { class: "kv" }, [["at", l.at], ["level", l.level], ["program", l.program], ["engine", l.engine], ["host", `${l.host}, process ${l.pid}`], ...Object.entries(l.fields)].map(([k, v]) =>
      [h("dt", {}, k), h("dd", { class: "mono" }, k === "job.id" ? h("a", { href: `/jobs/${encodeURIComponent(v)}` }, v) : v)])), field("As text", h("textarea", { readonly: true, rows: 3, value: whole }))], "Done");
  }

  function drawFoot() {
    put(foot, h("span", {}, `${count(source.length)} lines`), skipped > 0 && h("span", { class: "warn" }, `… ${count(skipped)} lines not shown`),
      (page.gaps ?? []).length > 0 && h("span", { class: "warn" }, `lost: ${page.gaps.map((g) => `${g.engine || "others"} ${count(g.lines)}`).join(", ")}`),
      page.next && h("button", { class: "btn", onclick: more }, page.direction === "forward" ? "Later" : "Older"),
      !isHistory && h("button", { class: "btn", "aria-pressed": String(isFollowing), onclick: () => { isFollowing = !isFollowing; if (isFollowing) catchUp(); drawFoot(); } }, isFollowing ? "Following: hold" : "Held: follow"),
      h("button", { class: "btn", onclick: save }, "Download what is found"));
  }

  function set(lines, isAtEnd) {
    source.set(lines);
    if (isAtEnd) requestAnimationFrame(() => table.bottom());
    drawFoot();
  }

  async function more(event) {
    event.target.disabled = true;
    const next = await get(`/logs${query({ ...wanted, limit: 500, cursor: page.next })}`);
    const isForward = next.direction === "forward";
    page = { ...page, ...next, next: next.next };
    isFollowing &&= isForward;
    set(isForward ? source.rows.concat(next.items) : next.items.concat(source.rows), false);
    if (!isForward) table.shift(next.items.length);
  }

  /** What the filter finds, from the server: not only what is on the screen. */
  async function save(event) {
    const button = event.target;
    button.disabled = true;
    let lines = [];
    let cursor;
    do {
      const part = await get(`/logs${query({ ...wanted, limit: 500, cursor })}`);
      lines = part.direction === "forward" ? lines.concat(part.items) : part.items.concat(lines);
      cursor = part.next;
      button.textContent = `${count(lines.length)} lines…`;
    } while (cursor && lines.length < mostSaved);
    const link = h("a", { href: URL.createObjectURL(new Blob(lines.map((l) => `${JSON.stringify(l)}\n`), { type: "application/x-ndjson" })), download: "valgrid-logs.jsonl", "data-plain": true });
    link.click();
    URL.revokeObjectURL(link.href);
    button.disabled = false;
    button.textContent = `${cursor ? `the newest ${count(lines.length)}` : `all ${count(lines.length)}`} lines saved`;
  }

  // The filter is the server's: it is asked again, at most twice a second.
  let pending;
  function catchUp() {
    pending ??= setTimeout(async () => {
      try {
        const fresh = await get(`/logs${query({ ...wanted, limit: 500 })}`);
        const known = new Set(source.rows.slice(-1500).map(place));
        const added = fresh.items.filter((l) => !known.has(place(l)));
        // More came than a page holds: those between are counted, not shown.
        page = { ...page, gaps: fresh.gaps };
        if (added.length) set(source.rows.concat(added).slice(-kept), true);
        trouble = "";
      } catch (error) { trouble = error.detail; }
      pending = undefined;
    }, 500);
  }

  put(into, table.element, foot);
  set(page.items, !isHistory);
  watch("logs");
  const end = listen(({ name, data }) => {
    if (!isFollowing || !into.isConnected) return;
    if (name === "gap") catchUp();
    if (name !== "lines") return;
    if (data.skipped) { skipped += data.skipped; drawFoot(); }
    catchUp();
  });
  return () => { end(); clearTimeout(pending); };
}
