// The form builder: the questions of a form, edited one by one or as JSON, with what annotators see of them.
//
// The questions are plain data; every edit is a step that can be undone, is written to the page's hidden JSON field,
// and asks the server for the preview, which also says what is wrong and what conditions can speak about.
import { data, debounce, make } from "../js/dom.js";
import { post } from "../js/http.js";
import { _, fill } from "../js/i18n.js";
import { bind } from "../js/keys.js";
import { mount as mountProse } from "../js/prose.js";
import { toast } from "../js/toasts.js";
import { conditionFields } from "./conditionform.js";
import { fields } from "./schemaform.js";
import { TaskView } from "./taskview.js";

const builder = document.querySelector("[data-builder]");
const one = (selector, root = builder) => root.querySelector(selector);
const words = builder.dataset;
const kinds = data("builder-kinds", document);
const QUESTION = data("builder-question", document);
const list = one("[data-questions]");
const area = document.querySelector('textarea[name="questions"]');
const WAIT = 400;
const STEPS = 200;
const MOST_BYTES = 4 * 1024 ** 2;

let cards = []; // [{ uid, spec }]
let open = new Set(); // uids of the cards that are open
let past = [];
let future = [];
let lastPlace = null;
let uids = 0;
let saved = "";
let leaving = false;
let places = {}; // what conditions can speak about, by question
let faults = data("builder-faults", document);

// ---- the questions, and every change of them ----

const specs = () => cards.map(({ spec }) => spec);
const snapshot = () => JSON.stringify(cards);

function load(questions) {
  cards = questions.map((spec) => ({ uid: ++uids, spec: structuredClone(spec) }));
}

/** Run a change as a step that can be undone; changes at one place one after the other are one step. */
function commit(place, change) {
  const before = snapshot();
  change();
  if (snapshot() === before) return;
  if (place === null || place !== lastPlace) past = [...past, before].slice(-STEPS);
  lastPlace = place;
  future = [];
  changed();
}

function changed() {
  area.value = JSON.stringify(specs(), null, 2);
  one('[data-act="undo"]').disabled = !past.length;
  one('[data-act="redo"]').disabled = !future.length;
  for (const [index, card] of cards.entries()) head(list.children[index], card, index);
  one("[data-preview-state]").textContent = words.loading;
  preview();
}

function travel(from, to, said) {
  if (!from.length) return;
  to.push(snapshot());
  cards = JSON.parse(from.pop());
  lastPlace = null;
  draw();
  changed();
  say(said);
}

const undo = () => travel(past, future, words.undone);
const redo = () => travel(future, past, words.redone);

function say(text) {
  one("[data-said]").textContent = text;
}

// ---- how they are drawn ----

const titleOf = ({ spec }) => spec.title || words.untitled;

function draw() {
  list.replaceChildren(...cards.map(drawCard));
  showFaults();
}

/** Focus what is found first. */
function put(...selectors) {
  for (const selector of selectors) {
    const found = [...builder.querySelectorAll(selector)].find((element) => !element.disabled && element.checkVisibility());
    if (found) return found.focus();
  }
}

function drawCard(card, index) {
  const element = one("template[data-card]").content.firstElementChild.cloneNode(true);
  element.dataset.uid = card.uid;
  element.dataset.place = index;
  const body = one("[data-body]", element);
  body.id = `builder-body-${card.uid}`;
  one('[data-act="toggle"]', element).setAttribute("aria-controls", body.id);
  one('[data-act="up"]', element).disabled = index === 0;
  one('[data-act="down"]', element).disabled = index === cards.length - 1;
  head(element, card, index);
  if (open.has(card.uid)) fillBody(element, card, index);
  return element;
}

function head(element, { uid, spec }, index) {
  if (!element) return;
  one("[data-number]", element).textContent = index + 1;
  one("[data-title]", element).textContent = titleOf({ spec });
  const marks = [kinds[spec.kind]?.title ?? spec.kind];
  if (spec.required === false) marks.push(words.optional);
  if (Object.keys(spec.condition ?? {}).length) marks.push(words.conditional);
  one("[data-marks]", element).replaceChildren(...marks.map((text) => make("span", { class: "badge" }, text)));
  one('[data-act="toggle"]', element).setAttribute("aria-expanded", open.has(uid));
}

