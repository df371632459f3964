// A tournament of a ranking: one pair after the other, the better goes on. What is played: annotate/feedback/ranking.py.
import { make } from "../../js/dom.js";
import { fill } from "../../js/i18n.js";
import { head, say } from "./_shared.js";

const TIE = "tie";

/** The match to play after those in `played`: { a, b } with a the earlier seed, or null; and whoever is left. */
export function next(seeds, played) {
  const said = [...played];
  let left = [...seeds];
  while (left.length > 1) {
    const waits = left.length % 2 ? [left.pop()] : [];
    const won = [];
    for (let i = 0; i < left.length; i += 2) {
      const [a, b] = [left[i], left[i + 1]].sort((x, y) => seeds.indexOf(x) - seeds.indexOf(y));
      const match = said.shift();
      if (match?.a !== a || match.b !== b) return { match: { a, b }, left: null };
      won.push(match.chosen === b ? b : a);
    }
    left = [...waits, ...won];
  }
  return { match: null, left: left[0] };
}

export function mount(root, { responses, drawn, answer, changed }) {
  const order = responses.map(({ key }) => key);
  const label = (key) => responses.find((response) => response.key === key).label;
  const all = order.length - 1;
  const buttons = [...root.querySelectorAll("[data-chosen]")];
  const candidates = root.closest("[data-task]")?.querySelector(".candidates");
  let played = [];
  let now = null; // { match, left }

  const refreshHead = head(root, {
    all,
    done: () => played.length,
    clear() {
      set(null);
      buttons[0].focus();
      changed();
    },
  });

  /** The two of a match, in the order shown. */
  const sides = ({ a, b }) => [a, b].sort((x, y) => order.indexOf(x) - order.indexOf(y));

  function show() {
    now = next(drawn, played);
    const pair = now.match && sides(now.match);
    const [first, second] = (pair ?? []).map(label);
    root.querySelector("[data-now]").textContent = pair
      ? fill(root.dataset.match, { number: played.length + 1, all, first, second })
      : fill(root.dataset.won, { label: label(now.left) });
    root.querySelector("[data-pick]").hidden = !pair;
    for (const button of buttons) {
      const at = button.dataset.chosen;
      if (pair && at !== TIE) button.querySelector("[data-letter]").textContent = label(pair[at]);
    }
    root.querySelector("[data-played]").replaceChildren(...played.map(entry));
    // Only those two are to be read that meet now; in the end all of them.
    candidates?.toggleAttribute("data-match", Boolean(pair));
    for (const candidate of candidates?.querySelectorAll("[data-response]") ?? []) {
      candidate.toggleAttribute("data-aside", Boolean(pair) && !pair.includes(candidate.dataset.response));
    }
    refreshHead();
  }

  function entry(match, index) {
    const [first, second] = sides(match);
    const letter = (key) => make(match.chosen === key ? "b" : "span", {}, label(key));
    const words = fill(root.dataset.again, { number: index + 1, first: label(first), second: label(second) });
    const middle = match.chosen === TIE ? " = " : match.chosen === first ? " > " : " < ";
    const button = make("button", { type: "button", class: "button quiet small", title: words }, letter(first), middle, letter(second));
    button.addEventListener("click", () => again(index));
    return make("li", {}, button);
  }

  function pick(chosen) {
    if (!now.match) return;
    const [first, second] = sides(now.match);
    played.push({ ...now.match, chosen: chosen === TIE ? TIE : [first, second][chosen] });
    show();
    say(root, root.querySelector("[data-now]").textContent);
    changed();
  }

  /** Take back a match and those after it. */
  function again(index) {
    if (index < 0) return;
    played = played.slice(0, index);
    show();
    say(root, root.querySelector("[data-now]").textContent);
    if (root.contains(document.activeElement) || document.activeElement === document.body) buttons[0].focus();
    changed();
  }

  for (const button of buttons) {
    button.addEventListener("click", (event) => {
      pick(button.dataset.chosen);
      if (event.detail > 0) button.blur(); // so that Enter submits
      else if (!now.match) root.querySelector("[data-played] li:last-child button").focus();
    });
  }

  const draft = () => (played.length ? { matches: played.map((match) => ({ ...match })) } : null);
  function set(given) {
    played = [];
    for (const match of given?.matches ?? []) {
      const { a, b } = next(drawn, played).match ?? {};
      if (match.a !== a || match.b !== b) break;
      played.push({ ...match });
    }
    show();
  }
  set(answer);

  return {
    value: () => (now.match ? null : draft()),
    draft,
    set,
    keys: [
      ...buttons.map((button) => ({
        key: button.querySelector("kbd").textContent,
        label: button.querySelector(".fb-step-text").textContent.trim(),
        run: () => pick(button.dataset.chosen),
      })),
      { key: "u", label: root.dataset.backKey, run: () => again(played.length - 1) },
    ],
  };
}
