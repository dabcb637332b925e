// Engines, what they run on, and how many there are.

import { get, may, post, put as send } from "./api.js";
import { ask, bytes, count, duration, field, h, problem, put, rate, table, time } from "./dom.js";

export async function engines(main, { onLive, parts }) {
  if (parts[0]) return engine(main, parts[0]);
  document.title = "Engines · valgrid";
  const list = h("section", { class: "panel" });
  const scaleBox = h("section", { class: "panel" });
  const cluster = h("div", { class: "stack" });
  const message = h("div", { "aria-live": "polite" });
  put(main, h("div", { class: "tools" }, h("h1", {}, "Engines")), message, h("div", { class: "stack" }, scaleBox, list, cluster));

  function drawEngines(items) {
    put(list, h("header", {}, h("h2", {}, "Engines by heartbeat")), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Engines" }, h("table", { class: "tbl" },
      h("thead", {}, h("tr", {}, ["Engine", "State", "Host", "Busy", "Trades/s", "Priced", "Up", "Memory", "Version", "Works on", ""].map((t) => h("th", { scope: "col", class: ["Trades/s", "Priced"].includes(t) && "num" }, t || h("span", { class: "visually-hidden" }, "Acts"))))),
      h("tbody", {}, items.length ? items.map((e) => h("tr", { tabindex: -1 }, h("td", { class: "id" }, h("a", { href: `/engines/${encodeURIComponent(e.engine)}` }, e.engine)),
        h("td", {}, h("span", { class: e.state === "silent" ? "bad" : e.state === "live" ? "good" : "soft" }, e.state), e.state === "silent" && ` for ${duration(e.secondsSinceHeartbeat)}`),
        h("td", {}, e.host), h("td", {}, `${e.busyPricers}/${e.pricers}`), h("td", { class: "num" }, rate(e.tradesPerSecond)), h("td", { class: "num" }, count(e.tradesPriced)), h("td", {}, duration(e.secondsUp)),
        h("td", {}, bytes(e.residentBytes + e.pricerResidentBytes)), h("td", {}, e.version), h("td", {}, e.work[0] ? h("a", { href: `/jobs/${encodeURIComponent(e.work[0].job)}` }, `batch ${e.work[0].batch} of ${e.work[0].job}`) : "–"),
        h("td", {}, may("engines.end") && e.state === "live" && h("button", { class: "plain", onclick: () => end(e.engine) }, "End…"))))
        : h("tr", {}, h("td", { class: "empty", colspan: 11 }, "No engine was heard in the last day. Start one, or scale up."))))));
  }

  async function end(engine) {
    const answer = await ask(`End ${engine}?`, [field("How", h("select", { name: "how" }, h("option", { value: "drain" }, "drain: it finishes what it prices"), h("option", { value: "now" }, "now: others price its batches again"))), field("Why", h("input", { name: "reason", required: true }))], "End", "danger");
    if (answer) await act(() => post(`/engines/${encodeURIComponent(engine)}/end`, answer));
  }

  async function act(body) {
    try {
      const { what, before, after } = await body();
      put(message, h("div", { class: "note" }, h("span"), h("span", {}, `${what}: ${before} before, ${after} now.`)));
    } catch (error) {
      put(message, problem(error));
    }
    document.activeElement?.blur();
    await look();
  }

  function drawScale(scale) {
    const hasBounds = scale.least !== undefined && scale.least !== null;
    const number = (name, value) => h("input", { type: "number", name, value, min: 0, max: 1000, required: true });
    const form = h("form", { class: "pad row", onsubmit: (event) => {
      event.preventDefault();
      const values = Object.fromEntries(new FormData(form));
      const body = { reason: values.reason };
      for (const name of ["count", "least", "most"]) if (values[name] !== undefined && values[name] !== "") body[name] = Number(values[name]);
      act(() => send("/scale", body, { "If-Match": `"${scale.etag}"` }));
    } },
    hasBounds ? [field("At least", number("least", scale.least)), field("At most", number("most", scale.most))] : field("Engines", number("count", scale.desired)),
    field("Why", h("input", { name: "reason", required: true, maxlength: 200 })), h("button", { class: "btn primary" }, "Scale"),
    scale.held && h("button", { class: "btn", type: "button", onclick: () => act(() => send("/scale", { giveBack: true, reason: "given back" })) }, "Give the bounds back"));
    put(scaleBox, h("header", {}, h("h2", {}, "Scale"), h("span", { class: "soft" }, { kubernetes: "on Kubernetes", local: "processes of this machine", none: "not from here" }[scale.kind])),
      h("p", { class: "pad" }, h("b", {}, count(scale.count)), ` of ${count(scale.desired)} engines`, scale.draining > 0 && `, ${count(scale.draining)} draining`, hasBounds && `; the autoscaler keeps ${scale.least} to ${scale.most}`, scale.reason && h("span", { class: "soft" }, ` ${scale.reason}`)),
      scale.kind !== "none" && may("scale") && form);
  }

  function drawCluster(c) {
    const kubernetes = c.kind === "kubernetes";
    put(cluster, (c.pods ?? []).length > 0 && h("section", { class: "panel" }, h("header", {}, h("h2", {}, kubernetes ? "Pods" : "Processes")), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Pods" }, h("table", { class: "tbl" },
      h("thead", {}, h("tr", {}, [kubernetes ? "Pod" : "Engine", "Node", "Phase", "Restarts", "CPU", "Started", "Why", "Log"].map((t) => h("th", { scope: "col", class: t === "Restarts" && "num" }, t)))),
      h("tbody", {}, c.pods.map((p) => h("tr", {}, h("td", { class: "id" }, p.name), h("td", {}, p.node), h("td", { class: p.ready ? "good" : "warn" }, p.phase), h("td", { class: "num" }, count(p.restarts)), h("td", {}, p.cpuMillicores ? `${p.cpuMillicores} m` : "–"), h("td", {}, time(p.startedAt)), h("td", {}, p.reason ?? ""),
        h("td", {}, h("a", { href: `/api/v1/pods/${encodeURIComponent(p.name)}/log?tail=1000`, target: "_blank", "data-plain": true }, "log")))))))),
    (c.nodes ?? []).length > 0 && kubernetes && h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Nodes")), c.nodes.map((n) => h("div", { class: "group" }, h("b", {}, n.name), h("span", {}, n.ready === false ? "not ready" : n.ready ? "ready" : ""), h("span", { class: "why" }, `${n.cpu ?? ""} ${n.memory ?? ""} ${n.pods.join(", ")}`)))),
    c.autoscaler && h("section", { class: "panel" }, h("header", {}, h("h2", {}, `Autoscaler (${c.autoscaler.kind})`)), (c.autoscaler.conditions ?? []).map((n) => h("div", { class: "group" }, h("b", {}, n.type), h("span", {}, n.status), h("span", { class: "why" }, `${n.reason}: ${n.message}`)))),
    (c.events ?? []).length > 0 && h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Events")), c.events.slice(0, 30).map((e) => h("div", { class: "group" }, h("span", {}, h("b", {}, e.reason), ` ${e.object}`), time(e.at), h("span", { class: "why", title: e.message }, e.message)))),
    (c.forbidden ?? []).length > 0 && h("section", { class: "panel" }, h("header", {}, h("h2", {}, "Not permitted here")), c.forbidden.map((f) => h("div", { class: "group" }, h("b", {}, f.what), h("span", { class: "why" }, f.why)))));
  }

  async function look() {
    const [e, sc, cl] = await Promise.all([get("/engines"), get("/scale"), get("/cluster")]);
    drawEngines(e.items);
    // A form that somebody fills in stays as it is.
    if (!scaleBox.contains(document.activeElement)) drawScale(sc);
    drawCluster(cl);
  }

  await look();
  let due = 0;
  onLive(({ name, data }) => {
    if (name === "engines") drawEngines(data.items);
    if (name === "age" && Date.now() > due) { due = Date.now() + 3000; look().catch(() => {}); }
  });
}