function fillBody(element, card, index) {
  const body = one("[data-body]", element);
  const { spec } = card;
  const place = String(index);
  const ui = { commit, redraw, words };
  const others = () => cards.filter((other) => other !== card).map((other) => other.spec.name);
  const [title, help, required, name] = fields(QUESTION, spec, place, ui, others);
  const earlier = () => cards.slice(0, index).map((other) => ({ name: other.spec.name, title: other.spec.title, places: places[other.spec.name] ?? [] }));
  body.replaceChildren(
    title,
    help,
    make("div", { class: "builder-two" }, kindField(card, place), presetField(card, place)),
    settingsFields(card, place),
    required,
    conditionFields(spec, `${place}/condition`, earlier, ui),
    name,
  );
  body.hidden = false;
}

function settingsFields({ spec }, place) {
  const isObject = typeof spec.settings === "object" && spec.settings !== null && !Array.isArray(spec.settings);
  const holder = isObject ? spec.settings : {};
  const ui = { commit: (where, change) => commit(where, () => (change(), (spec.settings = holder))), redraw, words };
  const schema = kinds[spec.kind]?.settings ?? {};
  return make(
    "div",
    { class: "builder-settings", "data-place": `${place}/settings` },
    ...fields(schema, holder, `${place}/settings`, ui),
    make("div", { class: "error", role: "alert", "data-error": true }),
  );
}

/** The settings of one card drawn anew; the choice that changed them stays, for somebody may be typing into it. */
function redrawSettings(card, place) {
  const body = list.querySelector(`[data-uid="${card.uid}"] [data-body]`);
  body.querySelector(".builder-settings").replaceWith(settingsFields(card, place));
}

/** Draw all cards anew, the focus where it is wanted. */
function redraw(...focus) {
  draw();
  put(...focus);
}

function chooser(id, label, options, value, run) {
  const select = make("select", { id, change: () => run(select.value) }, ...options.map(([key, text]) => make("option", { value: key }, text)));
  select.value = value;
  return [make("label", { for: id }, label), select];
}

function kindField(card, place) {
  const id = `builder-kind-${card.uid}`;
  const options = Object.entries(kinds).map(([name, { title }]) => [name, title]);
  if (!kinds[card.spec.kind]) options.unshift([card.spec.kind, card.spec.kind]);
  const run = (kind) => {
    commit(null, () => Object.assign(card.spec, { kind, settings: {} }));
    help.textContent = kinds[kind].summary;
    field.nextElementSibling.replaceWith(presetField(card, place));
    redrawSettings(card, place);
  };
  const help = make("div", { class: "help" }, kinds[card.spec.kind]?.summary ?? "");
  const field = make(
    "div",
    { class: "field", "data-place": `${place}/kind` },
    ...chooser(id, words.kind, options, card.spec.kind, run),
    help,
    make("div", { class: "error", role: "alert", "data-error": true }),
  );
  return field;
}

function presetField(card, place) {
  const presets = kinds[card.spec.kind]?.presets ?? {};
  const id = `builder-preset-${card.uid}`;
  const options = [["", words.choose], ...Object.keys(presets).map((name) => [name, name.replaceAll("_", " ")])];
  const run = (name) => {
    if (!name) return;
    commit(null, () => (card.spec.settings = structuredClone(presets[name])));
    redrawSettings(card, place);
  };
  return make("div", { class: "field" }, ...chooser(id, words.preset, options, "", run));
}

// ---- what is wrong, beside its field ----

function showFaults() {
  for (const element of builder.querySelectorAll("[data-error], [data-fault], [data-problem]")) element.textContent = "";
  for (const control of builder.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const { place, message } of faults) {
    const home = place && nearest(place);
    if (!home) {
      one("[data-problem]").textContent = message;
      continue;
    }
    const error = home.querySelector(":scope > [data-error], :scope > [data-fault]");
    error.textContent = message;
    home.querySelector(":scope > :is(input, select, textarea), :scope > label > input")?.setAttribute("aria-invalid", "true");
    if (!error.matches("[data-fault]") && !error.checkVisibility()) list.children[Number(place.split("/")[0])].querySelector("[data-fault]").textContent = message;
  }
}

/** The field of a place, or of the innermost part around it that has one. */
function nearest(place) {
  const parts = place.split("/");
  for (let length = parts.length; length; length--) {
    const home = builder.querySelector(`[data-place="${CSS.escape(parts.slice(0, length).join("/"))}"]`);
    if (home?.querySelector(":scope > [data-error], :scope > [data-fault]")) return home;
  }
  return null;
}

// ---- what annotators see ----

let asked = 0;
let unbind = [];
const preview = debounce(look, WAIT);

