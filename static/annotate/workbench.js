// The annotator's page: opens tasks, binds keys, sends answers, and has the next task ready.
//
// Answers go to the outbox and the next task shows at once; the outbox sends them in order and keeps them while the
// server cannot be reached. Going back shows an earlier task again; sending it then makes a revision.
import { make, store, uuid } from "../js/dom.js";
import { fragment, post } from "../js/http.js";
import { _, plural } from "../js/i18n.js";
import { bind } from "../js/keys.js";
import { mount as mountProse } from "../js/prose.js";
import { toast } from "../js/toasts.js";
import { clockText } from "./activetime.js";
import { contrast } from "./contrast.js";
import { Drafts } from "./drafts.js";
import { fold, unfold } from "./folding.js";
import { mountMedia } from "./media/index.js";
import { Outbox } from "./outbox.js";
import { TaskView } from "./taskview.js";

const stage = document.querySelector("[data-workbench]");
const desk = stage.querySelector("[data-desk]");
const { base, owner, signIn } = stage.dataset;
const one = (selector) => document.querySelector(selector);

const REMEMBERED = 20; // tasks that were answered here and open again at once
const BEAT = 60_000;
const LOOK_AGAIN = [3, 5, 10, 30].map((seconds) => seconds * 1000);

let current = null;
let past = []; // answered here, the newest last
let ahead = []; // loaded already; the next first
let unbind = [];
let loading = null;
let again = null;
let failures = 0;
let progress = { done: Number(one("[data-progress-done]").textContent), total: Number(one("[data-progress-total]").textContent) };

// ---- what is kept, and what is said about it ----

const outbox = new Outbox({ key: `touchstone:outbox:${owner}`, post, sent, refused, changed: tellOutbox });
const drafts = new Drafts({ prefix: `touchstone:draft:${owner}`, post, status: tellDraft });

function say(text, kind = "") {
  const saved = one("[data-saved]");
  saved.textContent = text;
  saved.dataset.kind = kind;
}

function tellDraft(status) {
  const time = new Date().toLocaleTimeString(document.documentElement.lang || [], { hour: "2-digit", minute: "2-digit" });
  const words = { saving: _("Saving …"), saved: _("Draft saved {time}", { time }), local: _("Draft kept in this browser") };
  say(words[status] ?? "", status);
}

let offerSignIn = null;
function tellOutbox({ waiting, trouble }) {
  if (trouble === "signed-out") {
    offerSignIn ??= toast(_("You are signed out. Sign in again; your answers wait here."), {
      kind: "bad",
      seconds: 0,
      action: { label: _("Sign in"), run: () => window.open(`${signIn}?next=${encodeURIComponent(location.pathname)}`, "_blank") },
    });
  } else if (!trouble) {
    offerSignIn?.();
    offerSignIn = null;
  }
  if (trouble) say(plural("{n} answer not sent yet", "{n} answers not sent yet", waiting), "trouble");
  else if (one("[data-saved]").dataset.kind === "trouble") say(_("All answers sent"), "saved");
}

function showProgress() {
  one("[data-progress-done]").textContent = progress.done;
  one("[data-progress-total]").textContent = progress.total;
  Object.assign(one("[data-progress]"), { max: Math.max(progress.total, 1), value: progress.done });
}

function sent({ kind, task }, reply) {
  if (reply.progress) {
    // Answers that still wait are done for the rater.
    const waiting = outbox.waiting.filter((entry) => entry.kind === "submit" && !entry.revision).length;
    progress = { done: reply.progress.done + waiting, total: reply.progress.total };
    showProgress();
  }
  if (kind === "submit" && reply.status === "late") {
    toast(_("The time for that task had run out. Your answer is kept; whoever runs the project can count it."), { seconds: 8 });
  }
  if (kind === "flag") toast(_("Flagged."), { kind: "good", seconds: 3 });
  if (kind === "submit") forgetDraftOf(task);
}

function forgetDraftOf(task) {
  if (current?.id !== task) store.remove(`touchstone:draft:${owner}:${task}`);
}

async function refused(entry, error) {
  if (entry.kind !== "submit") {
    if (entry.kind === "flag") toast(_("The flag was not taken: {error}", { error: error.message }), { kind: "bad" });
    return;
  }
  if (!entry.revision) progress.done -= 1;
  showProgress();
  if (error.status !== 422) {
    toast(_("An answer was not taken: {error}", { error: error.message }), { kind: "bad" });
    return;
  }
  const view = past.find(({ id }) => id === entry.task) ?? (await load(entry.task));
  if (!view) return;
  past = past.filter((other) => other !== view);
  view.isRevision = Boolean(entry.revision);
  view.root.toggleAttribute("data-revision", view.isRevision);
  if (current && current !== view) ahead.unshift(current);
  await show(view, { given: entry.body.answers });
  view.showErrors(error.body.errors ?? {});
  toast(_("That answer does not fit the form; nothing was counted yet."), { kind: "bad", seconds: 8 });
}

