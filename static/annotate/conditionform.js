// When a question is asked: a condition built from what the answers to earlier questions can hold.
import { make } from "../js/dom.js";

const BOUNDS = ["at_least", "at_most"];
const OPERATORS = ["in", "not_in", ...BOUNDS];
const WORDS = { in: "in", not_in: "notIn", at_least: "atLeast", at_most: "atMost" };

/**
 * Fields of a question's condition.
 * earlier(): [{ name, title, places: [{ path, values, number }] }] of the questions before it, as they are now; a
 * "places" event at the fields says that they have changed.
 */
export function conditionFields(spec, place, earlier, ui) {
  const { words } = ui;
  const root = make("div", { class: "builder-condition", "data-place": place });
  const problem = make("div", { class: "error", role: "alert", "data-error": true });
  const id = (part) => `builder-${place.replaceAll("/", "-")}-${part}`;
  const condition = () => spec.condition ?? {};
  const about = (name = condition().question) => earlier().find((one) => one.name === name);

  /** A choice: it stays while somebody types into it, and what comes after it is drawn anew. */
  function select(part, label, options, value, next) {
    const control = make("select", { id: id(part), change }, ...options.map(([key, text]) => make("option", { value: key }, text)));
    control.value = value;
    const field = valueField(part, label, control);
    function change() {
      ui.commit(null, () => (spec.condition = next(control.value)));
      draw([...root.children].indexOf(field) + 1);
    }
    return field;
  }

  function valueField(part, label, input, help = null) {
    return make(
      "div",
      { class: "field", "data-place": `${place}/${part}` },
      make("label", { for: input.id }, label),
      input,
      help,
      make("div", { class: "error", role: "alert", "data-error": true }),
    );
  }

  /** A condition on a place as it begins: one of the values, or at least 1. */
  function begin(question, at) {
    const [first] = at?.values ?? [];
    const open = at?.number ? { at_least: 1 } : { in: [] };
    return { question, path: at?.path ?? "", ...(first === undefined ? open : { in: [first] }) };
  }

  function asked() {
    const offered = earlier().length ? [["", words.always], ["when", words.when]] : [["", words.always]];
    return select("asked", words.asked, offered, condition().question === undefined ? "" : "when", (value) => {
      const last = earlier().at(-1);
      return value ? begin(last.name, last.places[0]) : {};
    });
  }

  function question() {
    const names = earlier().map(({ name, title }) => [name, title || name]);
    if (!about()) names.unshift([condition().question, condition().question]);
    return select("question", words.question, names, condition().question, (name) => begin(name, about(name)?.places[0]));
  }

  function path() {
    const places = () => about()?.places ?? [];
    const own = condition().path ?? "";
    const paths = places().map((one) => [one.path, one.path.replaceAll("*", words.any).replaceAll("/", " › ") || words.whole]);
    if (!paths.some(([known]) => known === own)) paths.unshift([own, own || words.whole]);
    return select("path", words.path, paths, own, (chosen) =>
      begin(condition().question, places().find((one) => one.path === chosen) ?? { path: chosen }),
    );
  }

  const here = () => about()?.places.find((one) => one.path === condition().path);
  const operator = () => OPERATORS.find((name) => name in condition()) ?? "in";

  function operators() {
    const at = here();
    const possible = at && !at.number ? OPERATORS.filter((name) => !BOUNDS.includes(name) || name === operator()) : OPERATORS;
    const named = possible.map((name) => [name, words[WORDS[name]]]);
    return select("operator", words.operator, named, operator(), (name) => {
      const { question, path, [operator()]: given } = condition();
      return { question, path, [name]: BOUNDS.includes(name) ? Number([].concat(given)[0]) || 0 : [].concat(given ?? []) };
    });
  }

  function value() {
    const name = operator();
    const save = (wanted) => ui.commit(`${place}/${name}`, () => (spec.condition = { ...spec.condition, [name]: wanted }));
    const given = condition()[name];
    if (BOUNDS.includes(name)) {
      const input = make("input", { type: "number", step: "any", id: id("value"), input: () => save(input.value === "" ? null : Number(input.value)) });
      input.value = given ?? "";
      return valueField(name, words.number, input);
    }
    const list = [].concat(given ?? []);
    const known = here()?.values;
    if (known) return boxes(name, [...new Set([...known, ...list])], list, save);
    const input = make("input", { type: "text", id: id("value"), "aria-describedby": id("value-help"), input: () => save(read(input.value)) });
    input.value = list.join(", ");
    return valueField(name, words.values, input, make("div", { class: "help", id: id("value-help") }, words.commas));
  }

  function boxes(name, offered, list, save) {
    const inputs = offered.map((one) => {
      const box = make("input", { type: "checkbox", change: () => save(inputs.filter(([, other]) => other.checked).map(([other]) => other)) });
      box.checked = list.includes(one);
      return [one, box];
    });
    const labels = inputs.map(([one, box]) => make("label", {}, box, String(one ?? "–").replaceAll("_", " ")));
    return make(
      "fieldset",
      { class: "field builder-group", "data-place": `${place}/${name}` },
      make("legend", {}, words.values),
      make("div", { class: "row" }, ...labels),
      make("div", { class: "error", role: "alert", "data-error": true }),
    );
  }

  /** Draw the fields from the one of this number on. */
  function draw(from) {
    while (root.children.length > from) root.lastElementChild.remove();
    const parts = condition().question === undefined ? [asked] : [asked, question, path, operators, value];
    root.append(...parts.slice(from).map((part) => part()), problem);
  }

  root.addEventListener("places", () => {
    const focused = [...root.children].findIndex((field) => field.contains(document.activeElement));
    draw(focused + 1);
  });
  draw(0);
  return root;
}

/** Values that were typed: numbers, true and false are what they look like, the rest is text. */
function read(text) {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      try {
        const value = JSON.parse(part);
        return typeof value === "object" ? part : value;
      } catch {
        return part;
      }
    });
}
