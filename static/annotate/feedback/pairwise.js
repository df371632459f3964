// Pairwise preference: a digit picks a step of the scale, dimension by dimension.
import { KEYS, radioGroups } from "./_shared.js";

export function mount(root, { answer, changed }) {
  const groups = radioGroups(root, changed);
  const read = ({ dataset }) => ({ chosen: dataset.chosen, strength: Number(dataset.strength) });
  const same = (verdict, { dataset }) => dataset.chosen === verdict?.chosen && Number(dataset.strength) === verdict.strength;

  for (const group of root.querySelectorAll("[data-group]")) {
    group.querySelectorAll(".fb-step").forEach((step, index) => {
      step.querySelector("[data-key]").textContent = KEYS[index];
      step.querySelector("input").setAttribute("aria-keyshortcuts", KEYS[index]);
    });
  }

  const draft = () => {
    const verdicts = groups.answers(read).map(([group, verdict]) => [group.dataset.group, verdict]);
    return verdicts.length ? Object.fromEntries(verdicts) : null;
  };
  const set = (given) => groups.restore((group, input) => same(given?.[group.dataset.group], input));
  set(answer);

  return {
    value: () => (groups.complete() ? draft() : null),
    draft,
    set,
    keys: groups.inputs().map((input, index) => ({
      key: KEYS[index],
      label: input.dataset.label.trim(),
      run: () => groups.press((other) => same(read(input), other)),
    })),
  };
}