async function look() {
  const mine = ++asked;
  const state = one("[data-preview-state]");
  state.textContent = words.loading;
  let reply;
  try {
    reply = await post(builder.dataset.previewUrl, { questions: specs() });
  } catch (error) {
    if (mine === asked) state.textContent = fill(words.failed, { error: error.message });
    return;
  }
  if (mine !== asked) return;
  const isNew = JSON.stringify(places) !== JSON.stringify(reply.places);
  ({ faults, places } = reply);
  if (isNew) for (const condition of list.querySelectorAll(".builder-condition")) condition.dispatchEvent(new Event("places"));
  showFaults();
  state.textContent = reply.html ? words.shows : words.mend;
  builder.toggleAttribute("data-stale", !reply.html);
  if (reply.html) await show(reply.html, mine);
}

async function show(html, mine) {
  const template = document.createElement("template");
  template.innerHTML = html; // our own server's page, escaped there as on the annotators' page
  const desk = one("[data-desk]");
  const view = new TaskView(document.importNode(template.content.querySelector("[data-task]"), true), "");
  mountProse(view.root);
  const top = desk.scrollTop;
  desk.replaceChildren(view.root);
  await view.mount({ given: {}, changed() {} });
  if (mine !== asked) return;
  desk.scrollTop = top;
  for (const undoBinding of unbind) undoBinding();
  const when = (key) => () => desk.contains(document.activeElement) && view.knows(key);
  unbind = view.keys.map(({ key, label, title }) => bind({ keys: key, label, group: title, run: () => view.press(key), when: when(key) }));
}

one("[data-desk]").addEventListener("submit", (event) => event.preventDefault());

// ---- what the admin does ----

function toggle(card, index, element) {
  if (open.delete(card.uid)) one("[data-body]", element).hidden = true;
  else {
    open.add(card.uid);
    fillBody(element, card, index);
  }
  head(element, card, index);
  showFaults();
}

function move(from, to, focus) {
  if (to < 0 || to >= cards.length) return;
  const card = cards[from];
  commit(null, () => cards.splice(to, 0, ...cards.splice(from, 1)));
  draw();
  const own = `[data-uid="${card.uid}"]`;
  put(`${own} [data-act="${focus}"]`, `${own} [data-act="toggle"]`);
  say(fill(words.moved, { title: titleOf(card), number: to + 1 }));
}

function add() {
  const card = { uid: ++uids, spec: { title: "", kind: one("[data-new-kind]").value, name: "", help: "", required: true, settings: {}, condition: {} } };
  open = new Set([card.uid]);
  commit(null, () => cards.push(card));
  redraw(`[data-uid="${card.uid}"] [data-place$="/title"] input`);
}

function copy(card, index) {
  const spec = structuredClone(card.spec);
  const taken = cards.map((other) => other.spec.name);
  for (let number = 2; taken.includes(spec.name); number++) spec.name = `${card.spec.name.slice(0, 36)}_${number}`;
  const made = { uid: ++uids, spec };
  open = new Set([made.uid]);
  commit(null, () => cards.splice(index + 1, 0, made));
  redraw(`[data-uid="${made.uid}"] [data-place$="/title"] input`);
}

function drop(card, index) {
  commit(null, () => cards.splice(index, 1));
  draw();
  const next = cards[Math.min(index, cards.length - 1)];
  if (next) put(`[data-uid="${next.uid}"] [data-act="toggle"]`);
  else put("[data-new-kind]");
  say(fill(words.removed, { title: titleOf(card) }));
}

const ACTIONS = {
  toggle,
  up: (card, index) => move(index, index - 1, "up"),
  down: (card, index) => move(index, index + 1, "down"),
  copy,
  drop,
};

builder.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  const element = event.target.closest("[data-uid]");
  if (act === "undo") undo();
  else if (act === "redo") redo();
  else if (act === "add") add();
  else if (act === "export") save();
  else if (act && element) {
    const index = [...list.children].indexOf(element);
    ACTIONS[act](cards[index], index, element);
  }
});
list.addEventListener("keydown", (event) => {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!by || !event.altKey) return;
  event.preventDefault();
  const index = [...list.children].indexOf(event.target.closest("[data-uid]"));
  move(index, index + by, "toggle");
});
// A field that is left ends its step of undoing.
builder.addEventListener("focusout", () => (lastPlace = null));
bind({ keys: "Ctrl+z", label: _("Undo"), group: _("Form"), run: undo });
bind({ keys: ["Ctrl+y", "Ctrl+Shift+z"], label: _("Redo"), group: _("Form"), run: redo });