/** One engine, with all that its heartbeats say. */
async function engine(main, name) {
  document.title = `${name} · valgrid`;
  const { items } = await get("/engines");
  const e = items.find((i) => i.engine === name);
  if (!e) throw { detail: `engine ${name} was not heard in the last day` };
  const rows = [["state", e.state], ["host", `${e.host}, process ${e.pid}`], ["since", time(e.startedAt)], ["last heard", time(e.lastHeartbeat)], ["version", `${e.version}, ${e.library}`], ["delivery", e.delivery], ["pricers busy", `${e.busyPricers} of ${e.pricers}`],
    ["pricers that were started again", count(e.pricerRestarts)], ["rate", `${rate(e.tradesPerSecond)} trades/s`], ["priced", `${count(e.tradesPriced)} trades in ${count(e.batchesPriced)} batches`], ["memory", `${bytes(e.residentBytes)} and ${bytes(e.pricerResidentBytes)} of its pricers`], ["partitions", e.partitions.join(", ")]];
  put(main, h("p", { class: "crumbs soft" }, h("a", { href: "/engines" }, "Engines"), ` / ${name}`), h("div", { class: "head" }, h("div", { class: "title" }, h("h1", {}, name)), h("div", { class: "acts" }, h("a", { class: "btn", href: `/logs?engine=${encodeURIComponent(name)}` }, "Its log lines"))),
    h("div", { class: "cols" }, h("section", { class: "panel" }, h("dl", { class: "kv" }, rows.map(([k, v]) => [h("dt", {}, k), h("dd", {}, v)]))),
      h("section", { class: "panel" }, h("header", {}, h("h2", {}, "In work")), table([["Job", (w) => h("a", { href: `/jobs/${encodeURIComponent(w.job)}` }, w.job)], ["Batch", (w) => count(w.batch), "num"], ["Since", (w) => duration(w.seconds), "num"]], e.work, "Nothing."))));
}
