// Revision: an editor for each response that starts from its text, and the difference to it while one types.
import { make } from "../../js/dom.js";
import { changes, difference } from "../difference.js";
import { fill } from "../../js/i18n.js";
import { grow, head, say } from "./_shared.js";

const CONTEXT = 120; // characters of what stayed, shown on either side of a change
const TAGS = { removed: "del", added: "ins" };

export function mount(root, { responses, answer, changed }) {
  const editors = [...root.querySelectorAll("[data-response]")].map((element) => {
    const { text } = responses.find(({ key }) => key === element.dataset.response);
    return {
      element,
      key: element.dataset.response,
      original: text.replace(/\r\n?/g, "\n"), // as a textarea gives it back
      box: element.querySelector("textarea"),
      none: element.querySelector("[data-unchanged]"),
      state: element.querySelector("[data-state]"),
      shown: element.querySelector("[data-difference]"),
      isFine: false, // said to need no correction
      typed: null, // what was typed before that was said
    };
  });

  const isChanged = ({ box, original }) => box.value.trim() !== original.trim();
  const isEmpty = (editor) => !editor.box.value.trim() && isChanged(editor);
  const isDone = (editor) => editor.isFine || (isChanged(editor) && !isEmpty(editor));
  const open = () => editors.find((editor) => !isDone(editor));
  const here = () => editors.find(({ element }) => element.contains(document.activeElement)) ?? open() ?? editors.at(-1);

  const refreshHead = head(root, {
    all: editors.length,
    done: () => editors.filter(isDone).length,
    clear() {
      set(null);
      editors[0].box.focus();
      changed();
    },
  });

  function refresh() {
    for (const editor of editors) show(editor);
    refreshHead();
  }

  function show(editor) {
    const { element, box, none, state, shown, original } = editor;
    const edited = isChanged(editor) && !isEmpty(editor);
    none?.setAttribute("aria-pressed", editor.isFine);
    element.querySelector("[data-reset]").hidden = !isChanged(editor);
    shown.hidden = !edited;
    let words = editor.isFine ? state.dataset.none : isEmpty(editor) ? state.dataset.empty : state.dataset.untouched;
    if (edited) {
      const parts = difference(original, box.value);
      words = fill(state.dataset.changed, changes(parts));
      shown.replaceChildren(...parts.map(({ kind, text }, place) => (TAGS[kind] ? make(TAGS[kind], {}, text) : around(text, place, parts.length))));
    }
    state.textContent = words;
    state.toggleAttribute("data-done", isDone(editor));
    state.toggleAttribute("data-short", isEmpty(editor));
    grow(box);
  }

  /** What stayed; of a long stretch only what is next to the changes. */
  function around(text, place, places) {
    const [before, after] = [place ? CONTEXT : 0, place < places - 1 ? CONTEXT : 0];
    if (text.length <= before + after + 40) return make("span", {}, text);
    return make("span", {}, text.slice(0, before), make("span", { class: "fb-left-out" }, " ⋯ "), after ? text.slice(-after) : "");
  }

  function unchanged(editor) {
    editor.isFine = !editor.isFine;
    if (editor.isFine) {
      editor.typed = isChanged(editor) ? editor.box.value : null;
      editor.box.value = editor.original;
    } else if (editor.typed !== null) {
      editor.box.value = editor.typed;
    }
    refresh();
    say(root, `${editor.element.dataset.letter}: ${editor.state.textContent}`);
    changed();
  }

  /** As it was; by the browser's own editing where it can, so that Ctrl+Z brings the correction back. */
  function reset({ box, original }) {
    box.focus();
    box.select();
    if (!document.execCommand(original ? "insertText" : "delete", false, original)) box.value = original;
    refresh();
    changed();
  }

  const draft = () => {
    const done = editors.filter(isDone).map((editor) => [editor.key, editor.isFine ? "" : editor.box.value]);
    return done.length ? Object.fromEntries(done) : null;
  };
  function set(given) {
    for (const editor of editors) {
      const text = given?.[editor.key];
      editor.isFine = text === "";
      editor.typed = null;
      editor.box.value = text || editor.original;
    }
    refresh();
  }

  root.addEventListener("input", (event) => {
    const editor = editors.find(({ box }) => box === event.target);
    editor.isFine = false;
    refresh();
    changed();
  });
  root.addEventListener("click", (event) => {
    const editor = editors.find(({ element }) => element.contains(event.target));
    if (event.target.closest("[data-unchanged]")) unchanged(editor);
    if (event.target.closest("[data-reset]")) reset(editor);
  });
  set(answer);

  const keys = [{ key: "w", label: root.querySelector(".fb-title").textContent, run: () => (open() ?? editors.at(-1)).box.focus() }];
  if (editors[0]?.none) keys.push({ key: "u", label: editors[0].none.firstChild.textContent.trim(), run: () => unchanged(here()) });
  return {
    value: () => (editors.every(isDone) ? draft() : null),
    draft,
    set,
    keys,
  };
}
