// What the scripts of several media need. The contract of a medium (one template and one script, found by its name):
//
//   mount(root, panes, bar) -> { keys, stop() }, or a promise of it, or null where there is nothing to do
//   root: the task's <article>; panes: its [data-pane] of this medium, in the order shown; bar: the medium's toolbar.
//   keys: [{ key, label, run(), up()? }] that the page binds; up(): the key was let go, or the window left.
//   stop(): from now on nothing plays or moves by itself; the task may be shown again later.
//
// What is judged stays where widgets find it: below [data-response], images and pages as `.viewport img` with their
// place in `style.transform`, videos and sounds as `video` and `audio`.

/**
 * Bring a bar to life: what has `data-act` calls `actions[act](element)` when it is clicked, or, with `data-hold`,
 * `actions[act](true)` as long as it is held and `actions[act](false)` after.
 *
 * Returns the keys that the bar's template names: `data-key` (several with spaces between) and `data-label`.
 */
export function wire(bar, actions) {
  bar.addEventListener("click", (event) => {
    const pressed = event.target.closest("button[data-act]");
    if (pressed && !("hold" in pressed.dataset)) actions[pressed.dataset.act](pressed);
  });
  const keys = [];
  for (const element of bar.querySelectorAll("[data-act]")) {
    const { act, hold, key, label } = element.dataset;
    if (hold !== undefined) holds(element, actions[act]);
    // Only the first of several keys is shown in the overview.
    for (const [index, name] of (key ?? "").split(" ").filter(Boolean).entries()) {
      keys.push({
        key: name,
        label: index ? "" : label,
        run: () => !element.closest("[hidden]") && actions[act](hold === undefined ? element : true),
        ...(hold === undefined ? {} : { up: () => actions[act](false) }),
      });
    }
  }
  return keys;
}

function holds(button, action) {
  button.addEventListener("pointerdown", () => action(true));
  for (const end of ["pointerup", "pointercancel", "pointerleave", "blur", "keyup"]) button.addEventListener(end, () => action(false));
  button.addEventListener("keydown", ({ key }) => (key === " " || key === "Enter") && action(true));
}

/** Whose panes there are, in order: { name: [pane, …] }; k-th pane stands against k-th pane. */
export function owners(panes, name = (pane) => pane.dataset.pane) {
  const found = new Map();
  for (const pane of panes) found.set(name(pane), [...(found.get(name(pane)) ?? []), pane]);
  return found;
}
