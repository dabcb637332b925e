// The other tabs of a job: why trades failed, its batches, time, log lines, proof and record.

import { button } from "./actions.js";
import { get, query, whenReady } from "./api.js";
import { binLength, engineStrip, rateChart, span, stripKey } from "./charts.js";
import { count, duration, h, icon, put, table, time } from "./dom.js";
import { logView } from "./logs.js";
import { PagedRows, rowTable } from "./rows.js";

export async function failures(body, { path, id, row, run }) {
  const list = await whenReady(`${path}/failures`, (text) => put(body, h("p", { class: "soft", role: "status" }, `${text}…`)));
  const mayAgain = (row.actions ?? []).some((a) => a.name === "again" && a.allowed);
  put(body, h("div", { class: "panel" }, h("header", {}, h("h2", {}, "Why trades have no value"), mayAgain && list.items.length > 0 && h("span", { class: "more" }, button("again", () => run("again")))),
    list.items.length ? list.items.map((f) => h("div", { class: "group" },
      h("span", {}, h("b", {}, f.code), f.field && h("span", { class: "soft" }, ` ${f.field}`)), h("a", { href: `${path}/trades${query({ status: "error", code: f.code })}` }, `${count(f.trades)} trade${f.trades === 1 ? "" : "s"}`),
      h("span", { class: "why full" }, f.message),
      h("span", { class: "row why" }, "as ", h("a", { href: `${path}/trades/${encodeURIComponent(f.example)}?status=error` }, f.example), h("a", { href: `/logs${query({ job: id, batch: f.batch, level: "debug" })}` }, "its log lines"),
        /^pricer_/.test(f.code) && h("a", { href: `/deadletters${query({ job: id })}` }, "its dead letters"))))
      : h("p", { class: "empty" }, "Every trade has a value.")));
}

export async function batches(body, { path, id }) {
  const page = (first, limit) => get(`${path}/batches${query({ limit, cursor: first || undefined })}`);
  const source = new PagedRows(page, await page(0, 100));
  const seconds = (a, b) => (a && b ? duration((Date.parse(b) - Date.parse(a)) / 1000) : "–");
  const list = rowTable({ label: "Batches", kind: "batches", source, columns: [
    { title: "Batch", kind: "num c-short", cell: (b) => count(b.index) }, { title: "State", kind: "c-short", cell: (b) => b.state }, { title: "Trades", kind: "num c-short", cell: (b) => count(b.trades) },
    { title: "Failed", kind: "num c-short", cell: (b) => (b.failed ? h("b", { class: "bad" }, count(b.failed)) : count(b.failed)) }, { title: "Engine", kind: "c-mid cut", cut: true, cell: (b) => b.engine ?? "–" }, { title: "Attempt", kind: "num c-short", cell: (b) => b.attempt ?? "–" },
    { title: "Queued", kind: "c-mid", cell: (b) => time(b.queuedAt) }, { title: "Waited", kind: "num c-short", cell: (b) => seconds(b.queuedAt, b.takenAt) }, { title: "Priced in", kind: "num c-short", cell: (b) => seconds(b.takenAt, b.pricedAt) },
    { title: "Joined", kind: "c-mid", cell: (b) => time(b.joinedAt) }, { title: "Record", kind: "c-mid cut", cell: (b) => (b.record ? h("span", { class: "mono" }, `${b.record.topic} ${b.record.partition}/${b.record.offset}`) : "–") },
    { title: "Lines", kind: "c-short", cell: (b) => h("a", { href: `/logs${query({ job: id, batch: b.index, level: "debug" })}` }, "log") }] });
  put(body, h("div", { class: "panel" }, list.element, h("div", { class: "foot" }, h("span", {}, `${count(source.length)} batches`))));
  let due = 0;
  const renew = async () => source.renew(await page(0, 100));
  return { changed() { if (Date.now() > due) { due = Date.now() + 2000; renew().catch(() => {}); } }, ended: renew };
}

