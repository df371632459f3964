// Fields from a JSON Schema: the settings of any feedback kind, of which nothing is known here but its schema.
//
// A slot is where a value lives: { get(), set(value) }. A place names it for messages: "0/settings/labels/1".
// ui: { commit(place, change): runs change() and notes it; redraw(...focus): draws anew, then focuses what is found
// first; words: texts of the page }
import { make } from "../js/dom.js";
import { fill } from "../js/i18n.js";

const LONG = 200; // characters from which a text gets a box of several lines
const MANY = 200; // entries from which a list is left to the JSON

/** One field for each property of an object's schema; `holder` is the object itself. */
export function fields(schema, holder, place, ui, others = () => []) {
  const properties = Object.entries(schema.properties ?? {});
  const called = properties.find(([name, part]) => ["title", "text", "label"].includes(name) && part.type === "string")?.[0];
  // Something new is called by its title until it has a name of its own; names stay once they are there.
  const names = called && "name" in (schema.properties ?? {}) && !holder.name;
  const made = properties.map(([name, part]) => {
    const slot = {
      get: () => (Object.hasOwn(holder, name) ? holder[name] : part.default),
      set(value) {
        if (value === undefined) delete holder[name];
        else holder[name] = value;
        if (name === called && names) rename(value);
      },
    };
    return field(part, name, slot, `${place}/${name}`, ui, (schema.required ?? []).includes(name));
  });
  function rename(text) {
    holder.name = unique(slug(text ?? ""), others());
    for (const element of made) if (element.dataset.place === `${place}/name`) element.querySelector("input").value = holder.name;
  }
  return made;
}

function slug(text) {
  return text.normalize("NFKD").replace(/[^\w\s.-]/g, "").trim().toLowerCase().replace(/[\s.]+/g, "_").slice(0, 40);
}

function unique(name, taken) {
  const base = name || "part";
  let found = base;
  for (let number = 2; taken.includes(found); number++) found = `${base.slice(0, 36)}_${number}`;
  return found;
}

const titleOf = (name, schema) => schema.title ?? name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());
const typesOf = ({ type }) => [].concat(type ?? []);

// What a schema is shown as: the first that knows it. Each gives { control } or, for several together, { group }.
const SHOWN = [
  [(schema) => schema.enum, choice],
  [(schema) => schema.type === "boolean", check],
  [(schema) => typesOf(schema).some((type) => ["integer", "number"].includes(type)), number],
  [(schema) => typesOf(schema).includes("string"), text],
  [(schema) => schema.type === "array" && schema.items?.enum, checks],
  [(schema) => schema.type === "array" && schema.items?.type, list],
  [(schema) => schema.type === "object" && schema.properties, object],
  [() => true, json],
];

function field(schema, name, slot, place, ui, required) {
  const [, show] = SHOWN.find(([knows]) => knows(schema));
  return show(schema, { title: titleOf(name, schema), slot, place, ui, required });
}

const idOf = (place) => `builder-${place.replace(/[^\w-]/g, "-")}`;
const slotForError = (id) => make("div", { class: "error", role: "alert", id: `${id}-error`, "data-error": true });

/** A field with its label, help and room for a message. */
function wrap(schema, { title, place }, control, { checkbox = false } = {}) {
  const id = idOf(place);
  control.id = id;
  const described = [schema.description && `${id}-help`, `${id}-error`].filter(Boolean).join(" ");
  control.setAttribute("aria-describedby", described);
  const label = checkbox ? make("label", { for: id }, control, title) : make("label", { for: id }, title);
  return make(
    "div",
    { class: checkbox ? "field check" : "field", "data-place": place },
    label,
    checkbox ? null : control,
    schema.description ? make("div", { class: "help", id: `${id}-help` }, schema.description) : null,
    slotForError(id),
  );
}

/** Several controls under one legend. */
function group(schema, { title, place }, ...inside) {
  const id = idOf(place);
  const described = [schema.description && `${id}-help`, `${id}-error`].filter(Boolean).join(" ");
  return make(
    "fieldset",
    { class: "field builder-group", "data-place": place, "aria-describedby": described },
    make("legend", {}, title),
    schema.description ? make("div", { class: "help", id: `${id}-help` }, schema.description) : null,
    slotForError(id),
    ...inside,
  );
}

function choice(schema, at) {
  const { slot, place, ui } = at;
  const options = schema.enum.map((value) => make("option", { value: JSON.stringify(value) }, String(value ?? "–").replaceAll("_", " ")));
  const select = make("select", { change: () => ui.commit(place, () => slot.set(JSON.parse(select.value))) }, ...options);
  select.value = JSON.stringify(slot.get() ?? schema.enum[0]);
  return wrap(schema, at, select);
}

function check(schema, at) {
  const { slot, place, ui } = at;
  const input = make("input", { type: "checkbox", change: () => ui.commit(place, () => slot.set(input.checked)) });
  input.checked = Boolean(slot.get());
  return wrap(schema, at, input, { checkbox: true });
}

function number(schema, at) {
  const { slot, place, ui } = at;
  const step = typesOf(schema).includes("number") ? "any" : 1;
  const read = () => (input.value === "" ? (typesOf(schema).includes("null") ? null : undefined) : Number(input.value));
  const input = make("input", {
    type: "number",
    step,
    min: schema.minimum,
    max: schema.maximum,
    placeholder: schema.default ?? null,
    input: () => ui.commit(place, () => slot.set(read())),
  });
  input.value = slot.get() ?? "";
  return wrap(schema, at, input);
}

