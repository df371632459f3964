// Long texts are folded to a height, given in rem by data-fold; what belongs together opens together.
import { make } from "../js/dom.js";
import { plural } from "../js/i18n.js";

/** Fold what is too long below `root`, which must be on the page. */
export function fold(root) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  // What stands within something else first: it may make that short enough.
  for (const element of [...root.querySelectorAll("[data-fold]:not([data-folded])")].reverse()) {
    const limit = Number(element.dataset.fold) * rem;
    // Folding is worth it only where it hides a good part.
    if (element.scrollHeight < limit * 1.25) continue;
    element.dataset.folded = "yes";
    element.style.setProperty("--fold", `${element.dataset.fold}rem`);
    const words = element.textContent.trim().split(/\s+/).length;
    const count = words.toLocaleString(document.documentElement.lang || "en");
    const label = plural("Show all {count} words", "Show all {count} words", words, { count });
    const button = make("button", { type: "button", class: "button small unfold", "aria-expanded": "false" }, `${label} `);
    button.append(make("kbd", {}, "E"));
    button.addEventListener("click", () => unfold(root, element.closest(".candidates") ? ".candidates" : null, element));
    element.after(button);
  }
}

/** Open one text, or with `group` all those of the group, so that candidates are read at the same length. */
export function unfold(root, group = null, only = null) {
  const chosen = only && !group ? [only] : root.querySelectorAll(`${group ?? ""} [data-folded="yes"]`);
  for (const element of chosen) {
    element.dataset.folded = "open";
    element.nextElementSibling?.remove();
  }
}
