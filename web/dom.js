// Elements, icons, and numbers as the desk reads them. Nothing here makes markup of text.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `h("a", { href, class, onclick }, children...)`. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((c) => c !== undefined && c !== null && c !== false));
  return element;
}

export function icon(name, kind = "") {
  return s("svg", { class: `i ${kind}`, "aria-hidden": "true" }, s("use", { href: `#i-${name}` }));
}

/** Replaces what is in an element. */
export function put(element, ...children) {
  element.replaceChildren(...children.flat(3).filter((c) => c !== undefined && c !== null && c !== false));
}

const counts = new Intl.NumberFormat("en-GB");
const amounts = new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const count = (n) => (n === undefined || n === null ? "–" : counts.format(n));

/** An amount with two decimals and a real minus; the exact number is its title. */
export function amount(n) {
  if (n === undefined || n === null) return h("span", { class: "faint" }, "–");
  return h("span", { title: String(n) }, amounts.format(n).replace("-", "−"));
}

/** A change of an amount, with its sign. */
export function change(n) {
  if (n === undefined || n === null) return h("span", { class: "faint" }, "–");
  return h("span", { title: String(n) }, n > 0 ? "+" : "", amounts.format(n).replace("-", "−"));
}

export const rate = (n) => (n ? counts.format(Math.round(n)) : "–");

/** Two units: `11m 32s`. */
export function duration(seconds) {
  if (seconds === undefined || seconds === null) return "–";
  const s = Math.max(0, seconds);
  if (s < 60) return `${s < 10 ? s.toFixed(1) : Math.round(s)}s`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m}m ${String(Math.floor(s % 60)).padStart(2, "0")}s`;
  const hours = Math.floor(m / 60);
  if (hours < 48) return `${hours}h ${String(m % 60).padStart(2, "0")}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

export function bytes(n) {
  if (n === undefined || n === null) return "–";
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  while (n >= 1024 && unit < 3) { n /= 1024; unit += 1; }
  return `${unit ? n.toFixed(1) : n} ${units[unit]}`;
}

export const zone = {
  get isUTC() { return localStorage.getItem("zone") === "utc"; },
  flip() { localStorage.setItem("zone", this.isUTC ? "local" : "utc"); },
  get name() {
    return this.isUTC ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone.split("/").pop().replace("_", " ");
  },
};

// A formatter takes as long to make as a hundred times to use: there is one of each for a zone.
let formats;

function parts(text) {
  if (formats?.isUTC !== zone.isUTC) {
    const of = (options) => new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone.isUTC ? "UTC" : undefined });
    formats = { isUTC: zone.isUTC, date: of({ day: "numeric", month: "long", year: "numeric" }), short: of({ day: "numeric", month: "short" }), time: of({ hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }) };
  }
  const date = new Date(text);
  return { date: formats.date.format(date), short: formats.short.format(date), time: formats.time.format(date) };
}

/** The clock time of a moment, `18:41:07`. */
export const clock = (moment) => parts(moment).time;

/** The clock time of a moment, with its day where that is not today's. */
export function time(text, isShort = false) {
  if (!text) return h("span", { class: "faint" }, "–");
  const { date, short, time } = parts(text);
  const isToday = date === parts(new Date().toISOString()).date;
  const clock = isShort ? time.slice(0, 5) : time;
  return h("time", { datetime: text, title: `${date} ${time} ${zone.name}` }, isToday ? clock : `${short} ${clock}`);
}

export const day = (text) => parts(text).date;

/** Says something to those who do not see the page. */
export function say(text) {
  document.getElementById("say").textContent = text;
}

const states = {
  submitting: ["submit", "s-wait", "submitting"], running: ["run", "s-run", "running"],
  queued: ["wait", "s-wait", "queued"], stuck: ["stuck", "s-late", "stuck"],
  paused: ["pause", "s-pause", "paused"], complete: ["ok", "s-ok", "complete"],
  "complete with errors": ["part", "s-part", "with errors"],
  cancelled: ["cancel", "s-cancel", "cancelled"], expired: ["late", "s-late", "expired"],
};

/** The state of a job as people see it: the API keeps the ledger's words. */
export function shownState(row) {
  // A large job is priced while the rest of it is still being sent.
  if (row.state === "submitting" && row.done > 0) return "running";
  if (row.state !== "running") return row.state;
  const quiet = (Date.now() - Date.parse(row.lastResultAt ?? row.submittedAt)) / 1000;
  if (row.waitingFor) return quiet > 30 ? "stuck" : row.done === 0 ? "queued" : "running";
  return row.done === 0 && row.tradesPerSecond === 0 ? "queued" : "running";
}

export function state(row) {
  const [name, kind, word] = states[shownState(row)] ?? ["wait", "s-wait", row.state];
  return h("span", { class: `state ${kind}`, title: row.waitingFor }, icon(name), word);
}

