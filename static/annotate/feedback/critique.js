// Critique: boxes that grow with their text and count its characters as the server does; errors and a score if asked.
import { grow, head, say } from "./_shared.js";

const TOP = 5; // the score that needs no words
const length = (text) => [...text.trim()].length;

export function mount(root, { settings, answer, changed }) {
  const boxes = [...root.querySelectorAll("textarea")];
  const parts = [...root.querySelectorAll("[data-about]")].map((element) => ({
    element,
    subject: element.dataset.about,
    boxes: [...element.querySelectorAll("textarea")],
    errors: [...element.querySelectorAll("[data-errors] input")],
    scores: [...element.querySelectorAll("[data-score] input")],
    need: element.querySelector("[data-need]"),
  }));

  const score = ({ scores }) => scores.find((input) => input.checked)?.value;
  const isWritten = (box) => length(box.value) > 0;
  const isMarked = ({ errors }) => errors.some((input) => input.checked);
  const lacksWords = (part) => Number(score(part) ?? TOP) < TOP && !isWritten(part.boxes.at(-1)); // where failures are named
  const given = () => [
    ...boxes.filter(isWritten),
    ...parts.filter(isMarked),
    ...parts.filter((part) => score(part) !== undefined),
  ];

  const refreshHead = head(root, {
    all: boxes.length + parts.filter(({ errors }) => errors.length).length + parts.filter(({ scores }) => scores.length).length,
    done: () => given().length,
    clear() {
      set(null);
      boxes[0].focus();
      changed();
    },
  });

  function refresh() {
    for (const box of boxes) {
      const count = box.parentElement.querySelector("[data-count]");
      count.querySelector("[data-written]").textContent = length(box.value);
      count.toggleAttribute("data-short", length(box.value) > 0 && length(box.value) < settings.min_length);
      grow(box);
    }
    for (const part of parts) if (part.need) part.need.hidden = !lacksWords(part);
    refreshHead();
  }

  const draft = () => {
    if (!given().length) return null;
    const answers = {};
    for (const part of parts) {
      const own = (answers[part.subject] = {});
      for (const box of part.boxes) own[box.dataset.aspect] = length(box.value) ? box.value : "";
      if (isMarked(part)) {
        const named = part.errors.filter(({ value }) => value);
        own.errors = Object.fromEntries(named.map(({ value, checked }) => [value, checked ? "yes" : "no"]));
      }
      if (score(part) !== undefined) own.score = Number(score(part));
    }
    return answers;
  };
  function set(answers) {
    for (const part of parts) {
      const own = answers?.[part.subject];
      for (const box of part.boxes) box.value = own?.[box.dataset.aspect] ?? "";
      for (const input of part.scores) input.checked = own?.score === Number(input.value);
      const found = Object.values(own?.errors ?? {});
      for (const input of part.errors) {
        input.checked = input.value ? own?.errors?.[input.value] === "yes" : found.length > 0 && !found.includes("yes");
      }
    }
    refresh();
  }
  const isComplete = (part) =>
    part.boxes.every((box) => length(box.value) >= settings.min_length) &&
    (isMarked(part) || !part.errors.length) &&
    (score(part) !== undefined || !part.scores.length) &&
    !lacksWords(part);

  /** The response that a digit scores: the one with the focus, else the first without a score. */
  function press(value) {
    const part =
      parts.find(({ element }) => element.contains(document.activeElement)) ??
      parts.find((other) => score(other) === undefined) ??
      parts.at(-1);
    const input = part.scores.find((other) => other.value === value);
    input.checked = true;
    if (part.element.contains(document.activeElement)) input.focus();
    refresh();
    say(root, `${part.element.dataset.letter}: ${value}`);
    changed();
  }

  root.addEventListener("input", ({ target }) => {
    if (target.matches('[type="checkbox"]') && target.checked) {
      // "None of these" goes with none of them.
      const { errors } = parts.find(({ element }) => element.contains(target));
      for (const input of errors) if (Boolean(input.value) !== Boolean(target.value)) input.checked = false;
    }
    refresh();
    changed();
  });
  set(answer);

  const write = {
    key: "w",
    label: root.querySelector(".fb-title").textContent,
    run: () => (parts.find(lacksWords)?.boxes.at(-1) ?? boxes.find((box) => !length(box.value)) ?? boxes.at(-1)).focus(),
  };
  const digits = parts[0].scores.map(({ value }) => ({ key: value, label: value, run: () => press(value) }));
  return {
    value: () => (parts.every(isComplete) ? draft() : null),
    draft,
    set,
    keys: [write, ...digits],
  };
}
