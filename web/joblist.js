// The rows of the list of jobs: those at work first, then what has ended by day; fetched page by page from
// both ends, because a job's place in the list is a key and not a number.

import { count, day } from "./dom.js";

const active = "submitting,running,paused";
const ended = "complete,complete with errors,cancelled,expired";
const size = 200;

export class JobRows {
  /** `fetchPage({ state, sort, cursor, limit })` asks the server; `wanted` is what the page filters by. */
  constructor(fetchPage, wanted) {
    Object.assign(this, { fetchPage, wanted, onChange: () => {}, active: [], head: [], tail: [], total: 0, entries: [], waiting: [] });
    // On a phone rows are cards, and a head between them would be as high as a card.
    this.hasHeads = !matchMedia("(max-width: 720px)").matches;
    this.isGrouped = wanted.sort === "-submittedAt" && !wanted.state && !wanted.needs;
  }

  async load() {
    const filter = this.isGrouped ? { state: ended } : {};
    const [atWork, page] = await Promise.all([this.isGrouped ? this.fetchPage({ state: active, limit: 500 }) : { items: [], total: 0 }, this.fetchPage({ ...filter, limit: size })]);
    Object.assign(this, { active: atWork.items, head: page.items, next: page.next, tail: [], tailNext: undefined, total: page.total, waiting: [] });
    this.asOf = page.asOf;
    this.arrange();
  }

  get length() { return this.entries.length + this.hole + this.end.length; }

  at(index) {
    if (index < this.entries.length) return this.entries[index];
    return this.end[index - this.entries.length - this.hole];
  }

  arrange() {
    this.entries = [];
    if (this.isGrouped && this.active.length) {
      if (this.hasHeads) this.entries.push(head("Active", this.active, true));
      this.entries.push(...this.active);
    }
    let group;
    for (const row of this.head) {
      const name = this.isGrouped && this.hasHeads ? dayName(row) : undefined;
      if (name !== group?.group) {
        group = { group: name, members: [] };
        this.entries.push(group);
      }
      if (group) group.members.push(row);
      this.entries.push(row);
    }
    // What a head says of its jobs is known when the last of them is.
    for (const entry of this.entries) {
      if (entry.members) Object.assign(entry, head(entry.group, entry.members, entry !== group || !this.next));
    }
    this.hole = Math.max(0, this.total - this.head.length - this.tail.length);
    this.end = this.hole > 0 || this.tail.length ? this.tail : [];
    this.onChange();
  }

  need(first, last) {
    const known = this.entries.length;
    if (this.hole > 0 && last > known - size && first < known + size * 4) this.more();
    else if (this.hole > 0 && last > known) this.moreOfTheEnd();
  }

  async more() {
    if (this.isAsking || !this.next) return;
    this.isAsking = true;
    try {
      const page = await this.fetchPage({ ...(this.isGrouped ? { state: ended } : {}), cursor: this.next, limit: size });
      this.head.push(...page.items);
      Object.assign(this, { next: page.next, total: page.total });
      this.join();
    } catch { /* Asked for again when it is looked at again. */ } finally { this.isAsking = false; }
    this.arrange();
  }

  /** The same list from its other end. */
  async moreOfTheEnd() {
    if (this.isAsking || (this.tail.length && !this.tailNext)) return;
    this.isAsking = true;
    try {
      const sort = this.wanted.sort.startsWith("-") ? this.wanted.sort.slice(1) : `-${this.wanted.sort}`;
      const page = await this.fetchPage({ ...(this.isGrouped ? { state: ended } : {}), sort, cursor: this.tailNext, limit: size });
      this.tail.unshift(...page.items.reverse());
      Object.assign(this, { tailNext: page.next, total: page.total });
      this.join();
    } catch { /* As above. */ } finally { this.isAsking = false; }
    this.arrange();
  }

  join() {
    if (this.head.length + this.tail.length < this.total) return;
    const known = new Set(this.head.map((row) => row.id));
    this.head.push(...this.tail.filter((row) => !known.has(row.id)));
    this.tail = [];
    this.next = undefined;
  }

  /** Takes rows that changed; new ones wait where somebody reads. Returns how many rows came above. */
  change(rows, isRead) {
    let above = 0;
    for (const row of rows) {
      const lists = [this.active, this.head, this.tail, this.waiting];
      const list = lists.find((l) => l.some((r) => r.id === row.id));
      if (!this.isGrouped) {
        if (list) list[list.findIndex((r) => r.id === row.id)] = row;
      } else if (list === this.active && row.isFinal) {
        this.active = this.active.filter((r) => r.id !== row.id);
        this.insert(row);
      } else if (list) {
        list[list.findIndex((r) => r.id === row.id)] = row;
      } else if (row.isFinal) this.insert(row);
      else if (isRead) this.waiting.unshift(row);
      else { this.active.unshift(row); above += 1; }
    }
    this.arrange();
    return above;
  }

  /** Shows the rows that waited. */
  show() {
    for (const row of this.waiting.splice(0).reverse()) {
      if (row.isFinal) this.insert(row);
      else this.active.unshift(row);
    }
    this.arrange();
  }

  insert(row) {
    const place = this.head.findIndex((r) => r.submittedAt < row.submittedAt);
    this.total += 1;
    if (place >= 0) this.head.splice(place, 0, row);
    else if (!this.next) this.head.push(row);
  }
}

function dayName(row) {
  const name = day(row.submittedAt);
  return name === day(new Date().toISOString()) ? "Ended today" : name;
}

function head(group, members, isWhole) {
  const sum = (of) => members.reduce((n, row) => n + of(row), 0);
  const note = isWhole ? `${count(members.length)} job${members.length === 1 ? "" : "s"}, ${count(sum((r) => r.trades))} trades, ${
    group === "Active" ? `${count(sum((r) => r.trades - r.done))} to do` : `${count(sum((r) => r.failed))} failed`}` : "";
  return { group, note };
}
