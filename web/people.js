// The door, one's own account, users, and who did what.

import { get, may, patch, post, put as send, query, readSession, remove, session } from "./api.js";
import { ask, count, field, h, problem, put, time } from "./dom.js";

export async function signIn(main, { go, query: given }) {
  document.title = "Sign in · valgrid";
  const message = h("div");
  put(main, h("form", { class: "panel door", onsubmit: async (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button");
    button.disabled = true;
    try {
      await post("/session", Object.fromEntries(new FormData(event.target)));
      await readSession();
      window.dispatchEvent(new Event("signed-in"));
      const to = given.get("to") ?? "/jobs";
      go(to.startsWith("/") && !to.startsWith("//") && !to.startsWith("/sign-in") ? to : "/jobs", true);
    } catch (error) {
      put(message, problem(error));
      button.disabled = false;
    }
  } }, h("h1", {}, "valgrid"), message, field("User", h("input", { name: "user", autocomplete: "username", required: true, autofocus: true })),
  field("Password", h("input", { name: "password", type: "password", autocomplete: "current-password", required: true })), h("button", { class: "btn primary" }, "Sign in")));
  main.querySelector("input").focus();
}

export async function account(main, { go }) {
  document.title = "Account · valgrid";
  const tokens = await get("/tokens");
  const message = h("div", { "aria-live": "polite" });
  const secret = h("input", { name: "new", type: "password", minlength: 12, maxlength: 256, autocomplete: "new-password", required: true });
  async function attempt(body) {
    try { put(message); await body(); } catch (error) { put(message, problem(error)); }
  }
  put(main, h("div", { class: "tools" }, h("h1", {}, `${session.user}, ${session.role}`), may("users.manage") && h("div", { class: "end" }, h("a", { class: "btn", href: "/users" }, "Users"))), message,
    session.mustChangePassword && h("div", { class: "note" }, h("span"), h("span", {}, "Your password was given to you: choose your own before you go on.")),
    h("div", { class: "form" }, h("form", { class: "panel", onsubmit: (event) => {
      event.preventDefault();
      attempt(async () => {
        await send("/session/password", Object.fromEntries(new FormData(event.target)));
        await readSession();
        go("/jobs");
      });
    } }, h("h2", {}, "Password"), field("so far", h("input", { name: "old", type: "password", autocomplete: "current-password", required: true })), field("new", secret, "at least 12 characters"), h("button", { class: "btn primary" }, "Change")),
    h("section", { class: "panel" }, h("h2", {}, "Tokens for scripts"), h("form", { class: "row", onsubmit: (event) => {
      event.preventDefault();
      const values = Object.fromEntries(new FormData(event.target));
      attempt(async () => {
        const made = await post("/tokens", { ...values, days: Number(values.days) });
        put(message, h("div", { class: "note" }, h("span"), h("span", {}, "Shown once: ", h("span", { class: "once" }, made.token))));
      });
    } }, field("For", h("input", { name: "name", required: true, maxlength: 100 })), field("Role", h("select", { name: "role" }, ["viewer", "operator", "admin"].slice(0, ["viewer", "operator", "admin"].indexOf(session.role) + 1).map((r) => h("option", {}, r)))),
    field("Days", h("input", { name: "days", type: "number", min: 1, max: 366, value: 90 })), h("button", { class: "btn" }, "Make")),
    h("ul", {}, tokens.items.map((t) => h("li", {}, h("b", {}, t.name), ` ${t.role} of ${t.user}, until `, time(t.ends), t.lastUsedAt && [", last used ", time(t.lastUsedAt)], " ", h("button", { class: "plain", onclick: () => attempt(async () => { await remove(`/tokens/${t.id}`); go("/account", true); }) }, "remove")))))),
    h("p", { class: "soft" }, "The API is described at ", h("a", { href: "/openapi.json", "data-plain": true }, "/openapi.json"), "."));
}

