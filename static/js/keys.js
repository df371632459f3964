// The keyboard: every binding of a page in one place, shown by "?".
import { make, store } from "./dom.js";
import { _ } from "./i18n.js";

const EDITABLE = 'input:not([type="radio"], [type="checkbox"], [type="range"], [type="button"], [type="submit"]), textarea, select, [contenteditable]:not([contenteditable="false"])';
const PRESSABLE = 'button, a[href], summary, [role="button"], [role="option"], [role="slider"]';
const SINGLE_OFF = "touchstone:single-keys-off";

let bindings = [];

/** The name of the key that was pressed: "a", "1", "Enter", "Space", "?", "Ctrl+s" (⌘ counts as Ctrl). */
export function keyName(event) {
  let key = event.key === " " ? "Space" : event.key;
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
  // On keyboards whose digits need Shift, the key of a digit counts as the digit.
  if (plain && /^Digit\d$/.test(event.code)) key = event.code.slice(5);
  if (key.length === 1) key = key.toLowerCase();
  const modifiers = [];
  if (event.ctrlKey || event.metaKey) modifiers.push("Ctrl");
  if (event.altKey) modifiers.push("Alt");
  if (event.shiftKey && key.length > 1) modifiers.push("Shift");
  return [...modifiers, key].join("+");
}

/** Whether a key that was pressed there belongs to the control with the focus, not to the page. */
export function belongsToControl(target, name) {
  if (!(target instanceof Element)) return false;
  if (name.startsWith("Ctrl+") && name !== "Ctrl+z") return false;
  if (target.closest(EDITABLE)) return true;
  if (name === "Enter" || name === "Space") return Boolean(target.closest(PRESSABLE)) || (name === "Space" && target.matches("input"));
  return false;
}

/**
 * Bind keys; returns a function that unbinds them.
 * keys: names as `keyName` gives them; label and group: for the overview; run(event);
 * when(event): only if true; inFields: also while somebody is typing.
 */
export function bind({ keys, label, group = _("Everywhere"), run, when = () => true, inFields = false }) {
  const binding = { keys: [].concat(keys), label, group, run, when, inFields };
  bindings.push(binding);
  return () => {
    bindings = bindings.filter((other) => other !== binding);
  };
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  const name = keyName(event);
  if (document.querySelector("dialog:modal")) return;
  if (store.get(SINGLE_OFF, false) && name.length === 1) return;
  const binding = bindings.findLast(
    ({ keys, inFields, when }) => keys.includes(name) && (inFields || !belongsToControl(event.target, name)) && when(event),
  );
  if (!binding) return;
  event.preventDefault();
  binding.run(event);
});

const SHOWN = { Space: "Space", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Backspace: "⌫" };

/** A <kbd> for a key's name. */
export function cap(name) {
  const parts = name.split("+").map((part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part));
  return make("kbd", {}, name === "+" ? "+" : parts.join(" "));
}

/** The overview of all keys that work now. */
export function showKeys() {
  const groups = Map.groupBy
    ? Map.groupBy(bindings.filter(({ label }) => label), ({ group }) => group)
    : bindings.filter(({ label }) => label).reduce((map, one) => map.set(one.group, [...(map.get(one.group) ?? []), one]), new Map());
  const body = make("div", { class: "body" });
  for (const [group, members] of groups) {
    const list = make("dl", { class: "keys" });
    for (const { keys, label } of members) {
      list.append(make("div", {}, make("dt", {}, ...keys.flatMap((key, index) => (index ? [" ", cap(key)] : [cap(key)]))), make("dd", {}, label)));
    }
    body.append(make("h3", {}, group), list);
  }
  const single = make("input", {
    type: "checkbox",
    checked: !store.get(SINGLE_OFF, false),
    change: (event) => store.set(SINGLE_OFF, !event.target.checked),
  });
  body.append(make("label", { class: "row" }, single, _("Keys of a single character work (turn off for speech input)")));
  const dialog = make(
    "dialog",
    { class: "wide", "aria-labelledby": "keys-title" },
    make(
      "header",
      {},
      make("h2", { id: "keys-title" }, _("Keys")),
      make("button", { type: "button", class: "button quiet small", "data-closes": true }, _("Close"), " ", cap("Escape")),
    ),
    body,
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

bind({ keys: "?", label: _("Show all keys"), run: showKeys });
document.addEventListener("click", (event) => event.target.closest("[data-show-keys]") && showKeys());
