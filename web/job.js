// One job, a tab an address: its head, which is live on every tab, and which tab is shown.

import { act, button } from "./actions.js";
import { get } from "./api.js";
import { amount, bar, count, duration, h, icon, problem, put, rate, shownState, state, time } from "./dom.js";
import { batches, failures, logs, proof, record, timeline } from "./jobtabs.js";
import { overview } from "./joboverview.js";
import { trades } from "./jobtrades.js";

const tabs = [["", "Overview", overview], ["trades", "Trades", trades], ["failures", "Failures", failures], ["batches", "Batches", batches],
  ["timeline", "Timeline", timeline], ["logs", "Logs", logs], ["proof", "Proof", proof], ["record", "Record", record]];

export async function job(main, context) {
  const [id, tab = "", rest] = context.parts;
  const path = `/jobs/${encodeURIComponent(id)}`;
  let row = await get(path);
  let soFar; // What is known of its value while it runs, by the overview.
  let shown; // What the tab does with a changed job.
  const head = h("div");
  const message = h("div", { "aria-live": "polite" });
  const strip = h("nav", { class: "tabs", "aria-label": "Job" });
  const body = h("div");
  put(main, h("p", { class: "crumbs soft" }, h("a", { href: "/jobs" }, "Jobs"), " / ", id), head, message, strip, body);

  async function run(name) {
    try {
      const done = await act(name, id, row);
      if (!done) return;
      const isNew = name === "again" || name === "verify";
      put(message, h("div", { class: "note" }, icon("ok"), h("span", {}, isNew ? ["Queued as ", h("a", { href: `/jobs/${encodeURIComponent(done.id)}` }, done.id), ". ",
        name === "verify" && h("a", { href: `/compare?a=${encodeURIComponent(id)}&b=${encodeURIComponent(done.id)}` }, "Compare when it has ended")] : `${done.state ?? "Acknowledged"}.`)));
      row = await get(path);
      draw();
    } catch (error) { put(message, problem(error)); }
  }

  function draw() {
    const share = Math.floor((row.done / Math.max(1, row.trades)) * 1000) / 10;
    document.title = `${row.isFinal ? row.state : `${Math.floor(share)} %`} ${id} · valgrid`;
    const focused = head.contains(document.activeElement) ? document.activeElement.textContent : undefined;
    put(head, title(row, id, run), facts(row), waits(row, path), whole(row), tiles(row, share, soFar));
    if (focused) [...head.querySelectorAll("button, a")].find((e) => e.textContent === focused)?.focus();
    put(strip, tabs.map(([name, words]) => h("a", { href: name ? `${path}/${name}` : path, "aria-current": name === tab && "page" }, words,
      name === "trades" && h("span", { class: "n" }, ` ${count(row.trades)}`), name === "failures" && row.failed > 0 && h("span", { class: "n bad" }, ` ${count(row.failed)}`),
      name === "batches" && h("span", { class: "n" }, ` ${count(row.batches)}`))));
  }

  async function show() {
    const view = tabs.find(([name]) => name === tab)?.[2] ?? overview;
    try {
      shown = await view(body, { ...context, id, path, rest, row, run, knowSoFar: (value) => { soFar = value; draw(); } });
    } catch (error) { put(body, problem(error)); }
  }

  draw();
  let due;
  let hasEnded = false;
  context.onLeave(() => clearTimeout(due));
  context.onLive(({ name, data }) => {
    const changed = name === "rows" && data.items.find((item) => item.id === id);
    if (name === "gap") hasEnded = true;
    else if (!changed) return;
    else {
      hasEnded ||= changed.isFinal && !row.isFinal;
      // What is not known any more is left out of a row.
      row = { ...row, waitingFor: null, forecast: null, total: null, ...changed };
    }
    due ??= setTimeout(async () => {
      due = undefined;
      try {
        if (hasEnded) {
          hasEnded = false;
          row = await get(path);
          soFar = undefined;
          draw();
          await (shown?.ended ?? show)(row);
        } else shown?.changed?.(row);
      } catch { /* The stream's age says so; the next change asks again. */ }
      draw();
    }, 250);
  });
  await show();
}

const title = (row, id, run) => h("div", { class: "head" }, h("div", { class: "title" }, h("h1", {}, id), state(row), row.acknowledged && h("span", { class: "chip", title: row.acknowledged.reason }, `seen by ${row.acknowledged.by}`)),
  h("div", { class: "acts" }, (row.actions ?? []).filter((a) => a.allowed && a.name !== "cancel").map(({ name }) => button(name, () => run(name))),
    h("a", { class: "btn", href: `/compare?a=${encodeURIComponent(id)}` }, icon("diff"), "Compare"),
    (row.actions ?? []).some((a) => a.name === "again" && a.allowed) && h("a", { class: "btn", href: `/jobs/new?from=${encodeURIComponent(id)}` }, icon("plus"), "New from it"),
    (row.actions ?? []).filter((a) => a.allowed && a.name === "cancel").map(({ name }) => button(name, () => run(name)))));