// ---- tasks come and go ----

/** A view from a fragment, its images on their way. */
function viewOf(content) {
  const root = content?.querySelector("[data-task]");
  if (!root) return null;
  const view = new TaskView(document.importNode(root, true), base);
  mountProse(view.root);
  return view;
}

async function load(task) {
  try {
    return viewOf(await fragment(`${base}tasks/${task}`));
  } catch (error) {
    toast(_("That task could not be opened: {error}", { error: error.message }), { kind: "bad", seconds: 6 });
    return null;
  }
}

/** Ask for the task after those at hand; null: there is none. */
function fetchNext() {
  loading ??= (async () => {
    // A task whose answer is still on its way would be offered again.
    await outbox.flush();
    const asked = new URLSearchParams();
    const beside = [...outbox.waiting.map(({ task }) => task), ...ahead.map(({ id }) => id), ...(current ? [current.id] : [])];
    for (const id of new Set(beside)) asked.append("after", id);
    const view = viewOf(await fragment(`${base}next?${asked}`));
    return view && beside.includes(view.id) ? null : view;
  })().finally(() => (loading = null));
  return loading;
}

async function preload() {
  if (ahead.some(({ isRevision }) => !isRevision)) return;
  try {
    const view = await fetchNext();
    if (!view || ahead.some(({ id }) => id === view.id)) return;
    if (current) ahead.push(view);
    else show(view);
  } catch {
    // It is asked for again when it is needed.
  }
}

function note(id) {
  close();
  current = null;
  desk.replaceChildren(one(`#${id}`).content.cloneNode(true));
}

async function advance() {
  clearTimeout(again);
  const next = ahead.shift();
  if (next) return show(next);
  note("loading");
  try {
    const view = await fetchNext();
    failures = 0;
    if (current) return undefined;
    // While something is still waiting to be sent, "none" is not the last word.
    if (!view && outbox.waiting.length) return waitForServer();
    return view ? show(view) : note("none-left");
  } catch {
    return waitForServer();
  }
}

function waitForServer() {
  note("no-connection");
  again = setTimeout(() => !current && advance(), LOOK_AGAIN[Math.min(failures++, LOOK_AGAIN.length - 1)]);
}

function close() {
  for (const undo of unbind) undo();
  unbind = [];
  current?.clock.stop();
  current?.media?.stop();
  drafts.flush();
}

async function show(view, { given } = {}) {
  close();
  current = view;
  desk.replaceChildren(view.root);
  const local = drafts.local(view);
  const started = given ?? local ?? undefined;
  view.mounting ??= mountMedia(view.root);
  await view.mount({ given: started, changed: (changed) => drafts.changed(changed), finished: submit });
  if (current !== view) return;
  // A view that was open before holds its answers; a fresh one took them when it was mounted.
  if (given) view.set(given);
  if (view.isRevision) view.submitted ??= view.payload.answers;
  fold(view.root);
  mountProse(view.root).then(applyContrast, applyContrast);
  view.root.querySelector(".material").focus({ preventScroll: true, focusVisible: false });
  view.clock.start();
  if (document.hidden) view.clock.stop();
  tick();
  bindQuestions(view);
  preload();
  // The questions do not wait for media, some of which take their time.
  view.media = await view.mounting;
  if (current === view) bindMedia(view);
  else view.media.stop();
}

// ---- what the rater does ----

async function submit() {
  const view = current;
  if (!view || !view.check()) return;
  const answers = view.answers();
  if (!Object.keys(answers).length) return toast(_("Nothing is answered yet."), { seconds: 4 });
  view.clock.stop();
  const id = uuid();
  const body = { submission: id, answers, seconds: Math.round(view.clock.seconds * 10) / 10, shown: view.shown };
  drafts.forget(view);
  if (!view.isRevision) {
    progress.done += 1;
    showProgress();
  }
  outbox.add({ id, kind: "submit", task: view.id, revision: view.isRevision, url: `${view.url}/submit`, body });
  view.becomeRevision(answers);
  past = [...past.filter((other) => other !== view), view].slice(-REMEMBERED);
  await advance();
}