export async function timeline(body, { path, row }) {
  async function draw() {
    const found = await get(`${path}/timeline?bins=120`);
    put(body, h("div", { class: "stack" }, h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Trades a second"), span(found)), found.rate.length ? rateChart(found, row.forecast?.p50 && Date.parse(row.forecast.p50)) : h("p", { class: "empty" }, "No batch was priced yet.")),
      h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Which engine worked when"), h("span", { class: "soft" }, `${binLength(found)} a cell`), stripKey()),
        h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Engines' work" }, engineStrip(found))),
      h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Batches by engine")), table([["Engine", (e) => h("a", { href: `/logs${query({ engine: e.engine })}` }, e.engine)], ["Batches", (e) => count(e.batches), "num"],
        ["Busy", (e) => `${Math.round((e.cells.reduce((a, b) => a + b, 0) / Math.max(1, e.cells.length)) * 100)} %`, "num"]], found.engines, "No batch was priced yet."))));
  }
  await draw();
  let due = 0;
  return { changed() { if (Date.now() > due) { due = Date.now() + 3000; draw().catch(() => {}); } }, ended: draw };
}

export async function logs(body, { id, query: given, onLeave }) {
  const fixed = { job: id, batch: given.get("batch") };
  const into = h("div", { class: "panel" });
  put(body, h("div", { class: "tools" }, fixed.batch && h("span", { class: "chip" }, `batch ${fixed.batch}`), h("a", { class: "btn", href: `/logs${query(fixed)}` }, "On the page of all logs")), into);
  onLeave(await logView(into, { ...fixed, level: "debug" }));
  return { changed() {}, ended() {} };
}

const names = { trades: "Trades", results: "Results", errors: "Errors", expired: "of the results had matured", missing: "Missing", tradeIdsHash: "Hash of the ids that were submitted", joinedHash: "Hash of the ids that came back",
  matches: "They match", duplicates: "Duplicates, counted once", conflicts: "Conflicts", late: "Came after the end", strays: "Of no batch of it" };

export async function proof(body, { path }) {
  const p = await get(`${path}/proof`);
  const value = (v) => (v === null || v === undefined ? "–" : typeof v === "number" ? count(v) : v === true ? "yes" : v === false ? "no" : String(v));
  put(body, h("div", { class: "stack" }, h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Nothing is lost")), h("p", { class: "pad" }, icon(p.matches ? "ok" : "part", p.matches ? "good" : "warn"), " ", p.sentence),
    h("p", { class: "pad" }, `${count(p.trades)} trades = ${count(p.results)} results + ${count(p.errors)} errors + ${count(p.missing)} missing`),
    h("dl", { class: "kv" }, Object.entries(names).map(([name, title]) => [h("dt", {}, title), h("dd", { class: "mono" }, value(p[name]))]))),
  h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Records that Kafka removed before they were read")),
    table([["Topic", (l) => l.topic], ["Partition", (l) => l.partition], ["Offsets", (l) => `${l.first} to ${l.next - 1}`], ["Noticed", (l) => time(l.noticedAt)]], p.losses ?? [], "None."))));
}

export async function record(body, { path }) {
  const found = await get(`${path}/record`);
  const value = (name, v) => (v === null || v === undefined ? "–" : name === "snapshot" ? h("a", { href: `/snapshots/${encodeURIComponent(v.id)}` }, `${v.name} ${v.id}`) : /At$|^deadline$/.test(name) ? time(v) : Array.isArray(v) ? v.join(", ") : typeof v === "number" ? count(v) : String(v));
  const words = (name) => name.replace(/([A-Z])/g, " $1").toLowerCase();
  put(body, h("div", { class: "stack" }, h("section", { class: "panel" }, h("header", {}, h("h2", {}, "The job's record")), h("dl", { class: "kv" }, Object.entries(found).filter(([name]) => name !== "commands").map(([name, v]) => [h("dt", {}, words(name)), h("dd", {}, value(name, v))]))),
    h("section", { class: "panel" }, h("header", {}, h("h2", {}, "On a command line")), (found.commands ?? []).map((c) => h("p", { class: "pad mono" }, c)))));
}
