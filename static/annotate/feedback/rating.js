// Rating: steps or sliders, one for each response and dimension; a slider has no value until it is moved.
import { KEYS, head, radioGroups, say } from "./_shared.js";

const NONE = "na";
const TENTHS = [..."0123456789-"]; // of the way from the lowest value to the highest

/** Keys of the points of a scale: their own digits where they have some, with 0 for 10, else as the keys lie. */
export function keysOf(values) {
  const digits = values.map((value) => (value === 10 && !values.includes(0) ? "0" : String(value)));
  return digits.every((digit) => /^\d$/.test(digit)) ? digits : values.map((_, index) => KEYS[index]);
}

export function mount(root, { answer, changed }) {
  const widget = root.querySelector('input[type="range"]') ? sliders(root, changed) : steps(root, changed);
  const draft = () => {
    const found = widget.given();
    if (!found.length) return null;
    const values = {};
    for (const [{ dataset }, value] of found) (values[dataset.response] ??= {})[dataset.dimension] = value;
    return values;
  };
  const set = (given) => widget.restore(({ dataset }) => given?.[dataset.response]?.[dataset.dimension]);
  set(answer);
  return {
    value: () => (widget.complete() ? draft() : null),
    draft,
    set,
    keys: widget.keys,
  };
}

function steps(root, changed) {
  const groups = radioGroups(root, () => {
    showLevels();
    changed();
  });
  const read = ({ value }) => (value === NONE ? null : Number(value));

  // `answers` leaves out what is null, which here means "not applicable".
  const given = () => groups.answers((input) => input.value).map(([group, value]) => [group, read({ value })]);

  /** The letters of the responses that stand on a level, beside its description. */
  function showLevels() {
    for (const here of root.querySelectorAll("[data-here]")) {
      const on = given().filter(([, value]) => String(value) === here.dataset.here);
      here.textContent = [...new Set(on.map(([group]) => group.dataset.letter))].join(" ");
    }
  }

  function restore(of) {
    groups.restore((group, input) => of(group) === read(input));
    showLevels();
  }

  const inputs = groups.inputs();
  const points = inputs.filter(({ value }) => value !== NONE);
  const keys = keysOf(points.map(({ value }) => Number(value)));
  points.forEach((input, index) => {
    for (const same of root.querySelectorAll(`input[value="${input.value}"]`)) {
      if (keys[index]) same.setAttribute("aria-keyshortcuts", keys[index]);
    }
  });
  const [first, last] = root.querySelectorAll("[data-key-range] kbd");
  first.textContent = keys[0];
  last.textContent = keys.filter(Boolean).at(-1);

  const press = (input) => () => groups.press((other) => other.value === input.value);
  const bound = points.map((input, index) => ({ key: keys[index], label: input.dataset.label, run: press(input) }));
  const none = inputs.find(({ value }) => value === NONE);
  if (none) bound.push({ key: "x", label: none.dataset.label, run: press(none) });
  return { given, restore, complete: groups.complete, keys: bound.filter(({ key }) => key) };
}

function sliders(root, changed) {
  const groups = [...root.querySelectorAll("[data-group]")];
  const touched = new Map(); // group: value, null where it does not apply
  const slider = (group) => group.querySelector('input[type="range"]');
  const open = () => groups.find((group) => !touched.has(group));
  let active = null;

  const refreshHead = head(root, {
    all: groups.length,
    done: () => touched.size,
    clear() {
      restore(() => undefined);
      slider(groups[0]).focus();
      changed();
    },
  });

  function refresh() {
    root.toggleAttribute("data-many", groups.length > 1);
    for (const group of groups) {
      const value = touched.get(group);
      const range = slider(group);
      const none = group.querySelector('input[type="checkbox"]');
      const words = value == null ? "–" : value.toLocaleString(document.documentElement.lang || undefined);
      group.querySelector(".fb-slide").toggleAttribute("data-untouched", value == null);
      group.querySelector("output").textContent = words;
      if (none) none.checked = value === null;
      range.setAttribute("aria-valuetext", value == null ? (value === null ? none.dataset.label : range.dataset.nothing) : words);
      group.toggleAttribute("data-active", group === active);
    }
    refreshHead();
  }

  function activate(group) {
    active = group;
    refresh();
  }

  function put(group, value) {
    touched.set(group, value);
    if (value === null) reset(group);
    else slider(group).value = value;
    activate(group);
    changed();
  }

  /** The thumb in the middle, where it says nothing. */
  function reset(group) {
    slider(group).value = (Number(slider(group).min) + Number(slider(group).max)) / 2;
  }

  function restore(of) {
    touched.clear();
    for (const group of groups) {
      const value = of(group);
      if (value !== undefined) touched.set(group, value);
      if (value == null) reset(group);
      else slider(group).value = value;
    }
    activate(open() ?? null);
  }

  const here = () => active ?? open() ?? groups.at(-1);

  /** So many tenths of the way. */
  function jump(place) {
    const group = here();
    const range = slider(group);
    range.value = Number(range.min) + ((Number(range.max) - Number(range.min)) * place) / 10;
    put(group, Number(range.value));
    range.focus();
    say(root, `${group.dataset.title}: ${group.querySelector("output").textContent}`);
  }

  root.addEventListener("focusin", (event) => {
    const group = event.target.closest("[data-group]");
    if (group) activate(group);
  });
  root.addEventListener("input", (event) => {
    const group = event.target.closest("[data-group]");
    if (event.target === slider(group)) put(group, Number(event.target.value));
  });
  root.addEventListener("pointerup", (event) => {
    // A press on the middle moves nothing, and means the middle.
    const group = event.target.closest("[data-group]");
    if (group && event.target === slider(group) && touched.get(group) == null) put(group, Number(event.target.value));
  });
  root.addEventListener("change", (event) => {
    const group = event.target.closest("[data-group]");
    if (!event.target.matches('input[type="checkbox"]')) return;
    if (event.target.checked) put(group, null);
    else {
      touched.delete(group);
      refresh();
      changed();
    }
  });

  const keys = TENTHS.map((key, place) => ({ key, label: `${place * 10} %`, run: () => jump(place) }));
  const none = root.querySelector('[data-group] input[type="checkbox"]');
  if (none) keys.push({ key: "x", label: none.dataset.label, run: () => put(here(), null) });
  return {
    given: () => groups.filter((group) => touched.has(group)).map((group) => [group, touched.get(group)]),
    restore,
    complete: () => touched.size === groups.length,
    keys,
  };
}