const facts = (row) => h("div", { class: "facts" }, h("span", {}, "portfolio ", h("b", {}, row.portfolio)),
  h("span", {}, "market ", h("a", { href: `/snapshots/${encodeURIComponent(row.snapshot.id)}`, title: row.snapshot.id }, row.snapshot.name)),
  row.valuationDate && h("span", {}, "valued on ", h("b", {}, row.valuationDate), " in ", h("b", {}, row.baseCurrency)),
  row.metrics?.length > 0 && h("span", {}, "metrics ", h("b", {}, row.metrics.join(", "))), h("span", {}, "class ", h("b", {}, row.priority)),
  h("span", {}, "by ", h("b", {}, row.submitter), " at ", time(row.submittedAt)));

const waits = (row, path) => row.waitingFor && (row.isFinal || shownState(row) !== "running") && h("ul", { class: "notes" }, h("li", { class: `note ${shownState(row) === "stuck" ? "crit" : ""}` }, icon(row.isFinal ? "part" : "wait"),
  h("span", {}, row.isFinal ? "Not complete: " : "Waits: ", row.waitingFor), h("span", { class: "do" }, h("a", { href: "/engines" }, "Engines"), h("a", { href: `${path}/logs` }, "Its logs"))));

const whole = (row) => h("div", { class: "panel whole" }, bar(row, false), h("ul", { class: "key" },
  h("li", {}, h("span", { class: `sw ${row.isFinal ? "g" : "d"}` }), h("b", {}, count(row.done - row.failed)), " priced"), h("li", {}, h("span", { class: "sw e" }), h("b", {}, count(row.failed)), " failed"),
  h("li", {}, h("span", { class: "sw" }), h("b", {}, count(Math.max(0, row.trades - row.done))), row.isFinal ? " missing" : " waiting"),
  h("li", { class: "w-hide" }, h("b", {}, count(row.batchesDone)), " of ", h("b", {}, count(row.batches)), row.batchesPublished < row.batches ? ` batches, ${count(row.batchesPublished)} queued` : " batches"),
  row.duplicates !== undefined && h("li", { class: "w-hide" }, h("b", {}, count(row.duplicates)), " duplicates, ", h("b", {}, count(row.conflicts)), " conflicts, ", h("b", {}, count(row.late)), " late")));

const verdicts = { holds: ["holds", "good"], mayMiss: ["may be missed", "warn"], willMiss: ["will be missed", "bad"] };

function tiles(row, share, soFar) {
  const tile = (name, value, note) => h("div", { class: "tile" }, h("dt", {}, name), h("dd", {}, value), h("dd", {}, note));
  const [words, kind] = verdicts[row.forecast?.verdict] ?? ["", ""];
  const inTime = row.deadline && row.endedAt && Date.parse(row.endedAt) <= Date.parse(row.deadline) && row.state !== "expired";
  const left = row.forecast?.p50 && (Date.parse(row.forecast.p50) - Date.now()) / 1000;
  const spare = row.deadline && row.forecast?.p50 && (Date.parse(row.deadline) - Date.parse(row.forecast.p50)) / 1000;
  return h("dl", { class: "panel tiles" },
    tile("Done", `${share} %`, `${count(row.done)} of ${count(row.trades)} trades`),
    tile(row.isFinal ? "Rate" : "Rate, last minute", `${rate(row.tradesPerSecond)} /s`, `${duration(row.seconds)} ${row.isFinal ? "in all" : "since submission"}`),
    row.isFinal ? tile("Ended", time(row.endedAt), `took ${duration(row.seconds)}`)
      : tile("Ends about", left ? time(row.forecast.p50) : "not known yet", left ? [`in ${duration(left)}; `, time(row.forecast.p10), " to ", time(row.forecast.p90)] : row.forecast?.reason ?? ""),
    tile("Deadline", row.deadline ? h("span", { class: row.isFinal ? (inTime ? "" : "bad") : kind }, time(row.deadline, true), !row.isFinal && words && ` ${words}`) : "none",
      row.isFinal ? (row.deadline && (inTime ? "held" : row.state === "cancelled" ? "cancelled" : "missed")) : spare ? `${spare < 0 ? "late by" : "with"} ${duration(Math.abs(spare))}${spare < 0 ? "" : " to spare"}` : ""),
    tile("Failed", h("span", { class: row.failed ? "bad" : "" }, count(row.failed)), soFar?.lastFailed !== undefined ? `last time ${count(soFar.lastFailed)}` : row.expired ? `${count(row.expired)} had matured` : ""),
    row.isFinal ? tile(`NPV${row.baseCurrency ? `, ${row.baseCurrency}` : ""}`, amount(row.total ?? soFar?.value), row.failed || row.missing ? `of ${count(row.trades - row.failed - row.missing)} trades with a value` : "")
      : tile(`NPV so far${row.baseCurrency ? `, ${row.baseCurrency}` : ""}`, amount(soFar?.value), `of ${share} % of trades: no total yet`));
}
