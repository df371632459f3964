// One task on the screen: its questions' widgets, what they hold, and which question the keys go to.
import { make } from "../js/dom.js";
import { _ } from "../js/i18n.js";
import { cap } from "../js/keys.js";
import { ActiveTime } from "./activetime.js";
import { holds } from "./conditions.js";

const lower = (key) => (key.length === 1 ? key.toLowerCase() : key);
const UNLOADED = _("This question could not be loaded. Reload the page.");
const FOCUSABLE = 'input:not([type="hidden"], :disabled), textarea, select, button:not(:disabled, [data-clear]), [tabindex="0"]';

export class TaskView {
  #sections = [];
  #mounted = null;
  #active = null;
  #changed = () => {};
  #finished = () => {};

  /** root: the <article data-task> of a fragment, owned by this document; base: the page's address. */
  constructor(root, base) {
    this.root = root;
    this.payload = JSON.parse(root.querySelector(':scope > script[type="application/json"]').textContent);
    this.id = this.payload.id;
    this.url = `${base}tasks/${this.id}`;
    this.isRevision = "revision" in root.dataset;
    this.clock = new ActiveTime();
    this.media = null;
    // The widgets of a task that is loaded ahead come with it, should the connection be gone when it is opened.
    for (const { dataset } of root.querySelectorAll("[data-module]")) import(dataset.module).catch(() => {});
  }

  get shown() {
    return this.payload.responses.map(({ key }) => key);
  }

  /**
   * Bring the widgets to life; must be on the page. `given`: answers to start from. changed(): after each edit.
   * finished(): a question was answered that sends the task, and nothing that is required is open.
   */
  mount({ given = this.payload.answers, changed, finished = () => {} }) {
    this.#changed = changed;
    this.#finished = finished;
    this.#mounted ??= this.#mount(given ?? {});
    return this.#mounted;
  }

