// The one stream of a browser: run as a shared worker, it serves all tabs; without one, a page runs it itself.

export class Stream {
  constructor(deliver) {
    this.deliver = deliver;
    this.topics = new Set(["grid", "jobs", "engines"]);
    this.source = null;
    this.last = Date.now();
    this.failures = 0;
    this.timer = setInterval(() => this.look(), 1000);
  }

  open() {
    this.source?.close();
    const source = new EventSource(`/api/v1/events?topics=${[...this.topics].map(encodeURIComponent).join(",")}`);
    this.source = source;
    source.onopen = () => { this.failures = 0; this.heard(); this.deliver({ name: "open" }); };
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED || this.source !== source) return;
      // Not all at once after a restart: up to three seconds of chance.
      this.failures += 1;
      const wait = Math.min(15000, 1000 * 2 ** Math.min(this.failures, 4)) + Math.random() * 3000;
      setTimeout(() => { if (this.source === source) this.open(); }, wait);
    };
    for (const name of ["hello", "rows", "grid", "engines", "lines", "gap"]) {
      source.addEventListener(name, (event) => {
        this.heard();
        this.deliver({ name, data: JSON.parse(event.data || "{}") });
      });
    }
  }

  close() {
    this.source?.close();
    this.source = null;
  }

  heard() { this.last = Date.now(); }

  watch(topic) {
    if (this.topics.has(topic)) return;
    this.topics.add(topic);
    if (this.source) this.open();
  }

  look() {
    const isOpen = this.source?.readyState === EventSource.OPEN;
    if (isOpen) this.heard();
    this.deliver({ name: "age", data: { seconds: Math.round((Date.now() - this.last) / 1000), isOpen } });
  }
}

// As a shared worker: every tab has a port; while none is left to see it, the stream is let go.
if (typeof SharedWorkerGlobalScope !== "undefined" && self instanceof SharedWorkerGlobalScope) {
  const ports = new Map();
  const stream = new Stream((message) => { for (const port of ports.keys()) port.postMessage(message); });
  self.onconnect = ({ ports: [port] }) => {
    ports.set(port, true);
    port.onmessage = ({ data }) => {
      if (data.watch) stream.watch(data.watch);
      if (data.visible !== undefined) ports.set(port, data.visible);
      if (data.bye) ports.delete(port);
      const isSeen = [...ports.values()].some(Boolean);
      if (isSeen && !stream.source) stream.open();
      if (!isSeen) stream.close();
    };
    port.start();
    if (!stream.source) stream.open();
  };
}
