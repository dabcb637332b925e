// Single keys, a sheet that lists them, and a switch that turns them off (WCAG 2.1.4).

import { h } from "./dom.js";

const sheet = [
  ["n", "New job"], ["/", "Search"], ["j, k", "Next and previous row"], ["PageUp, PageDown, Home, End", "Through the rows"], ["Enter", "Open the row"], ["Space", "Mark the row"], ["c", "Compare the marked jobs"], ["p", "Pause or resume the job in hand"], ["l", "Logs"],
  ["g j", "Jobs"], ["g e", "Engines"], ["g l", "Logs"], ["g d", "Dead letters"], ["g s", "Markets"], ["t", "Zone of times"], ["?", "This sheet"],
];

export function keys(go, may, flipZone) {
  let wentFirst = false;
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || localStorage.getItem("keys") === "off") return;
    if (event.target.closest("input, select, textarea, dialog")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const first = wentFirst;
    wentFirst = event.key === "g" && !first;
    const areas = { j: "/jobs", e: "/engines", l: "/logs", d: "/deadletters", s: "/snapshots" };
    if (first && areas[event.key]) { event.preventDefault(); return go(areas[event.key]); }
    switch (event.key) {
      case "n": if (may("jobs.submit")) go("/jobs/new"); break;
      case "/": event.preventDefault(); document.querySelector(".find input")?.focus(); break;
      case "l": go("/logs"); break;
      case "t": flipZone(); break;
      case "?": help(); break;
      case "Escape": document.querySelector(".drawer [data-close]")?.click(); break;
      case "j": case "ArrowDown": case "k": case "ArrowUp": move(event); break;
      case "Enter": if (event.target.closest("tr")) event.target.closest("tr").querySelector("a[href]")?.click(); break;
      default:
    }
  });
}

/** To the next row: of the page's table of any length, or of one that is there whole. */
function move(event) {
  const step = event.key === "j" || event.key === "ArrowDown" ? 1 : -1;
  const grid = document.querySelector("main table[role=grid]");
  if (grid && event.target !== grid) {
    event.preventDefault();
    grid.focus();
    grid.dispatchEvent(new KeyboardEvent("keydown", { key: event.key }));
    return;
  }
  const rows = [...document.querySelectorAll("main tbody tr[tabindex]")];
  if (!rows.length) return;
  event.preventDefault();
  const at = rows.indexOf(document.activeElement.closest("tr"));
  rows[Math.max(0, Math.min(rows.length - 1, at + step))].focus();
}

function help() {
  const isOff = localStorage.getItem("keys") === "off";
  const dialog = h("dialog", { "aria-labelledby": "sheet", onclose: () => dialog.remove() },
    h("form", { method: "dialog" }, h("h2", { id: "sheet" }, "Keys"),
      h("dl", { class: "kv" }, sheet.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])),
      h("label", { class: "row" }, h("input", { type: "checkbox", checked: !isOff,
        onchange: (e) => localStorage.setItem("keys", e.target.checked ? "on" : "off") }), "Single keys do this"),
      h("button", { class: "btn" }, "Close")));
  document.getElementById("layer").append(dialog);
  dialog.showModal();
}
