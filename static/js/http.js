// Requests to our own server: JSON in, JSON out, with Django's CSRF token.
import { _ } from "./i18n.js";

/** The server answered, but not with success. `status` 0: it did not answer at all. */
export class HttpError extends Error {
  constructor(status, body = {}) {
    super(body.detail ?? body.message ?? `HTTP ${status}`);
    this.status = status;
    this.body = body;
  }
}

function token() {
  // The cookie first: it is newer than the page where somebody signed in again in another tab.
  const cookie = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
  return cookie?.[1] ?? document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

async function request(url, options) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", redirect: "manual", ...options });
  } catch {
    throw new HttpError(0, { detail: _("No connection to the server.") });
  }
  // A redirect here is the sign-in page.
  if (response.type === "opaqueredirect") throw new HttpError(401, { detail: _("You are signed out.") });
  if (!response.ok) throw new HttpError(response.status, await response.json().catch(() => ({})));
  return response;
}

/** POST JSON; gives the JSON of the answer. @throws {HttpError} */
export async function post(url, body = {}, { keepalive = false } = {}) {
  const response = await request(url, {
    method: "POST",
    keepalive,
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
    body: JSON.stringify(body),
  });
  return response.status === 204 ? {} : response.json().catch(() => ({}));
}

/** GET a fragment of HTML, parsed but inert; null for 204. @throws {HttpError} */
export async function fragment(url) {
  const response = await request(url, { headers: { Accept: "text/html", "X-Requested-With": "fetch" } });
  if (response.status === 204) return null;
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  return template.content;
}
