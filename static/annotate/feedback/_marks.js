// What the kinds share that mark parts of responses: the list of marks, the pop-up that asks what a mark is, undo.
//
// A mark is a plain object: its place (the kind's own fields), category, and severity, explanation, correction where
// they are asked. A mark whose category is not chosen yet is `editing` only; closing the pop-up drops it.
import { fill } from "../../js/i18n.js";
import { KEYS, head, say } from "./_shared.js";

export const COLOURS = 8;
const REMEMBERED = 50; // steps that can be taken back
const DETAILS = ["severity", "explanation", "correction"];

const runs = new WeakMap(); // by widget: what it does on events of the page

/**
 * Listen to the page or the window while a widget is on the page.
 *
 * A task that was answered leaves the page and may come back; one that is forgotten must not be kept by its listeners.
 */
function whileShown(root, target, type, run, options = {}) {
  const widget = new WeakRef(root);
  const own = runs.get(root) ?? [];
  const place = own.push(run) - 1;
  runs.set(root, own);
  const life = new AbortController();
  const listener = (event) => {
    const shown = widget.deref();
    if (!shown) life.abort();
    else if (shown.isConnected) runs.get(shown)[place](event);
  };
  target.addEventListener(type, listener, { ...options, signal: life.signal });
}

/**
 * Which of the media of `home` (a response, or the item) an element shows: as its pane says, else the pane's place.
 * An element outside of panes is the one at `place`.
 */
export function mediumOf(element, home, place) {
  const pane = element.closest("[data-pane]");
  return Number(pane?.dataset.medium ?? (pane ? [...home.querySelectorAll("[data-pane]")].indexOf(pane) : place));
}

/** One pane a response: its list here, and its marks. */
export function panesOf(root, responses) {
  return responses.map(({ key, label, text }) => {
    const list = root.querySelector(`[data-marks="${CSS.escape(key)}"]`);
    return { key, label: label ?? list.getAttribute("aria-label"), text: text ?? "", list, nothing: list.querySelector("[data-nothing]"), marks: [] };
  });
}

/**
 * The marks of some panes.
 *
 * place(mark): the fields of its place, as the answer has them; name(pane, mark): what the list calls it;
 * order(x, y): of the list; paint(): show the marks and `chosen` where they belong; anchor(pane, mark): what the
 * pop-up stands beside; back(pane): take the focus when it closes; clash(pane, mark): why it cannot be, or "";
 * nudge(pane, mark, event): an arrow was pressed on its row, true if that was meant for it;
 * needless(pane): there is nothing in it that could be marked.
 */