/** Ask why; null if the rater thinks better of it. */
function reason(id) {
  const dialog = one(`dialog#${id}`);
  const form = dialog.querySelector("form");
  form.reset();
  dialog.returnValue = "";
  dialog.showModal();
  dialog.querySelector('input[type="radio"]')?.focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        const fields = new FormData(form);
        const words = [fields.get("reason"), fields.get("note").trim()].filter(Boolean).join(": ");
        resolve(dialog.returnValue === "ok" ? words : null);
      },
      { once: true },
    );
  });
}

for (const dialog of document.querySelectorAll("dialog.reason")) {
  dialog.addEventListener("keydown", (event) => {
    if (event.target.matches("textarea")) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) dialog.querySelector('[value="ok"]').click();
      return;
    }
    const choice = dialog.querySelectorAll('input[type="radio"]')[Number(event.key) - 1];
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    choice.focus();
  });
}

async function skip() {
  const view = current;
  if (!view || view.isRevision) return;
  const why = await reason("skip");
  if (why === null || current !== view) return;
  drafts.forget(view);
  outbox.add({ id: uuid(), kind: "skip", task: view.id, url: `${view.url}/skip`, body: { reason: why } });
  await advance();
}

async function flag() {
  const view = current;
  if (!view) return;
  const why = await reason("flag");
  if (why !== null) outbox.add({ id: uuid(), kind: "flag", task: view.id, url: `${view.url}/flag`, body: { reason: why } });
}

/** Open an earlier task; what was on the screen comes back after it. */
async function reopen(task) {
  if (current?.id === task) return;
  const known = past.find(({ id }) => id === task);
  const view = known ?? (await load(task));
  if (!view) return;
  past = past.filter((other) => other !== view);
  if (current) ahead.unshift(current);
  await show(view);
}

async function back() {
  const last = past.at(-1);
  if (last) return reopen(last.id);
  const shown = new Set([current?.id, ...ahead.map(({ id }) => id)].map(String));
  const earlier = [...(await history()).querySelectorAll("[data-open-task]")].find(({ dataset }) => !shown.has(dataset.openTask));
  if (earlier) return reopen(Number(earlier.dataset.openTask));
  return toast(_("There is nothing before this."), { seconds: 3 });
}

/** Leave an earlier task as it was. */
function leave() {
  if (!current?.isRevision) return;
  const view = current;
  drafts.forget(view);
  view.set(view.submitted);
  past = [...past, view].slice(-REMEMBERED);
  advance();
}

async function history() {
  const content = await fragment(`${base}history`).catch(() => null);
  return content ?? make("p", { class: "muted" }, _("The list could not be loaded."));
}

async function showHistory() {
  const dialog = one("dialog#history");
  dialog.querySelector("[data-history]").replaceChildren(make("div", { class: "skeleton" }));
  dialog.showModal();
  dialog.querySelector("[data-history]").replaceChildren(await history());
}

function guidelines(open = one("#guidelines").hidden) {
  const drawer = one("#guidelines");
  drawer.hidden = !open;
  one('.taskbar [data-do="guidelines"]').setAttribute("aria-expanded", open);
  if (open) {
    mountProse(drawer);
    drawer.focus({ preventScroll: true });
  } else desk.querySelector(".material")?.focus({ preventScroll: true });
}

// ---- how it looks, by the rater's choice ----

const VIEW = "touchstone:workbench";
const look = { candidates: "side", answer: "right", text: "medium", difference: "off", ...store.get(VIEW, {}) };

function applyLook() {
  for (const [name, value] of Object.entries(look)) stage.dataset[name] = value;
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", look[button.dataset.view] === button.dataset.value);
  }
}

function setLook(name, value) {
  look[name] = value;
  store.set(VIEW, look);
  applyLook();
  applyContrast();
}

/** Mark what differs between the responses on the screen, or do not. */
function applyContrast() {
  contrast(look.difference === "on" ? current?.root : null);
}

// ---- keys and buttons ----

