// What changes, as it changes: one stream a browser, however many tabs.

import { Stream } from "./stream.js";

const listeners = new Set();
let send = () => {};

function deliver(message) {
  for (const listener of listeners) listener(message);
}

/** Begins to listen. */
export function start() {
  if (typeof SharedWorker === "undefined") {
    const stream = new Stream(deliver);
    send = (message) => {
      if (message.watch) stream.watch(message.watch);
      if (message.visible === true && !stream.source) stream.open();
      if (message.visible === false) stream.close();
    };
    stream.open();
  } else {
    const url = new URL("./stream.js", import.meta.url).href;
    const policy = window.trustedTypes?.createPolicy("valgrid-worker", { createScriptURL: (text) => text });
    const worker = new SharedWorker(policy ? policy.createScriptURL(url) : url, { type: "module", name: "valgrid" });
    worker.port.onmessage = ({ data }) => deliver(data);
    worker.port.start();
    send = (message) => worker.port.postMessage(message);
    window.addEventListener("pagehide", () => send({ bye: true }));
  }
  let hidden;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(() => send({ visible: false }), 60000);
    else send({ visible: true });
  });
}

/** Calls a function with every message until the page is left. */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Asks for a topic beyond the usual ones. */
export const watch = (topic) => send({ watch: topic });