// ---- by the mouse: drag a card to its place ----

let dragged = null;
list.addEventListener("dragstart", (event) => {
  dragged = event.target.closest("[data-uid]");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
  event.dataTransfer.setDragImage(dragged, 0, 0);
});
list.addEventListener("dragover", (event) => {
  if (!dragged) return;
  event.preventDefault();
  const over = event.target.closest("[data-uid]");
  for (const element of list.children) element.toggleAttribute("data-over", element === over && over !== dragged);
});
list.addEventListener("drop", (event) => {
  if (!dragged) return;
  event.preventDefault();
  const all = [...list.children];
  const to = all.indexOf(event.target.closest("[data-uid]"));
  if (to >= 0 && all[to] !== dragged) move(all.indexOf(dragged), to, "toggle");
});
list.addEventListener("dragend", () => {
  dragged = null;
  for (const element of list.children) element.removeAttribute("data-over");
});

// ---- as JSON ----

/** Take questions that came as JSON; false, with a message, if they are none. */
function take(text) {
  const problem = (message) => {
    faults = [{ place: "", message }];
    showFaults();
    return false;
  };
  let questions;
  try {
    questions = JSON.parse(text);
  } catch (error) {
    return problem(fill(words.json, { error: error.message }));
  }
  const isList = Array.isArray(questions) && questions.every((spec) => spec && typeof spec === "object" && !Array.isArray(spec));
  if (!isList) return problem(words.list);
  faults = [];
  commit(null, () => load(questions));
  return true;
}

area.addEventListener("change", () => take(area.value) && draw());
one("[data-import]").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  if (file.size > MOST_BYTES) toast(words.file, { kind: "bad" });
  else if (take(await file.text())) draw();
  target.value = "";
});

function save() {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(specs(), null, 2)}\n`], { type: "application/json" }));
  const link = make("a", { href: url, download: "form.json" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

// ---- to start from: the protocols of a new project ----

const radios = [...document.querySelectorAll('input[name="preset"]')];
const starts = radios.length ? data("builder-starts", document) : {};
const guidelines = document.querySelector('textarea[name="guidelines"]');
let suggested = "";

function start(name) {
  commit(null, () => load(starts[name].questions));
  if (!guidelines.value.trim() || guidelines.value === suggested) guidelines.value = suggested = starts[name].guidelines;
  open = new Set();
  draw();
}

document.addEventListener("change", ({ target }) => target.matches('input[name="preset"]') && start(target.value));
document.querySelector("[data-find-preset]")?.addEventListener("input", ({ target }) => {
  const wanted = target.value.trim().toLowerCase().split(/\s+/);
  let any = false;
  for (const family of document.querySelectorAll("[data-family]")) {
    let own = false;
    for (const row of family.querySelectorAll("[data-preset-row]")) {
      const text = `${family.dataset.family} ${family.querySelector("h3").textContent} ${row.textContent}`.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
      const source = row.nextElementSibling;
      if (source?.matches(".builder-source")) source.hidden = row.hidden;
      own ||= !row.hidden;
    }
    family.hidden = !own;
    any ||= own;
  }
  document.querySelector("[data-no-preset]").hidden = any;
});

// ---- begin ----

for (const element of document.querySelectorAll("[data-when-live]")) element.hidden = false;
const newKind = one("[data-new-kind]");
const describe = () => (one("[data-new-help]").textContent = kinds[newKind.value].summary);
newKind.addEventListener("change", describe);
describe();

let given = null;
try {
  given = area.value.trim() ? JSON.parse(area.value) : null;
} catch {
  // It stays in the text, with the server's message beside it.
}
const chosen = radios.find(({ checked }) => checked);
if (Array.isArray(given) && given.every((spec) => spec && typeof spec === "object" && !Array.isArray(spec))) load(given);
else if (!area.value.trim() && chosen) {
  load(starts[chosen.value].questions);
  area.value = JSON.stringify(specs(), null, 2);
  if (!guidelines.value) guidelines.value = suggested = starts[chosen.value].guidelines;
}
// What the server refused is not saved, and shows what is wrong with it.
saved = faults.length ? "" : JSON.stringify(specs());
for (const { place } of faults) if (place) open.add(cards[Number(place.split("/")[0])]?.uid);
draw();
look();

document.querySelector("form#form").addEventListener("submit", () => (leaving = true));
addEventListener("beforeunload", (event) => {
  if (!leaving && JSON.stringify(specs()) !== saved) event.preventDefault();
});
