// What may be done to a job, asked and said the same way on every page.

import { get, post } from "./api.js";
import { ask, count, field, h, icon } from "./dom.js";

const words = {
  cancel: { verb: "Cancel", icon: "cancel", kind: "danger", what: "Queued batches are skipped; the report names the trades without a value." },
  pause: { verb: "Pause", icon: "pause", what: "Batches that are being priced are finished; the deadline goes on." },
  resume: { verb: "Resume", icon: "run", what: "Its batches are priced again." },
  verify: { verb: "Verify", icon: "ok", what: "A random sample of its trades is priced again, as a job of its own, and compared bit by bit." },
  again: { verb: "Price again", icon: "again", what: "The trades are priced again on the same market, as a job of their own. This job's report stays as it is." },
  acknowledge: { verb: "Acknowledge", icon: "user", what: "Says that you have seen how it ended; it leaves the list of what needs someone." },
};

export const wordsOf = (name) => words[name] ?? { verb: name[0].toUpperCase() + name.slice(1), icon: "again", what: "" };

/** Asks what is to be done to a job, and does it; resolves to what the server answered, or to nothing. */
export async function act(name, id, row) {
  const { verb, what, kind = "primary" } = wordsOf(name);
  const more = {
    verify: () => field("Trades", h("input", { name: "trades", type: "number", min: 1, max: Math.min(100000, row?.trades ?? 1000), value: Math.min(100, row?.trades ?? 100), required: true })),
    again: () => field("Which", h("select", { name: "only" }, row?.failed !== 0 && h("option", { value: "failed" }, `the ${row?.failed ? count(row.failed) : ""} failed trades`), h("option", { value: "all" }, "all trades"))),
  }[name]?.();
  const answer = await ask(`${verb} ${id}?`, [h("p", { class: "soft" }, what), more,
    field("Why", h("input", { name: "reason", maxlength: 500 }), ["cancel", "pause", "resume"].includes(name) && "must be said for jobs of others")].filter(Boolean), verb, kind);
  if (!answer) return undefined;
  const body = answer.reason ? { reason: answer.reason } : {};
  if (answer.trades) body.trades = Number(answer.trades);
  if (answer.only) body.only = answer.only;
  try {
    return await post(`/jobs/${encodeURIComponent(id)}/${name}`, body);
  } catch (error) {
    if (error.status === 404 && error.code !== "unknown_job") error.detail = `this server cannot ${verb.toLowerCase()} jobs yet`;
    throw error;
  }
}

export const button = (name, onclick, isShort = false) => {
  const { verb, icon: picture, kind = "" } = wordsOf(name);
  return h("button", { class: isShort ? "plain" : `btn ${kind}`, onclick }, !isShort && icon(picture), `${verb}…`);
};

/** What should be known of a job's failures in a line: the largest group's message. */
export async function mainFailure({ id, failed }) {
  try {
    const { items } = await get(`/jobs/${encodeURIComponent(id)}/failures`);
    return items.length ? `${items[0].trades < failed ? `${count(items[0].trades)} of them: ` : ""}${items[0].message}` : "";
  } catch {
    return "";
  }
}
