// Small things that several modules need.

/** An element: `make("p", { class: "muted" }, "text", child)`. Text is always text, never markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** The data in `<script type="application/json">` with this id, as Django's json_script writes it. */
export function data(id, root = document) {
  return JSON.parse(root.querySelector(`#${CSS.escape(id)}`).textContent);
}

/** Call `run` once nothing has called it for `wait` milliseconds; `.now()` calls it at once if it is due. */
export function debounce(run, wait) {
  let timer = null;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => later.now(), wait);
  };
  later.now = () => {
    if (timer === null) return;
    later.cancel();
    run();
  };
  later.cancel = () => {
    clearTimeout(timer);
    timer = null;
  };
  return later;
}

/** A random UUID; `crypto.randomUUID` exists on secure origins only, and a demo on a LAN is none. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** localStorage as JSON; where the browser refuses it, memory. */
export const store = {
  memory: new Map(),
  get(key, otherwise = null) {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? otherwise;
    } catch {
      return this.memory.get(key) ?? otherwise;
    }
  },
  set(key, value) {
    this.memory.set(key, value);
    try {
      localStorage.setItem(key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
  remove(key) {
    this.memory.delete(key);
    try {
      localStorage.removeItem(key);
    } catch {
      // Nothing was kept there.
    }
  },
};