  async #mount(given) {
    this.#sections = [...this.root.querySelectorAll("[data-question-name]")].map((element) => ({
      element,
      question: this.payload.questions.find(({ name }) => name === element.dataset.questionName),
      problem: element.querySelector(".problem"),
      widget: null,
    }));
    await Promise.all(this.#sections.map((section) => this.#mountOne(section, given)));
    this.#ask();
    this.root.addEventListener("focusin", (event) => {
      const section = this.#sections.find(({ element }) => element.contains(event.target));
      if (section) this.activate(section);
    });
    this.activate(this.#firstOpen() ?? this.#sections[0]);
  }

  async #mountOne(section, given) {
    const { element, question } = section;
    try {
      const kind = await import(element.dataset.module);
      section.widget = kind.mount(element.querySelector("[data-feedback]"), {
        settings: question.settings,
        criteria: question.criteria,
        drawn: question.drawn,
        responses: this.payload.responses,
        answer: given[question.name] ?? null,
        changed: () => this.#edited(section),
        finished: () => this.#firstOpen()?.question.required || this.#finished(this),
      });
      this.#legend(section);
      this.#mark(section);
    } catch (error) {
      console.error(error);
      this.#complain(section, UNLOADED);
    }
  }

  #legend({ element, widget }) {
    // A widget that prints its own keys needs no legend.
    if (element.querySelector("[data-feedback] kbd")) return;
    const entries = widget.keys.map(({ key, label }) => make("span", {}, cap(lower(key)), ` ${label}`));
    element.querySelector(".legend").replaceChildren(...entries);
  }

  #mark(section) {
    section.element.toggleAttribute("data-answered", section.widget.value() !== null);
  }

  /** Show the questions whose conditions hold. The others keep what they were given, but it is not sent. */
  #ask() {
    const answers = {};
    for (const { element, question, widget } of this.#sections) {
      element.hidden = !holds(question.condition, answers);
      if (!element.hidden && widget) answers[question.name] = widget.value();
    }
    if (this.#active?.element.hidden) this.activate(this.#firstOpen());
  }

  /** The questions that are asked now. */
  get #asked() {
    return this.#sections.filter(({ element }) => !element.hidden);
  }

  #edited(section) {
    const before = section.element.hasAttribute("data-answered");
    this.#mark(section);
    this.#ask();
    section.problem.hidden = true;
    if (section.element.hasAttribute("data-answered")) {
      // Answered by keys, without the focus in it: the keys go on to the next open question.
      const stays = section.element.contains(document.activeElement);
      if (!before && !stays) this.activate(this.#firstOpen() ?? section);
    }
    this.root.querySelector('input[name="answers"]').value = JSON.stringify(this.answers());
    this.#changed(this);
  }

  #firstOpen() {
    const open = this.#asked.filter(({ element }) => !element.hasAttribute("data-answered"));
    return open.find(({ question }) => question.required) ?? open[0];
  }

  /** The question that keys go to. */
  activate(section) {
    this.#active = section;
    for (const { element } of this.#sections) element.toggleAttribute("data-active", element === section?.element);
  }

  /** Make the next (+1) or previous (-1) question the active one. */
  step(by) {
    const asked = this.#asked;
    this.#enter(asked[(asked.indexOf(this.#active) + by + asked.length) % asked.length]);
  }

  #enter(section) {
    this.activate(section);
    section.element.scrollIntoView({ block: "nearest" });
    // What is open comes first, in a widget that says where that is.
    const controls = ["[data-feedback] [data-active]", "[data-feedback]"].flatMap((where) => [
      ...section.element.querySelectorAll(`${where} :is(${FOCUSABLE})`),
    ]);
    controls.find((control) => control.checkVisibility())?.focus({ focusVisible: true });
  }

  /** All keys of all questions: [{ key, label, title }]. */
  get keys() {
    return this.#sections.flatMap(({ widget, question }) =>
      (widget?.keys ?? []).map(({ key, label }) => ({ key: lower(key), label, title: question.title })),
    );
  }

  /** Whether a question that is asked now knows a key. */
  knows(key) {
    return this.#asked.some(({ widget }) => widget?.keys.some((one) => lower(one.key) === key));
  }

  /** A key was pressed: the active question has it, else the first open one that knows it, else any. */
  press(key) {
    const open = this.#asked.filter(({ element }) => !element.hasAttribute("data-answered"));
    for (const section of [this.#active, ...open, ...this.#asked]) {
      const found = section?.widget?.keys.find((one) => lower(one.key) === key);
      if (found) return found.run();
    }
  }

  /** Complete answers by question. */
  answers() {
    return this.#collect(this.#asked, (widget) => widget.value());
  }

  /** What there is so far by question, complete or not. */
  drafts() {
    return this.#collect(this.#sections, (widget) => (widget.draft ? widget.draft() : widget.value()));
  }

  #collect(sections, read) {
    const entries = sections.map(({ question, widget }) => [question.name, widget && read(widget)]);
    return Object.fromEntries(entries.filter(([, value]) => value != null));
  }

  /** Put answers or drafts back. */
  set(answers) {
    for (const { question, widget } of this.#sections) widget?.set(answers[question.name] ?? null);
    this.#sections.filter(({ widget }) => widget).forEach((section) => this.#mark(section));
    this.#ask();
  }

  /** Say what is missing before this can be sent; true if nothing is. */
  check() {
    let first = null;
    for (const section of this.#asked) {
      const { question, widget } = section;
      const begun = widget?.draft?.() != null && widget.value() === null;
      const open = widget && question.required && widget.value() === null;
      const missing = !widget ? UNLOADED : begun ? _("This is not complete yet.") : open ? _("This needs an answer.") : "";
      section.problem.hidden = !missing;
      section.problem.textContent = missing;
      if (missing) first ??= section;
    }
    if (first) this.#enter(first);
    return !first;
  }

  /** Show what the server found wrong: {question: {path, message}}. */
  showErrors(errors) {
    let first = null;
    for (const section of this.#sections) {
      const error = errors[section.question.name];
      if (!error) continue;
      this.#complain(section, error.message);
      first ??= section;
    }
    if (first) this.#enter(first);
  }

  #complain({ problem }, message) {
    problem.textContent = message;
    problem.hidden = false;
  }

  /** From now on a change of something answered before. */
  becomeRevision(answers) {
    this.isRevision = true;
    this.submitted = answers;
    this.root.dataset.revision = "";
    this.clock = new ActiveTime();
  }
}
