// Rubric: y, n and x answer the marked cell, criterion by criterion, response by response; p or digits say how much.
import { radioGroups } from "./_shared.js";

const LETTERS = { met: "y", unmet: "n", na: "x" };

export function mount(root, { settings, responses, answer, changed }) {
  const shares = settings.partial.map((share) => `${share}%`);
  const letter = (value) => LETTERS[value] ?? (shares.length === 1 ? "p" : String(shares.indexOf(value) + 1));
  const groups = radioGroups(root, changed);

  const draft = () => {
    const marks = Object.fromEntries(responses.map(({ key }) => [key, {}]));
    const given = groups.answers((input) => input.value);
    for (const [{ dataset }, mark] of given) marks[dataset.response][dataset.criterion] = mark;
    return given.length || !root.querySelector("[data-group]") ? marks : null;
  };
  const set = (given) =>
    groups.restore(({ dataset }, input) => given?.[dataset.response]?.[dataset.criterion] === input.value);
  set(answer);

  return {
    value: () => (groups.complete() ? draft() : null),
    draft,
    set,
    keys: groups.inputs().map((input) => ({
      key: letter(input.value),
      label: input.dataset.label,
      run: () => groups.press((other) => other.value === input.value),
    })),
  };
}