export async function users(main, { go }) {
  document.title = "Users · valgrid";
  const list = await get("/users");
  const message = h("div", { "aria-live": "polite" });
  async function attempt(body) {
    try { await body(); } catch (error) { put(message, problem(error)); }
  }
  const once = (name, password) => put(message, h("div", { class: "note" }, h("span"), h("span", {}, `Password of ${name}, shown once: `, h("span", { class: "once" }, password))));
  put(main, h("div", { class: "tools" }, h("h1", {}, "Users")), message,
    h("form", { class: "row", onsubmit: (event) => {
      event.preventDefault();
      attempt(async () => { const made = await post("/users", Object.fromEntries(new FormData(event.target))); once(made.name, made.password); });
    } }, field("Name", h("input", { name: "name", pattern: "[a-z0-9._@\\-]{1,64}", required: true })), field("Role", h("select", { name: "role" }, ["viewer", "operator", "admin"].map((r) => h("option", {}, r)))), h("button", { class: "btn primary" }, "Add")),
    h("div", { class: "panel scroll", tabindex: 0, role: "region", "aria-label": "Users" }, h("table", { class: "tbl" }, h("thead", {}, h("tr", {}, ["Name", "Role", "Since", "Acts"].map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, list.items.map((u) => h("tr", {}, h("td", {}, u.name, u.disabled && h("span", { class: "bad" }, " may not sign in")),
      h("td", {}, h("select", { "aria-label": `role of ${u.name}`, onchange: (e) => attempt(async () => { await patch(`/users/${u.name}`, { role: e.target.value }); go("/users", true); }) }, ["viewer", "operator", "admin"].map((r) => h("option", { selected: r === u.role }, r)))), h("td", {}, time(u.createdAt)),
      h("td", {}, h("button", { class: "plain", onclick: () => attempt(async () => once(u.name, (await patch(`/users/${u.name}`, { resetPassword: true })).password)) }, "new password"), " ",
        h("button", { class: "plain", onclick: () => attempt(async () => { await patch(`/users/${u.name}`, { disabled: !u.disabled }); go("/users", true); }) }, u.disabled ? "let in" : "lock out"), " ",
        h("button", { class: "plain", onclick: () => attempt(async () => { if (await ask(`Remove ${u.name}?`, [], "Remove", "danger")) { await remove(`/users/${u.name}`); go("/users", true); } }) }, "remove"))))))));
}

export async function audit(main, { go, query: given }) {
  document.title = "Audit · valgrid";
  const wanted = Object.fromEntries(["by", "action", "object"].map((n) => [n, given.get(n) ?? ""]));
  const list = await get(`/audit${query({ ...wanted, limit: 300 })}`);
  put(main, h("form", { class: "tools", role: "search", onsubmit: (event) => { event.preventDefault(); go(`/audit${query(Object.fromEntries(new FormData(event.target)))}`); } }, h("h1", {}, "Audit"),
    Object.keys(wanted).map((name) => h("label", { class: "find" }, h("input", { name, "aria-label": name, placeholder: { by: "user", action: "action, as jobs.", object: "job, engine" }[name], value: wanted[name] }))), h("button", { class: "btn" }, "Filter"),
    may("audit.all") && h("div", { class: "end" }, h("a", { class: "btn", href: "/api/v1/audit.csv", download: "audit.csv", "data-plain": true }, "Export CSV"))),
  h("div", { class: "panel" }, h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Audit" }, h("table", { class: "tbl" }, h("thead", {}, h("tr", {}, ["At", "Who", "From", "What", "To what", "Phase", "Came to", "Why"].map((t) => h("th", { scope: "col" }, t)))),
    h("tbody", {}, list.items.length ? list.items.map((e) => h("tr", { tabindex: -1 }, h("td", {}, time(e.at)), h("td", {}, `${e.who} (${e.role})`), h("td", {}, `${e.address} ${e.how}`), h("td", {}, e.action), h("td", {}, e.object), h("td", {}, e.phase), h("td", { class: e.outcome && e.outcome !== "done" ? "bad" : "" }, e.outcome ?? ""), h("td", {}, e.reason ?? e.after ?? "")))
      : h("tr", {}, h("td", { class: "empty", colspan: 8 }, "Nothing was done yet."))))), h("div", { class: "foot" }, h("span", {}, `${count(list.items.length)} lines`))));
}