function text(schema, at) {
  const { slot, place, ui } = at;
  const long = schema.maxLength > LONG;
  const input = make(long ? "textarea" : "input", { dir: "auto", rows: long ? 2 : null, input: () => ui.commit(place, () => slot.set(input.value)) });
  if (!long) input.type = "text";
  input.value = slot.get() ?? "";
  return wrap(schema, at, input);
}

function checks(schema, at) {
  const { slot, place, ui } = at;
  const inputs = schema.items.enum.map((value) => {
    const input = make("input", { type: "checkbox", change: save });
    input.checked = (slot.get() ?? []).includes(value);
    return [value, input];
  });
  function save() {
    // In the order in which they were chosen, for some kinds begin with the first.
    const wanted = inputs.filter(([, input]) => input.checked).map(([value]) => value);
    const kept = (slot.get() ?? []).filter((value) => wanted.includes(value));
    ui.commit(place, () => slot.set([...kept, ...wanted.filter((value) => !kept.includes(value))]));
  }
  const labels = inputs.map(([value, input]) => make("label", {}, input, String(value).replaceAll("_", " ")));
  return group(schema, at, make("div", { class: "row" }, ...labels));
}

function object(schema, at) {
  const { slot, place, ui } = at;
  const inner = structuredClone(slot.get() ?? {});
  const inside = { ...ui, commit: (where, change) => ui.commit(where, () => (change(), slot.set(inner))) };
  return group(schema, at, ...fields(schema, inner, place, inside));
}

function json(schema, at) {
  const { slot, place, ui } = at;
  const area = make("textarea", { class: "mono", rows: 3, spellcheck: "false", change: save });
  area.value = JSON.stringify(slot.get() ?? schema.default ?? null, null, 1);
  const wrapped = wrap(schema, at, area);
  function save() {
    try {
      const value = JSON.parse(area.value);
      ui.commit(place, () => slot.set(value));
    } catch (error) {
      wrapped.querySelector("[data-error]").textContent = fill(ui.words.json, { error: error.message });
    }
  }
  return wrapped;
}

/** A list of anything: an entry each, moved, removed and added. */
function list(schema, at) {
  const { title, slot, place, ui } = at;
  const entries = structuredClone(slot.get() ?? []);
  if (entries.length > MANY) return group(schema, at, make("p", { class: "muted small" }, fill(ui.words.many, { count: entries.length })));
  const commit = (where, change) => ui.commit(where, () => (change(), slot.set(entries)));
  const inside = { ...ui, commit };
  const isObject = schema.items.type === "object" && schema.items.properties;

  const rows = entries.map((entry, index) => {
    const where = `${place}/${index}`;
    const named = fill(ui.words.entry, { title, number: index + 1 });
    let shown;
    if (isObject) {
      const others = () => entries.filter((_, other) => other !== index).map(({ name }) => name);
      shown = make("div", { class: "builder-fields" }, ...fields(schema.items, entry, where, inside, others));
    } else {
      const entrySlot = { get: () => entries[index], set: (value) => (entries[index] = value ?? "") };
      shown = field({ ...schema.items, title: named }, "", entrySlot, where, inside, true);
      shown.querySelector("label")?.classList.add("visually-hidden");
    }
    const tools = [
      ["up", "▲", index > 0, () => move(index, index - 1)],
      ["down", "▼", index < entries.length - 1, () => move(index, index + 1)],
      ["remove", "✕", true, () => remove(index)],
    ].map(([word, sign, enabled, run]) =>
      make(
        "button",
        { type: "button", class: "button quiet small icon-only", disabled: !enabled, title: ui.words[word], click: run, "data-tool": `${where}/${word}` },
        make("span", { "aria-hidden": "true" }, sign),
        make("span", { class: "visually-hidden" }, `${ui.words[word]}: ${named}`),
      ),
    );
    return make("li", { class: "builder-entry", "data-place": isObject ? where : null }, shown, make("div", { class: "builder-tools" }, ...tools), isObject ? slotForError(idOf(where)) : null);
  });

  function move(from, to) {
    commit(null, () => entries.splice(to, 0, ...entries.splice(from, 1)));
    const [up, down] = ["up", "down"].map((word) => `[data-tool="${place}/${to}/${word}"]`);
    ui.redraw(...(to < from ? [up, down] : [down, up]));
  }

  function remove(index) {
    commit(null, () => entries.splice(index, 1));
    ui.redraw(`[data-tool="${place}/${Math.min(index, entries.length - 1)}/remove"]`, `[data-tool="${place}/add"]`);
  }

  function add() {
    const types = typesOf(schema.items);
    const blank = isObject ? {} : types.includes("string") ? "" : types.includes("array") ? [] : (schema.items.default ?? schema.items.minimum ?? 0);
    commit(null, () => entries.push(blank));
    const last = `${place}/${entries.length - 1}`;
    ui.redraw(`[data-place="${last}/title"] input`, `[data-place="${last}"] :is(input, select, textarea)`);
  }

  const full = schema.maxItems !== undefined && entries.length >= schema.maxItems;
  return group(
    schema,
    at,
    entries.length ? make("ol", { class: "builder-entries" }, ...rows) : make("p", { class: "muted small" }, ui.words.none),
    make("button", { type: "button", class: "button small", disabled: full, click: add, "data-tool": `${place}/add` }, `${ui.words.add}`, make("span", { class: "visually-hidden" }, `: ${title}`)),
  );
}
