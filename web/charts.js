// Charts of a few hundred points, binned by the server; the text beside each says the same in words.

import { clock as clockOf, count, duration, h, s, time } from "./dom.js";

const clock = (moment, isFine) => (isFine ? clockOf(moment) : clockOf(moment).slice(0, 5));

/** Four round steps up to the most. */
function steps(most) {
  const raw = most / 4;
  const unit = 10 ** Math.floor(Math.log10(Math.max(raw, 1e-9)));
  const step = [1, 2, 2.5, 5, 10].find((n) => n * unit >= raw) * unit;
  return Array.from({ length: Math.floor(most / step) + 2 }, (_, i) => i * step).filter((v) => v <= most * 1.15 + step * 0.5);
}

/** Trades a second over time, with a mark where the number of engines at work changed, and on to the forecast end. */
export function rateChart(timeline, forecastEnd) {
  const { rate, engines } = timeline;
  const [width, height, left, bottom] = [470, 158, 40, 22];
  const [from, to] = [Date.parse(timeline.from), Date.parse(timeline.to)];
  const until = Math.max(to, forecastEnd && forecastEnd - to < (to - from) * 4 ? forecastEnd : to);
  const scale = steps(Math.max(1, ...rate));
  const top = scale.at(-1);
  const x = (moment) => left + ((moment - from) / Math.max(1, until - from)) * (width - left - 4);
  const y = (v) => height - bottom - (v / top) * (height - bottom - 18);
  const middle = (bin) => from + (bin + 0.5) * timeline.binSeconds * 1000;
  const points = rate.map((v, bin) => `${x(Math.min(to, middle(bin))).toFixed(1)} ${y(v).toFixed(1)}`);
  const marks = comings(engines, rate.length).map(({ bin, text }) => ({ at: from + bin * timeline.binSeconds * 1000, text }));
  const ticks = [0, 0.33, 0.66, 1].map((part) => from + (until - from) * part);
  const isFine = until - from < 300000;
  const mean = rate.length ? rate.slice(-5).reduce((a, b) => a + b, 0) / Math.min(5, rate.length) : 0;
  return s("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label":
    `Trades a second, at most ${count(Math.round(Math.max(0, ...rate)))}, ${count(Math.round(mean))} at the end; ${marks.map((m) => `${m.text} at ${clock(m.at, true)}`).join(", ")}` },
  scale.map((v) => [s("path", { class: "grid", d: `M${left} ${y(v)}H${width - 4}` }), s("text", { x: left - 5, y: y(v) + 4, "text-anchor": "end" }, count(Math.round(v)))]),
  points.length > 1 && s("path", { class: "area", d: `M${x(from)} ${y(0)} L${points.join(" L")} L${x(to)} ${y(0)}Z` }),
  points.length > 1 && s("path", { class: "line", d: `M${points.join(" L")}` }),
  until > to && s("path", { class: "fc", d: `M${x(to)} ${y(mean)} H${x(until)}` }),
  marks.map((mark) => [s("path", { class: "mark", d: `M${x(mark.at)} 14V${height - bottom}` }), s("text", { class: "markt", x: Math.max(left + 36, Math.min(width - 40, x(mark.at))), y: 10, "text-anchor": "middle" }, mark.text)]),
  ticks.map((at, i) => s("text", { x: x(at), y: height - 6, "text-anchor": i === 0 ? "start" : i === 3 ? "end" : "middle" }, clock(at, isFine))));
}

/** Where the number of engines that work changed; the last three that are apart enough to be read. */
function comings(engines, bins) {
  const spans = engines.map((e) => [e.cells.findIndex((c) => c > 0), e.cells.findLastIndex((c) => c > 0)]).filter(([first]) => first >= 0);
  const at = (bin) => spans.filter(([first, last]) => bin >= first && bin <= last).length;
  const found = [];
  let before = 0;
  for (let bin = 0; bin < bins - 2; bin += 1) {
    const now = at(bin);
    if (now === before || at(bin + 1) !== now) continue;
    if (before > 0 && bin - (found.at(-1)?.bin ?? -bins) > bins / 5) found.push({ bin, text: `${before} to ${now} engines` });
    before = now;
  }
  return found.slice(-3);
}

/** A row an engine, a cell a bin: how busy it was. */
export function engineStrip(timeline) {
  const [width, left, step] = [720, 130, 19];
  const height = timeline.engines.length * step + 22;
  const cell = (width - left) / Math.max(1, timeline.rate.length);
  return s("svg", { class: "heat", viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": timeline.engines.map((e) => `${e.engine}: ${count(e.batches)} batches`).join("; ") || "no engine yet" },
  timeline.engines.map((engine, row) => [
    s("text", { x: 0, y: row * step + 13 }, engine.engine.length > 19 ? `${engine.engine.slice(0, 18)}…` : engine.engine),
    engine.cells.map((busy, bin) => busy > 0 && s("rect", { class: `h${Math.min(4, Math.max(1, Math.ceil(busy * 4)))}`, x: left + bin * cell, y: row * step + 2, width: Math.max(0.6, cell - (cell > 4 ? 1 : 0)), height: step - 4 })),
  ]),
  [0, 0.5, 1].map((part, i) => s("text", { x: left + (width - left) * part, y: height - 5, "text-anchor": ["start", "middle", "end"][i] },
    clock(Date.parse(timeline.from) + (Date.parse(timeline.to) - Date.parse(timeline.from)) * part, true))));
}

export const stripKey = () => h("ul", { class: "key" }, h("li", {}, s("svg", { class: "swh", viewBox: "0 0 40 10", "aria-hidden": "true" },
  [1, 2, 3, 4].map((n) => s("rect", { class: `h${n}`, x: (n - 1) * 10, width: 9, height: 10 }))), "less to more busy"));

/** A small line of what was lately. */
export function spark(values) {
  const most = Math.max(1, ...values);
  const path = values.map((v, i) => `${i ? "L" : "M"}${((i / Math.max(1, values.length - 1)) * 74).toFixed(1)} ${(17 - (v / most) * 15).toFixed(1)}`).join(" ");
  return s("svg", { class: "spark", viewBox: "0 0 74 18", "aria-hidden": "true" }, s("path", { class: "a", d: `${path} L74 18 L0 18Z` }), s("path", { d: path }));
}

export const span = (timeline) => h("span", { class: "soft" }, time(timeline.from), " to ", time(timeline.to));

/** How long a bin is. */
export const binLength = ({ binSeconds: s }) => (s < 1 ? `${Math.round(s * 1000)} ms` : duration(s));
