// Critique: boxes that grow with their text and count its characters as the server does.
import { head } from "./_shared.js";

const length = (text) => [...text.trim()].length;

export function mount(root, { settings, answer, changed }) {
  const boxes = [...root.querySelectorAll("textarea")];
  const written = () => boxes.filter((box) => length(box.value) > 0);
  const grows = CSS.supports("field-sizing", "content");

  const refreshHead = head(root, {
    all: boxes.length,
    done: () => written().length,
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
      if (!grows) {
        box.style.height = "auto";
        box.style.height = `${box.scrollHeight + 2}px`;
      }
    }
    refreshHead();
  }

  const draft = () => {
    if (!written().length) return null;
    const texts = {};
    for (const box of boxes) {
      texts[box.dataset.subject] ??= {};
      texts[box.dataset.subject][box.dataset.aspect] = length(box.value) ? box.value : "";
    }
    return texts;
  };
  function set(given) {
    for (const box of boxes) box.value = given?.[box.dataset.subject]?.[box.dataset.aspect] ?? "";
    refresh();
  }

  root.addEventListener("input", () => {
    refresh();
    changed();
  });
  set(answer);

  return {
    value: () => (boxes.every((box) => length(box.value) >= settings.min_length) ? draft() : null),
    draft,
    set,
    keys: [
      {
        key: "w",
        label: root.querySelector(".fb-title").textContent,
        run: () => (boxes.find((box) => !length(box.value)) ?? boxes.at(-1)).focus(),
      },
    ],
  };
}