const WORK = _("Work");
const LOOK = _("Look");
bind({ keys: "Enter", label: _("Submit"), group: WORK, run: submit });
bind({ keys: "Ctrl+Enter", label: _("Submit while typing"), group: WORK, run: submit, inFields: true });
bind({ keys: ["s", "Space"], label: _("Skip, with a reason"), group: WORK, run: skip });
bind({ keys: "f", label: _("Flag a problem"), group: WORK, run: flag });
bind({ keys: ["Backspace", "Ctrl+z"], label: _("Back to the one before"), group: WORK, run: back });
bind({ keys: "a", label: _("Your last answers"), group: WORK, run: showHistory });
bind({ keys: "Ctrl+s", label: _("Save the draft now"), group: WORK, inFields: true, run: () => drafts.flush() });
bind({ keys: "j", label: _("Next question"), group: WORK, run: () => current?.step(1) });
bind({ keys: "k", label: _("Question before"), group: WORK, run: () => current?.step(-1) });
bind({ keys: "Escape", label: _("Out of a text field; leave an earlier task as it was"), group: WORK, inFields: true, run: escape });
bind({ keys: "h", label: _("Guidelines"), group: LOOK, run: () => guidelines() });
bind({ keys: "e", label: _("Show long texts whole"), group: LOOK, run: () => current && unfold(current.root) });
bind({ keys: "l", label: _("Side by side or stacked"), group: LOOK, run: () => setLook("candidates", look.candidates === "side" ? "stacked" : "side") });
bind({ keys: "d", label: _("Mark what differs between the responses"), group: LOOK, run: () => setLook("difference", look.difference === "on" ? "off" : "on") });

function escape(event) {
  if (event.target.matches("input, textarea, select")) event.target.blur();
  else if (!one("#guidelines").hidden) guidelines(false);
  else leave();
}

function bindQuestions(shown) {
  for (const { key, label, title } of shown.keys) {
    unbind.push(bind({ keys: key, label, group: title, run: () => shown.press(key), when: () => shown.knows(key) }));
  }
}

/** The questions come first: what one of them knows is not a medium's key here. */
function bindMedia(shown) {
  const taken = new Set(shown.keys.map(({ key }) => key));
  for (const { key, label, group, run } of shown.media.keys) {
    if (!taken.has(key)) unbind.push(bind({ keys: key, label, group, run }));
  }
}

/** A key was let go, or all of them when the window is left: what was held down ends. */
function letGo(name) {
  for (const { key, up } of current?.media?.keys ?? []) if (name === undefined || key === name) up();
}
document.addEventListener("keyup", ({ key }) => key && letGo(key.toLowerCase())); // none where the browser fills in
addEventListener("blur", () => letGo());

const ACTIONS = { skip, flag, back, leave, history: showHistory, guidelines: () => guidelines(), retry: () => advance() };
document.addEventListener("click", (event) => {
  const action = event.target.closest("[data-do]")?.dataset.do;
  if (action) ACTIONS[action]();
  const opened = event.target.closest("[data-open-task]");
  if (opened) {
    one("dialog#history").close();
    reopen(Number(opened.dataset.openTask));
  }
  const choice = event.target.closest("[data-view]");
  if (choice) setLook(choice.dataset.view, choice.dataset.value);
});
desk.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});

// ---- time, leases, connection ----

function tick() {
  one("[data-clock]").textContent = clockText(current?.clock.seconds ?? 0);
}
setInterval(tick, 1000);
for (const sign of ["keydown", "pointermove", "pointerdown", "wheel", "scroll"]) {
  document.addEventListener(sign, () => current?.clock.touch(), { capture: true, passive: true });
}

let lapsed = null;
async function beat() {
  if (!current?.clock.active) return;
  for (const held of [current, ...ahead].filter(({ isRevision }) => !isRevision)) {
    try {
      const reply = await post(`${held.url}/heartbeat`);
      if (reply.live === false && held === current && lapsed !== held.id) {
        lapsed = held.id;
        toast(_("The time for this task has run out. You can still answer; it is kept as late."), { seconds: 10 });
      }
    } catch {
      // The next beat tries again; an answer after the lease is kept all the same.
    }
  }
}
setInterval(beat, BEAT);

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    current?.clock.stop();
    drafts.flush({ leaving: true });
  } else {
    current?.clock.start();
    outbox.flush();
  }
});
addEventListener("pagehide", () => drafts.flush({ leaving: true }));
addEventListener("online", async () => {
  await outbox.flush();
  if (!current) advance();
});

// ---- begin ----

applyLook();
const first = desk.querySelector("[data-task]");
const answered = new Set(outbox.waiting.filter(({ kind }) => kind !== "flag").map(({ task }) => String(task)));
outbox.flush();
// After a crash the server may offer a task whose answer still waits here.
if (first && !answered.has(first.dataset.task)) show(new TaskView(first, base));
else advance();
// Whoever is new to a project reads its guidelines first.
const READ = `touchstone:guidelines:${owner}`;
const text = one("#guidelines .prose").textContent.trim();
if (store.get(READ) !== text.length && progress.done === 0) guidelines(true);
store.set(READ, text.length);
