// Good or bad: one key a response, which also sends the answer where the settings say so.
import { KEYS, radioGroups } from "./_shared.js";

export function mount(root, { settings, answer, changed, finished }) {
  const groups = radioGroups(root, changed);
  for (const group of root.querySelectorAll("[data-group]")) {
    group.querySelectorAll("[data-key]").forEach((cap, index) => (cap.textContent = KEYS[index]));
  }

  const sendIfDone = () => settings.at_once && groups.complete() && finished();
  // A click of the mouse, once its change is noted; arrow keys also click, and only choose.
  root.addEventListener("click", (event) => event.detail > 0 && event.target.matches("input") && setTimeout(sendIfDone));

  const draft = () => {
    const verdicts = groups.answers((input) => input.value).map(([group, verdict]) => [group.dataset.group, verdict]);
    return verdicts.length ? Object.fromEntries(verdicts) : null;
  };
  const set = (given) => groups.restore((group, input) => given?.[group.dataset.group] === input.value);
  set(answer);

  return {
    value: () => (groups.complete() ? draft() : null),
    draft,
    set,
    keys: groups.inputs().map((input, index) => ({
      key: KEYS[index],
      label: input.dataset.label,
      run() {
        groups.press((other) => other.value === input.value);
        sendIfDone();
      },
    })),
  };
}
