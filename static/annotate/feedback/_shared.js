// What several feedback widgets need: keys, spoken status, groups of radio buttons.
//
// The contract of a widget (one module a kind, found by its name):
//   mount(root, { settings, responses, criteria, drawn, answer, changed, finished })
//     -> { value(), draft(), set(answer), keys }
//   responses: [{ key, label, text }] in the order shown; drawn: their keys in an order drawn by lot;
//   changed() is called after each edit by the rater;
//   finished() where the rater is done with the question for good: the task is sent if nothing required is open;
//   value(): the answer, or null while it is untouched or incomplete; draft(): what there is so far in the same
//   shape, or null while untouched; set(): restores an answer or a draft, null clears;
//   keys: [{ key, label, run() }] that the page binds.

import { fill } from "../../js/i18n.js";

/** Keys of numbered choices, as they lie on the keyboard. */
export const KEYS = [..."1234567890-="];

/** Say something to a screen reader. */
export function say(root, text) {
  root.querySelector("[data-status]").textContent = text;
}

/** The head of a question: how far it is, and a button that clears it. */
export function head(root, { all, done, clear }) {
  const progress = root.querySelector("[data-progress]");
  const button = root.querySelector("[data-clear]");
  button.addEventListener("click", clear);
  return function refresh() {
    if (all > 1) progress.textContent = fill(progress.dataset.pattern, { done: done(), all });
    button.hidden = done() === 0;
  };
}

/**
 * Groups of radio buttons, `[data-group]`, that are answered one after the other.
 *
 * One group is the next to be answered (`data-active`); `press(match)` answers it by key and goes on. The focus
 * follows only if it was in the widget already, so that keys work without taking the focus from the page.
 *   answers(read): [[group, read(input) or null], …];  restore(match): checks what match(group, input) wants.
 */
export function radioGroups(root, changed) {
  const groups = [...root.querySelectorAll("[data-group]")];
  const inputs = (group) => [...group.querySelectorAll('input[type="radio"]')];
  const chosen = (group) => inputs(group).find((input) => input.checked);
  const open = (after = -1) => [...groups.slice(after + 1), ...groups.slice(0, after + 1)].find((group) => !chosen(group));
  let active = null;

  const refreshHead = head(root, {
    all: groups.length,
    done: () => groups.filter(chosen).length,
    clear() {
      restore(() => false);
      inputs(groups[0])[0].focus();
      changed();
    },
  });

  function activate(group) {
    active = group;
    for (const other of groups) other.toggleAttribute("data-active", other === group);
  }

  function refresh() {
    refreshHead();
    for (const group of groups) {
      const says = group.querySelector("[data-says]");
      if (says) says.textContent = chosen(group)?.dataset.label ?? "";
    }
    root.toggleAttribute("data-many", groups.length > 1);
  }

  function restore(match) {
    for (const group of groups) for (const input of inputs(group)) input.checked = match(group, input);
    activate(open());
    refresh();
  }

  function press(match) {
    const group = active ?? groups.find((other) => other.contains(document.activeElement)) ?? groups.at(-1);
    const input = group && inputs(group).find(match);
    if (!input) return;
    input.checked = true;
    const next = open(groups.indexOf(group));
    if (root.contains(document.activeElement)) (next ? inputs(next)[0] : input).focus();
    activate(next ?? group);
    active.scrollIntoView({ block: "nearest" });
    refresh();
    say(root, `${group.dataset.title}: ${input.dataset.label}`);
    changed();
  }

  root.addEventListener("focusin", (event) => {
    const group = event.target.closest("[data-group]");
    if (group) activate(group);
  });
  root.addEventListener("click", (event) => {
    // A click of the mouse goes on to the next group; arrow keys also click, and stay.
    if (event.target.matches('input[type="radio"]') && event.detail > 0) activate(open() ?? event.target.closest("[data-group]"));
  });
  root.addEventListener("change", () => {
    refresh();
    changed();
  });

  return {
    inputs: () => inputs(groups[0] ?? root),
    complete: () => groups.every(chosen),
    answers: (read) => groups.map((group) => [group, chosen(group) ? read(chosen(group)) : null]).filter(([, value]) => value !== null),
    restore,
    press,
  };
}

const GROWS = CSS.supports("field-sizing", "content");

/** Let a text box be as high as its text, where the style sheet cannot. */
export function grow(box) {
  if (GROWS) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
}
