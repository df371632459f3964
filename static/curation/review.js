// Noise review: a key answers a pair, the next one shows at once, and going back lets an answer be changed.
//
// Answers are sent in order behind the page's back; one that was not taken brings its pair back with a notice.
import { ActiveTime } from "../annotate/activetime.js";
import { uuid } from "../js/dom.js";
import { fragment, post } from "../js/http.js";
import { _ } from "../js/i18n.js";
import { bind } from "../js/keys.js";
import { mount as mountProse } from "../js/prose.js";
import { toast } from "../js/toasts.js";

const page = document.querySelector("[data-review]");
const desk = page.querySelector("[data-desk]");
const bar = page.querySelector("[data-bar]");
const last = page.querySelector("[data-last]");
const back = bar.querySelector('[data-do="undo"]');
const { base, query } = page.dataset;

let current = null; // { id, root, clock }
let ahead = []; // loaded already, the next first
let past = []; // ids of the pairs that were left, the newest last
let loading = null;
const unsent = new Set();
let sending = Promise.resolve();

const address = (path, more = "") => `${base}${path}?${[query, more].filter(Boolean).join("&")}`;

function viewOf(content) {
  const root = content?.querySelector("[data-pair]");
  if (!root) return null;
  return { id: Number(root.dataset.pair), root: document.importNode(root, true), clock: new ActiveTime() };
}

/** The pair after all those at hand; null: there is none. */
function fetchNext() {
  loading ??= (async () => {
    const beside = [...unsent, ...ahead.map(({ id }) => id), ...(current ? [current.id] : [])];
    const view = viewOf(await fragment(address("next", beside.map((id) => `after=${id}`).join("&"))));
    return view && [...unsent, ...ahead.map(({ id }) => id), current?.id].includes(view.id) ? null : view;
  })().finally(() => (loading = null));
  return loading;
}

async function preload() {
  if (ahead.length) return;
  try {
    const view = await fetchNext();
    if (!view || ahead.some(({ id }) => id === view.id) || current?.id === view.id) return;
    if (current) ahead.push(view);
    else show(view);
  } catch {
    // It is asked for again when it is needed.
  }
}

function show(view) {
  current?.clock.stop();
  current = view;
  if (desk.firstElementChild !== view.root) desk.replaceChildren(view.root);
  mountProse(view.root);
  for (const button of bar.querySelectorAll("[data-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.choice === view.root.dataset.given));
  }
  bar.hidden = false;
  back.disabled = !past.length;
  view.clock.start();
  view.root.focus({ preventScroll: true });
  scrollTo({ top: 0 });
  preload();
}

function showNone() {
  current = null;
  desk.replaceChildren(document.querySelector("#none-left").content.cloneNode(true));
  // The answers give way; going back still works.
  bar.hidden = !past.length;
  for (const button of bar.querySelectorAll("[data-choice], [data-do='skip']")) button.disabled = true;
  back.disabled = !past.length;
}

async function advance() {
  const next = ahead.shift();
  if (next) return show(next);
  current = null;
  try {
    await sending;
    const view = await fetchNext();
    if (!current) view ? show(view) : showNone();
  } catch (error) {
    toast(_("The next pair could not be opened: {error}", { error: error.message }), { kind: "bad", action: { label: _("Try again"), run: advance } });
  }
  return undefined;
}

async function open(id) {
  try {
    const view = viewOf(await fragment(address(`${id}/`)));
    if (!view) return;
    if (current) ahead.unshift(current);
    for (const button of bar.querySelectorAll("button")) button.disabled = false;
    past = past.filter((other) => other !== id);
    show(view);
  } catch (error) {
    toast(_("That pair could not be opened: {error}", { error: error.message }), { kind: "bad", seconds: 6 });
  }
}

/** Send what was decided about a pair, after all that was decided before. */
function send(view, path, body) {
  const { id } = view;
  unsent.add(id);
  sending = sending.then(async () => {
    try {
      tell(await post(address(`${id}/${path}`), body));
    } catch (error) {
      toast(_("That answer was not taken: {error}", { error: error.message }), { kind: "bad", action: { label: _("Open the pair"), run: () => open(id) } });
    } finally {
      unsent.delete(id);
    }
  });
}

function tell({ progress, said, label }) {
  page.querySelector("[data-done]").textContent = progress.done;
  page.querySelector("[data-total]").textContent = progress.total;
  Object.assign(page.querySelector("[data-progress]"), { max: Math.max(progress.total, 1), value: progress.done });
  if (said) last.textContent = _("The last pair: you said {said}, its label was {label}.", { said, label });
}

function leave(path, body) {
  if (!current) return;
  const view = current;
  view.clock.stop();
  past.push(view.id);
  send(view, path, body);
  last.textContent = "";
  advance();
}

const answer = (choice) => leave("answer", { choice, submission: uuid(), seconds: Math.round(current?.clock.seconds ?? 0) });
const skip = () => leave("skip", {});

async function undo() {
  const id = past.at(-1);
  if (id === undefined) return;
  await sending; // so that the pair comes with its answer
  await open(id);
}

for (const button of bar.querySelectorAll("[data-choice]")) {
  const { choice, keys } = button.dataset;
  button.setAttribute("aria-keyshortcuts", keys);
  button.addEventListener("click", () => answer(choice));
  bind({ keys: keys.split(" "), label: button.firstChild.textContent.trim(), group: _("Answer"), run: () => answer(choice) });
}
bar.querySelector('[data-do="skip"]').addEventListener("click", skip);
back.addEventListener("click", undo);
bind({ keys: "s", label: _("Skip this pair"), group: _("Pairs"), run: skip });
bind({ keys: ["u", "Backspace", "Ctrl+z"], label: _("Back to the pair before, to change its answer"), group: _("Pairs"), run: undo });
for (const sign of ["keydown", "pointermove", "scroll"]) addEventListener(sign, () => current?.clock.touch(), { passive: true });
document.addEventListener("visibilitychange", () => (document.hidden ? current?.clock.stop() : current?.clock.start()));

const first = desk.querySelector("[data-pair]");
if (first) show({ id: Number(first.dataset.pair), root: first, clock: new ActiveTime() });
else showNone();