/** A job's deadline, and how much time is left between its end and it. */
export function slack(row) {
  if (!row.deadline) return h("span", { class: "faint" }, "none");
  const end = Date.parse(row.deadline);
  if (row.isFinal) {
    const isHeld = row.state !== "expired" && Date.parse(row.endedAt) <= end;
    if (row.state === "cancelled") return h("span", { class: "faint" }, "–");
    return isHeld ? h("span", { class: "soft" }, "held") : h("span", { class: "bad dn" }, icon("late"), "missed");
  }
  if (row.state === "paused") return [time(row.deadline), " ", h("span", { class: "soft" }, "paused")];
  const about = row.forecast?.p50 && Date.parse(row.forecast.p50);
  const left = (end - (about || Date.now())) / 1000;
  const kind = row.forecast?.verdict === "willMiss" || left < 0 ? "bad" : row.forecast?.verdict === "mayMiss" ? "warn" : about ? "good" : "soft";
  const text = `${left < 0 ? "−" : about ? "+" : ""}${short(Math.abs(left))}`;
  return [h("time", { datetime: row.deadline, title: day(row.deadline) }, clock(row.deadline).slice(0, 5)), " ", h("span", { class: `dn ${kind}`, title: row.forecast?.reason ?? "time until the deadline; its end is not known yet" }, kind === "bad" && icon("late"), text)];
}

/** A duration in one or two units, without seconds above a minute. */
function short(seconds) {
  if (seconds < 60) return `${Math.round(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, "0")}m`;
}

/** How much of a job is done. */
export function bar(row, label = true) {
  const all = Math.max(1, row.trades);
  const good = ((row.done - row.failed) / all) * 100;
  const bad = (row.failed / all) * 100;
  const kind = row.isFinal ? (row.state.startsWith("complete") ? "g" : "p") : row.state === "paused" ? "p" : "d";
  const share = Math.floor((row.done / all) * 1000) / 10;
  return h("span", { class: "prog" },
    s("svg", { class: "bar", viewBox: "0 0 100 6", preserveAspectRatio: "none", role: "img",
      "aria-label": `${share} % of ${count(row.trades)} trades done, ${count(row.failed)} failed` },
    s("rect", { class: kind, width: good, height: 6 }),
    s("rect", { class: "e", x: good, width: bad ? Math.max(bad, 0.8) : 0, height: 6 })),
    label && h("span", { class: "num" }, `${share === 100 ? "100" : share.toFixed(1)} %`));
}

/** A table that is there whole: `columns` are [title, content of a row, class]; `sum` is its last row. */
export function table(columns, rows, empty = "Nothing here.", sum = undefined) {
  const words = columns.map(([title]) => title).join(", ");
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Table of ${words}` }, h("table", { class: "tbl" },
    h("thead", {}, h("tr", {}, columns.map(([title, , kind]) => h("th", { scope: "col", class: kind }, title)))),
    h("tbody", {}, rows.length ? rows.map((row) => h("tr", { tabindex: -1 }, columns.map(([, value, kind]) => h("td", { class: kind }, value(row)))))
      : h("tr", {}, h("td", { colspan: columns.length, class: "empty" }, empty))),
    sum && h("tfoot", {}, h("tr", {}, sum.map((value, at) => h("td", { class: columns[at][2] }, value))))));
}

/** A question before an act; resolves to the form's values, or nothing. */
export function ask(title, fields, verb, kind = "primary") {
  return new Promise((resolve) => {
    const form = h("form", { method: "dialog", onsubmit: (event) => {
      event.preventDefault();
      resolve(Object.fromEntries(new FormData(form)));
      dialog.remove();
    } },
    h("h2", { id: "ask" }, title), ...fields,
    h("div", { class: "row" },
      h("button", { class: `btn ${kind}` }, verb),
      h("button", { class: "btn", type: "button", onclick: () => { resolve(undefined); dialog.remove(); } }, "Not now")));
    const dialog = h("dialog", { "aria-labelledby": "ask", oncancel: () => { resolve(undefined); dialog.remove(); } }, form);
    document.getElementById("layer").append(dialog);
    dialog.showModal();
  });
}

export function field(label, control, hint) {
  return h("label", { class: "field" }, h("span", {}, label), control, hint && h("span", { class: "hint" }, hint));
}

/** What went wrong, with each thing in a file that cannot be used. */
export function problem(error) {
  return h("div", { class: "problem", role: "alert" }, h("div", {}, error.detail ?? String(error)),
    (error.problems ?? []).length > 0 && h("ul", {}, error.problems.map((p) =>
      h("li", {}, h("b", {}, [p.file, p.line, p.column].filter(Boolean).join(":")), p.field ? ` ${p.field}: ` : " ",
        p.message, p.expected && h("span", { class: "soft" }, `; expected ${p.expected}`)))));
}