export function marksOf(root, { settings, panes, changed, place, name, order, paint, anchor, back, clash = () => "", nudge = () => false, needless = () => false }) {
  const pop = root.querySelector("[data-pop]");
  const details = pop.querySelector("[data-details]");
  const fields = [...pop.querySelectorAll("[data-field]")];
  const severities = settings.severities ?? [];
  const choices = { category: settings.categories.filter(({ placed }) => placed !== false), severity: severities };
  const isNote = (mark) => settings.categories.some((one) => one.name === mark.category && one.placed === false);
  const title = (list, wanted) => list.find((entry) => entry.name === wanted)?.title || wanted;
  const colour = ({ category }) => settings.categories.findIndex((one) => one.name === category) % COLOURS;
  const decided = (pane) => pane.marks.length > 0 || pane.nothing.checked || needless(pane);
  const touched = (pane) => decided(pane) && !needless(pane);
  const complete = (mark) => mark.category && (!severities.length || mark.severity);
  // What a digit decides: the category, then the severity; later the category again.
  const next = (mark) => (isNote(mark) || (mark.category && severities.length && !mark.severity) ? "severity" : "category");
  let editing = null; // { pane, mark, anchor }
  let chosen = null; // the mark that was made, opened or focused last
  let past = []; // what there was before each step

  const refreshHead = head(root, {
    all: panes.length,
    done: () => panes.filter(touched).length,
    clear() {
      remember();
      put(null);
      changed();
    },
  });

  // ---- undo ----

  const remember = () => (past = [...past.slice(1 - REMEMBERED), JSON.stringify(draft())]);

  function undo() {
    if (!past.length) return say(root, root.dataset.noUndo);
    put(JSON.parse(past.pop()));
    say(root, root.dataset.undone);
    changed();
  }

  // ---- the list ----

  function refresh() {
    const row = document.activeElement?.closest?.("[data-row]");
    const focused = row && panes.find(({ list }) => list.contains(row));
    const index = row && [...row.parentElement.children].indexOf(row);
    for (const pane of panes) {
      pane.list.querySelector("[data-list]").replaceChildren(...pane.marks.map((mark) => item(pane, mark)));
      pane.nothing.disabled = pane.marks.length > 0;
    }
    if (focused) {
      // The row of the same mark, else the one that took its place.
      const rows = [...focused.list.querySelectorAll("[data-row]")];
      const same = focused.marks.indexOf(chosen);
      const stays = rows[same >= 0 ? same : Math.min(index, rows.length - 1)];
      (stays?.querySelector("[data-open]") ?? focused.nothing).focus();
    }
    paint();
    refreshHead();
  }

  function item(pane, mark) {
    const row = root.querySelector("[data-item]").content.cloneNode(true).firstElementChild;
    const severity = severities.length ? title(severities, mark.severity) || root.dataset.missing : "";
    const open_ = row.querySelector("[data-open]");
    row.querySelector("[data-swatch]").dataset.colour = colour(mark);
    row.querySelector("[data-quote]").textContent = name(pane, mark);
    row.querySelector("[data-what]").textContent = [title(settings.categories, mark.category), severity].filter(Boolean).join(" · ");
    row.querySelector("[data-why]").textContent = [mark.explanation, mark.correction && `→ ${mark.correction}`].filter(Boolean).join(" ");
    row.toggleAttribute("data-short", !complete(mark));
    open_.addEventListener("click", () => open(pane, mark, row, true));
    open_.addEventListener("focus", () => {
      chosen = mark;
      paint();
    });
    row.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Delete") remove(pane, mark, { stay: true });
      else if (!event.key.startsWith("Arrow") || !nudge(pane, mark, event)) return;
      event.preventDefault();
    });
    row.querySelector("[data-delete]").addEventListener("click", () => remove(pane, mark, { stay: true }));
    return row;
  }

  // ---- the pop-up ----

  /** Ask about a mark; `beside` is the range or element that the pop-up stands beside. */
  function open(pane, mark, beside = null, focus = false) {
    editing = { pane, mark, anchor: beside };
    chosen = mark;
    paint(); // what the pop-up stands beside may be made only now
    pop.hidden = false;
    show();
    if (focus) pop.querySelector("button:not([hidden] *)").focus();
  }

  function show() {
    const { pane, mark } = editing;
    if (editing.anchor?.isConnected !== true) editing.anchor = anchor(pane, mark) ?? pane.list;
    for (const group of pop.querySelectorAll("[data-choices]")) {
      group.hidden = group.dataset.choices === "category" && isNote(mark);
      group.toggleAttribute("data-next", group.dataset.choices === next(mark));
      for (const button of group.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(button.dataset.value === mark[group.dataset.choices]));
      }
    }
    for (const words of pop.querySelectorAll("[data-of]")) words.hidden = (words.dataset.of === "note") !== isNote(mark);
    for (const field of fields) {
      field.value = mark[field.dataset.field] ?? "";
      field.closest("label").hidden = field.dataset.field === "correction" && isNote(mark); // there is no place for it
    }
    if (details) details.hidden = !mark.category;
    pop.querySelector("[data-error]").textContent = "";
    const beside = editing.anchor.getBoundingClientRect();
    const { width, height } = pop.getBoundingClientRect();
    const below = beside.bottom + 6 + height < innerHeight || beside.top < height + 6;
    pop.style.left = `${Math.max(8, Math.min(beside.left, innerWidth - width - 8))}px`;
    pop.style.top = `${Math.max(8, Math.min(below ? beside.bottom + 6 : beside.top - height - 6, innerHeight - height - 8))}px`;
  }

  function close({ focus = false } = {}) {
    if (!editing) return;
    const { pane, mark } = editing;
    editing = null;
    pop.hidden = true;
    if (!mark.category) chosen = null;
    paint();
    if (focus) back(pane);
  }

  /** The category or severity with this place in its list was chosen for the mark that is asked about. */
  function choose(what, index) {
    const { pane, mark } = editing;
    const made = !mark.category;
    const trouble = made ? clash(pane, mark) : "";
    pop.querySelector("[data-error]").textContent = trouble;
    if (trouble) return;
    remember();
    mark[what] = choices[what][index].name;
    if (made) add(pane, mark);
    else refresh();
    changed();
    if (!details) return close({ focus: true });
    show();
    // On to what is still open: the severity by its key or by hand, then the words.
    const open_ = fields.filter((field) => !field.closest("label").hidden);
    if (complete(mark)) open_[0]?.focus();
    if (complete(mark) && !open_.length) close({ focus: true });
  }

  /** A mark whose category is known is made. */
  function add(pane, mark) {
    pane.marks = [...pane.marks, mark].sort(order);
    pane.nothing.checked = false;
    chosen = mark;
    getSelection().removeAllRanges(); // its blue would hide the mark
    refresh();
    say(root, fill(root.dataset.marked, { category: title(settings.categories, mark.category), quote: name(pane, mark), label: pane.label }));
  }

  /** A finished mark becomes something else. */
  function recategorise(mark, category) {
    remember();
    mark.category = category;
    refresh();
    say(root, title(settings.categories, category));
    changed();
  }

  /** Make a mark with a known category, or ask for it. */
  function make(pane, mark, { beside, focus } = {}) {
    if (!mark.category && choices.category.length === 1) mark.category = choices.category[0].name;
    if (mark.category) {
      remember();
      add(pane, mark);
      changed();
      if (!details) return;
    }
    open(pane, mark, beside, focus);
    if (mark.category && !severities.length) fields[0]?.focus();
  }

  function remove(pane, mark, { stay = false } = {}) {
    remember();
    pane.marks = pane.marks.filter((other) => other !== mark);
    if (chosen === mark) chosen = null;
    close({ focus: !stay });
    refresh();
    say(root, root.dataset.removed);
    changed();
  }

  pop.addEventListener("pointerdown", (event) => {
    if (!event.target.closest("textarea")) event.preventDefault(); // keeps a selection
  });
  pop.addEventListener("click", (event) => {
    const button = event.target.closest("[data-value]");
    if (button) {
      const group = button.closest("[data-choices]");
      choose(group.dataset.choices, [...group.children].indexOf(button));
    }
    if (event.target.closest("[data-done]")) close({ focus: true });
    if (event.target.closest("[data-remove]")) remove(editing.pane, editing.mark);
  });
  for (const field of fields) {
    field.addEventListener("input", () => {
      editing.mark[field.dataset.field] = field.value;
      refresh();
      changed();
    });
  }

  // ---- the page around ----

  const on = (...listener) => whileShown(root, ...listener);

  // A task that is opened again stands on the page anew.
  new ResizeObserver(() => root.isConnected && paint()).observe(root);
  on(document, "pointerdown", (event) => editing && !pop.contains(event.target) && close(), { capture: true });
  on(window, "scroll", () => editing && show(), { capture: true, passive: true });
  on(
    document,
    "keydown",
    (event) => {
      // While the pop-up is open its digits come before the page's.
      if (!editing || event.isComposing) return;
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        return close({ focus: true });
      }
      const digit = KEYS.indexOf(event.key);
      if (digit < 0 || event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
      const what = next(editing.mark);
      if (digit >= choices[what].length) return;
      event.preventDefault();
      event.stopPropagation();
      choose(what, digit);
    },
    { capture: true },
  );
  root.addEventListener("change", (event) => {
    const box = event.target;
    if (!box.matches("[data-nothing]")) return;
    box.checked = !box.checked; // what there was before
    remember();
    box.checked = !box.checked;
    refresh();
    changed();
  });
  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-undo]")) undo();
    const note = event.target.closest("[data-note]");
    if (note) make(panes.find(({ list }) => list.contains(note)), { ...place({ start: 0, end: 0 }), category: note.dataset.note }, { beside: note, focus: true });
  });
  for (const group of [...pop.querySelectorAll("[data-choices]"), root.querySelector("[data-categories]")]) {
    group.querySelectorAll("kbd").forEach((cap, index) => (cap.textContent = KEYS[index]));
  }

  // ---- the contract ----

  const asked = DETAILS.filter((detail) => (detail === "severity" ? severities.length : settings[detail]));
  const shape = (mark) => ({
    ...place(mark),
    category: mark.category,
    ...Object.fromEntries(asked.map((detail) => [detail, mark[detail] ?? ""]).filter(([detail, value]) => value || detail !== "severity")),
  });

  function draft() {
    if (!panes.some(touched)) return null;
    return Object.fromEntries(panes.filter(decided).map(({ key, marks }) => [key, marks.map(shape)]));
  }

  function put(given) {
    close();
    chosen = null;
    for (const pane of panes) {
      pane.marks = (given?.[pane.key] ?? []).map((mark) => ({ ...mark }));
      pane.nothing.checked = given?.[pane.key]?.length === 0 && !needless(pane);
    }
    refresh();
  }

  return {
    on,
    open,
    close,
    make,
    remove,
    recategorise,
    refresh,
    undo,
    remember,
    colour,
    /** The mark that is being made, and its pane; null if there is none. */
    get pending() {
      return editing && !editing.mark.category ? editing : null;
    },
    get editing() {
      return editing;
    },
    get chosen() {
      return chosen;
    },
    set chosen(mark) {
      chosen = mark;
      paint();
    },
    categories: choices.category,
    value: () => (panes.every((pane) => decided(pane) && pane.marks.every(complete)) && panes.some(touched) ? draft() : null),
    draft,
    set(given) {
      past = [];
      put(given);
    },
    keys: [
      ...panes.map((pane, index) => ({
        key: KEYS[index],
        label: fill(root.dataset.nothingKey, { label: pane.label }),
        run() {
          if (pane.marks.length) return;
          remember();
          pane.nothing.checked = !pane.nothing.checked;
          refresh();
          changed();
        },
      })),
      { key: "t", label: root.dataset.undoKey, run: undo },
    ],
  };
}
