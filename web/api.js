// The API of the page. Every answer is JSON, every refusal a problem with a code.

export const session = { user: null, role: "viewer", rights: [], csrf: null };

export const may = (right) => session.rights.includes(right);

class Refusal extends Error {
  constructor(body, status) {
    super(body.detail ?? `the server answered ${status}`);
    Object.assign(this, { detail: this.message, problems: [], ...body, status });
  }
}

async function call(method, path, body, headers = {}) {
  const options = { method, headers: { ...headers }, credentials: "same-origin" };
  if (method !== "GET" && session.csrf) options.headers["X-CSRF"] = session.csrf;
  if (body !== undefined) options.body = body instanceof Blob ? body : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, options);
  } catch {
    throw new Refusal({ detail: "the page's server does not answer", code: "unreachable" }, 0);
  }
  const text = await answer.text();
  let value;
  try { value = text ? JSON.parse(text) : {}; } catch { value = { detail: text.slice(0, 300) }; }
  if (answer.ok) return value;
  if (answer.status === 401 && path !== "/session" && location.pathname !== "/sign-in") {
    window.dispatchEvent(new Event("signed-out"));
  }
  throw new Refusal(value, answer.status);
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}, headers) => call("POST", path, body, headers);
/** What takes a while to be made: asked again until it is there, while `progress` is told how far it is. */
export async function whenReady(path, progress = () => {}) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await get(path);
    } catch (error) {
      if (error.code !== "index_building" || tries > 120) throw error;
      progress(error.detail);
      await new Promise((done) => setTimeout(done, 500));
    }
  }
}

export const put = (path, body, headers) => call("PUT", path, body, headers);
export const patch = (path, body) => call("PATCH", path, body);
export const remove = (path) => call("DELETE", path);

/** Sends a file, in parts, so that one that breaks off goes on. */
export async function upload(file, progress = () => {}) {
  const part = 16 << 20;
  const name = encodeURIComponent(file.name);
  const made = await call("POST", `/uploads?name=${name}&length=${file.size}`, file.slice(0, part));
  let offset = Math.min(part, file.size);
  progress(offset, file.size);
  let failures = 0;
  while (offset < file.size) {
    try {
      await call("PATCH", `/uploads/${made.id}`, file.slice(offset, offset + part), { "Upload-Offset": String(offset) });
      offset = Math.min(offset + part, file.size);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures > 5 || (error.status >= 400 && error.status !== 409 && error.status !== 429)) throw error;
      await new Promise((done) => setTimeout(done, 500 * failures));
      offset = (await get(`/uploads/${made.id}`)).bytes;
    }
    progress(offset, file.size);
  }
  return made.id;
}

/** The session that the browser has; nothing without one. */
export async function readSession() {
  try {
    Object.assign(session, await get("/session"));
    return session;
  } catch (error) {
    if (error.status === 401) return undefined;
    throw error;
  }
}

export const query = (values) => {
  const text = new URLSearchParams(Object.entries(values).filter(([, v]) => v !== undefined && v !== "" && v !== null)).toString();
  return text ? `?${text}` : "";
};
