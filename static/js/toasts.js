// Short notices in the corner, read out by screen readers.
import { make } from "./dom.js";
import { _ } from "./i18n.js";

function area() {
  return (
    document.querySelector(".toasts") ??
    document.body.appendChild(make("div", { class: "toasts", role: "status", "aria-live": "polite" }))
  );
}

/**
 * Show a notice; returns a function that takes it away.
 * kind: "", "good" or "bad"; seconds: 0 keeps it until it is closed; action: { label, run }.
 */
export function toast(message, { kind = "", seconds = kind === "bad" ? 0 : 5, action } = {}) {
  const close = () => note.remove();
  const note = make("div", { class: `toast ${kind}` }, make("span", {}, message));
  if (action) {
    const press = () => {
      close();
      action.run();
    };
    note.append(make("button", { type: "button", class: "button small", click: press }, action.label));
  }
  note.append(make("button", { type: "button", class: "button small", "aria-label": _("Close"), click: close }, "✕"));
  area().append(note);
  if (seconds) setTimeout(close, seconds * 1000);
  return close;
}
