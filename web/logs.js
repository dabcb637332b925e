// The logs of all programs in one list: followed live, or back in time.

import { get, query } from "./api.js";
import { count, h, icon, problem, put } from "./dom.js";
import { listen, watch } from "./live.js";

const levels = ["debug", "info", "notice", "warning", "error"];
const kept = 1000;

export async function logs(main, { go, query: given, onLeave }) {
  document.title = "Logs · valgrid";
  const wanted = Object.fromEntries(["level", "engine", "job", "batch", "q", "from"].map((n) => [n, given.get(n) ?? ""]));
  const input = (name, placeholder) => h("input", { name, "aria-label": name, placeholder, value: wanted[name] });
  const into = h("div", { class: "panel" });
  put(main, h("form", { class: "tools", role: "search", onsubmit: (event) => { event.preventDefault(); go(`/logs${query(Object.fromEntries(new FormData(event.target)))}`); } },
    h("h1", {}, "Logs"), h("select", { name: "level", "aria-label": "Level", onchange: (e) => e.target.form.requestSubmit() }, levels.map((l) => h("option", { value: l, selected: (wanted.level || "info") === l }, `${l} and above`))),
    h("label", { class: "find" }, icon("find"), input("q", "up to four words")), h("label", { class: "find" }, input("engine", "engine")), h("label", { class: "find" }, input("job", "job")), h("label", { class: "find" }, input("batch", "batch")), h("label", { class: "find" }, input("from", "from, as 2026-12-01T18:30")),
    h("button", { class: "btn" }, "Filter")), into);
  onLeave(await logView(into, wanted) ?? (() => {}));
}

/** Shows lines that a filter permits; returns what ends it. */
export async function logView(into, wanted) {
  const list = h("ol", { class: "log" });
  const foot = h("div", { class: "foot" });
  let page = await get(`/logs${query({ ...wanted, limit: 300 })}`);
  let lines = page.items;
  const isForward = page.direction === "forward";
  let isFollowing = !isForward;
  let skipped = 0;
  const row = (l) => h("li", { class: l.level }, h("time", { datetime: l.at, title: l.at }, l.at.slice(11, 23)), h("span", {}, l.level), h("span", { class: "e" }, l.engine || l.program),
    h("span", { class: "m" }, l.message, " ", h("span", { class: "f" }, Object.entries(l.fields).map(([k, v]) => `${k}=${v}`).join(" ")), l.dropped > 0 && h("b", { class: "warn" }, ` (${count(l.dropped)} lines before it were not sent)`)));
  const drawFoot = () => put(foot, h("span", {}, `${count(lines.length)} lines`), skipped > 0 && h("span", { class: "warn" }, `${count(skipped)} lines not shown`),
    (page.gaps ?? []).length > 0 && h("span", { class: "warn" }, `lost: ${page.gaps.map((g) => `${g.engine || "others"} ${count(g.lines)}`).join(", ")}`),
    page.next && h("button", { class: "btn", onclick: isForward ? newer : older }, isForward ? "Later" : "Older"), !isForward && h("button", { class: "btn", "aria-pressed": String(isFollowing), onclick: () => { isFollowing = !isFollowing; drawFoot(); } }, isFollowing ? "Following: hold" : "Held: follow"),
    h("button", { class: "btn", onclick: save }, "Download"));
  const draw = () => put(list, lines.length ? lines.map(row) : h("li", { class: "empty" }, "No line matches. New ones appear by themselves."));

  async function newer() {
    page = { ...page, next: null, ...(await get(`/logs${query({ ...wanted, limit: 300, cursor: page.next })}`)) };
    lines = lines.concat(page.items).slice(-kept);
    draw();
    drawFoot();
  }

  async function older() {
    page = { ...page, ...(await get(`/logs${query({ ...wanted, limit: 300, cursor: page.next })}`)) };
    lines = page.items.concat(lines);
    isFollowing = false;
    draw();
    drawFoot();
  }

  function save() {
    const blob = new Blob(lines.map((l) => `${JSON.stringify(l)}\n`), { type: "application/x-ndjson" });
    const link = h("a", { href: URL.createObjectURL(blob), download: "valgrid-logs.jsonl", "data-plain": true });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  put(into, h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Log lines" }, list), foot);
  draw();
  drawFoot();
  watch("logs");
  let pending = false;
  return listen(({ name, data }) => {
    if (name !== "lines" || !isFollowing || !into.isConnected) return;
    skipped += data.skipped;
    if (pending) return;
    pending = true;
    // The filter is the server's: it is asked again, at most twice a second.
    setTimeout(async () => {
      try {
        page = await get(`/logs${query({ ...wanted, limit: 300 })}`);
        const known = new Set(lines.slice(-300).map((l) => `${l.host}${l.pid}/${l.sequence}`));
        const fresh = page.items.filter((l) => !known.has(`${l.host}${l.pid}/${l.sequence}`));
        lines = lines.concat(fresh).slice(-kept);
        draw();
        drawFoot();
      } catch (error) {
        into.prepend(problem(error));
      }
      pending = false;
    }, 500);
  });
}
