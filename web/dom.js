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

function parts(text) {
  const date = new Date(text);
  const options = { hour12: false, timeZone: zone.isUTC ? "UTC" : undefined };
  return {
    date: date.toLocaleDateString("en-GB", { ...options, day: "numeric", month: "long", year: "numeric" }),
    short: date.toLocaleDateString("en-GB", { ...options, day: "numeric", month: "short" }),
    time: date.toLocaleTimeString("en-GB", options),
  };
}

/** The clock time of a moment, with its day where that is not today's. */
export function time(text) {
  if (!text) return h("span", { class: "faint" }, "–");
  const { date, short, time } = parts(text);
  const isToday = date === parts(new Date().toISOString()).date;
  return h("time", { datetime: text, title: `${date} ${time} ${zone.name}` }, isToday ? time : `${short} ${time}`);
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
  if (row.state !== "running") return row.state;
  if (row.done === 0 && row.waitingFor) return "queued";
  return "running";
}

export function state(row) {
  const [name, kind, word] = states[shownState(row)] ?? ["wait", "s-wait", row.state];
  return h("span", { class: `state ${kind}`, title: row.waitingFor }, icon(name), word);
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

/** A line over time; `values` has at most 600 numbers. */
export function line(values, { width = 600, height = 120, unit = "" } = {}) {
  const most = Math.max(1e-9, ...values);
  const x = (i) => (values.length < 2 ? 0 : (i / (values.length - 1)) * width);
  const y = (v) => height - 14 - (v / most) * (height - 24);
  const path = values.map((v, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join(" ");
  return s("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `${values.length} values from ${count(Math.round(Math.min(...values)))} to ${count(Math.round(most))} ${unit}` },
  s("path", { class: "area", d: `${path} L${width} ${height - 14} L0 ${height - 14}Z` }),
  s("path", { class: "line", d: path }),
  s("text", { x: 2, y: 9 }, `${count(Math.round(most))} ${unit}`));
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
