// Marked passages: selected text gets a category; marks are painted with the CSS Custom Highlight API, so the
// response's markup stays as it is and marks may overlap.
import { offsets } from "./_offsets.js";
import { KEYS, fill, head, say } from "./_shared.js";

const COLOURS = 8;

/** The page's highlight of one colour, without ranges of content that is gone. */
function highlight(colour) {
  const name = `fb-mark-${colour % COLOURS}`;
  if (!CSS.highlights.has(name)) CSS.highlights.set(name, new Highlight());
  const painted = CSS.highlights.get(name);
  for (const range of painted) if (!range.startContainer.isConnected) painted.delete(range);
  return painted;
}

export function mount(root, { settings, responses, answer, changed }) {
  const pop = root.querySelector("[data-pop]");
  const details = pop.querySelector("[data-details]");
  const fields = [...pop.querySelectorAll("[data-field]")];
  const choices = { category: settings.categories, severity: settings.severities };
  const title = (list, name) => list.find((entry) => entry.name === name)?.title || name;
  const colour = ({ category }) => settings.categories.findIndex(({ name }) => name === category);
  let editing = null; // { pane, mark }: mark without a category is not made yet
  let painted = [];

  // One pane a response: its text on the page, its list here.
  const panes = responses.map(({ key, label, text }) => {
    const body = document.querySelector(`[data-response="${CSS.escape(key)}"] [data-response-body]`);
    const list = root.querySelector(`[data-marks="${CSS.escape(key)}"]`);
    const pane = { key, label, text: text ?? "", body, list, nothing: list.querySelector("[data-nothing]"), marks: [], at: -1, from: -1 };
    pane.map = () => (pane.cached ??= offsets(body, pane.text));
    return pane;
  });
  const decided = (pane) => pane.marks.length > 0 || pane.nothing.checked;
  const complete = (mark) => mark.category && (!settings.severities.length || mark.severity);
  // What a digit decides: the category, then the severity; later the category again.
  const next = (mark) => (mark.category && settings.severities.length && !mark.severity ? "severity" : "category");
  const quote = (pane, { start, end }) => [...pane.text].slice(start, end).join("");

  const refreshHead = head(root, {
    all: panes.length,
    done: () => panes.filter(decided).length,
    clear() {
      set(null);
      changed();
    },
  });

  // ---- what is shown ----

  function paint() {
    if (!CSS.highlights) return; // an old browser: the list of marks has to do
    for (const [index, range] of painted) highlight(index).delete(range);
    painted = panes
      .filter(({ body }) => body)
      .flatMap((pane) => pane.marks.map((mark) => [colour(mark), pane.map().toRange(mark)]))
      .filter(([, range]) => range);
    for (const [index, range] of painted) highlight(index).add(range);
  }

  function refresh() {
    for (const pane of panes) {
      pane.list.querySelector("[data-list]").replaceChildren(...pane.marks.map((mark) => item(pane, mark)));
      pane.nothing.disabled = pane.marks.length > 0;
    }
    paint();
    refreshHead();
  }

  function item(pane, mark) {
    const row = root.querySelector("[data-item]").content.cloneNode(true).firstElementChild;
    const severity = settings.severities.length ? title(settings.severities, mark.severity) || root.dataset.missing : "";
    row.querySelector("[data-swatch]").dataset.colour = colour(mark) % COLOURS;
    row.querySelector("[data-quote]").textContent = quote(pane, mark);
    row.querySelector("[data-what]").textContent = [title(settings.categories, mark.category), severity].filter(Boolean).join(" · ");
    row.querySelector("[data-why]").textContent = [mark.explanation, mark.correction && `→ ${mark.correction}`].filter(Boolean).join(" ");
    row.toggleAttribute("data-short", !complete(mark));
    row.querySelector("[data-open]").addEventListener("click", () => open(pane, mark, row, true));
    row.querySelector("[data-delete]").addEventListener("click", () => remove(pane, mark));
    return row;
  }

  // ---- the pop-up beside the text ----

  /** Ask about a passage; `anchor` is the range or element that it stands beside. */
  function open(pane, mark, anchor, focus = false) {
    editing = { pane, mark, anchor };
    pop.hidden = false;
    show();
    if (focus) pop.querySelector("button").focus();
  }

  function show() {
    const { pane, mark } = editing;
    if (editing.anchor.isConnected === false) editing.anchor = pane.map().toRange(mark) ?? pane.list;
    const { anchor } = editing;
    for (const group of pop.querySelectorAll("[data-choices]")) {
      group.toggleAttribute("data-next", group.dataset.choices === next(mark));
      for (const button of group.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(button.dataset.value === mark[group.dataset.choices]));
      }
    }
    for (const field of fields) field.value = mark[field.dataset.field] ?? "";
    if (details) details.hidden = !mark.category;
    pop.querySelector("[data-error]").textContent = "";
    const beside = anchor.getBoundingClientRect();
    const { width, height } = pop.getBoundingClientRect();
    const below = beside.bottom + 6 + height < innerHeight || beside.top < height + 6;
    pop.style.left = `${Math.max(8, Math.min(beside.left, innerWidth - width - 8))}px`;
    pop.style.top = `${Math.max(8, Math.min(below ? beside.bottom + 6 : beside.top - height - 6, innerHeight - height - 8))}px`;
  }

  function close({ back = false } = {}) {
    if (!editing) return;
    const { pane } = editing;
    editing = null;
    pop.hidden = true;
    getSelection().removeAllRanges();
    if (back) pane.body?.focus({ preventScroll: true });
  }

  /** The category or severity with this place in its list was chosen. */
  function choose(what, index) {
    const { pane, mark } = editing;
    const made = !mark.category;
    mark[what] = choices[what][index].name;
    if (made) {
      if (!settings.overlapping && pane.marks.some(({ start, end }) => start < mark.end && mark.start < end)) {
        delete mark.category;
        pop.querySelector("[data-error]").textContent = root.dataset.overlap;
        return;
      }
      pane.marks = [...pane.marks, mark].sort((x, y) => x.start - y.start || x.end - y.end);
      pane.nothing.checked = false;
      getSelection().removeAllRanges(); // its blue would hide the mark
      say(root, fill(root.dataset.marked, { category: title(settings.categories, mark.category), quote: quote(pane, mark) }));
    }
    refresh();
    changed();
    if (!details) return close({ back: true });
    show();
    // On to what is still open: the severity by its key or by hand, then the words.
    if (complete(mark)) fields[0]?.focus();
    if (complete(mark) && !fields.length) close({ back: true });
  }

  function remove(pane, mark) {
    pane.marks = pane.marks.filter((other) => other !== mark);
    close({ back: true });
    refresh();
    say(root, root.dataset.removed);
    changed();
  }

  pop.addEventListener("pointerdown", (event) => {
    if (!event.target.closest("textarea")) event.preventDefault(); // keeps the selection
  });
  pop.addEventListener("click", (event) => {
    const button = event.target.closest("[data-value]");
    if (button) {
      const group = button.closest("[data-choices]");
      choose(group.dataset.choices, [...group.children].indexOf(button));
    }
    if (event.target.closest("[data-done]")) close({ back: true });
    if (event.target.closest("[data-remove]")) remove(editing.pane, editing.mark);
  });
  for (const field of fields) {
    field.addEventListener("input", () => {
      editing.mark[field.dataset.field] = field.value;
      refresh();
      changed();
    });
  }

  // ---- selecting, by mouse, finger or arrows ----

  let pressed = false;

  function selected() {
    if (pressed) return;
    const selection = getSelection();
    if (selection.rangeCount === 0 || selection.isCollapsed) return;
    const range = selection.getRangeAt(0);
    // What reaches beyond a response is cut off there.
    const touched = panes.filter(({ body }) => body && range.intersectsNode(body));
    const pane = touched.find(({ body }) => body.contains(range.startContainer)) ?? (touched.length === 1 ? touched[0] : null);
    if (!pane) return;
    const inside = range.cloneRange();
    if (!pane.body.contains(range.startContainer)) inside.setStart(pane.body, 0);
    if (!pane.body.contains(range.endContainer)) inside.setEnd(pane.body, pane.body.childNodes.length);
    const place = pane.map().toSource(inside);
    if (place && !(editing && editing.mark.start === place.start && editing.mark.end === place.end)) open(pane, { ...place }, inside);
  }

  /** Arrows move from word to word; with Shift they take more words in. */
  function arrow(pane, event) {
    const { words } = pane.map();
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || !words.length || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const vertical = event.key === "ArrowUp" || event.key === "ArrowDown";
    const boxes = (word) => word.getBoundingClientRect();
    let at = pane.at;
    if (vertical && at >= 0) {
      // The word of the next line that stands nearest.
      const here = boxes(words[at]);
      do at += by;
      while (words[at] && Math.abs(boxes(words[at]).top - here.top) < here.height / 2);
      const line = words[at] && boxes(words[at]);
      while (words[at + by] && Math.abs(boxes(words[at + by]).top - line.top) < line.height / 2 && (boxes(words[at]).left - here.left) * by < 0) at += by;
    } else at += by;
    pane.at = Math.min(words.length - 1, Math.max(0, at));
    if (!event.shiftKey || pane.from < 0) pane.from = pane.at;
    const [low, high] = [Math.min(pane.from, pane.at), Math.max(pane.from, pane.at)];
    close();
    getSelection().setBaseAndExtent(words[low].startContainer, words[low].startOffset, words[high].endContainer, words[high].endOffset);
    words[pane.at].startContainer.parentElement.scrollIntoView({ block: "nearest" });
    selected();
  }

  /** The marks that stand at a point of the screen; the shortest first. */
  function marksAt(pane, { clientX, clientY }) {
    return pane.marks
      .filter((mark) => [...(pane.map().toRange(mark)?.getClientRects() ?? [])].some((box) => clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom))
      .sort((x, y) => x.end - x.start - (y.end - y.start));
  }

  const life = new AbortController();
  const on = (target, type, run, options = {}) =>
    target.addEventListener(type, (event) => (root.isConnected ? run(event) : life.abort()), { ...options, signal: life.signal });

  for (const pane of panes.filter(({ body }) => body)) {
    pane.body.tabIndex = 0;
    pane.body.setAttribute("role", "group");
    pane.body.setAttribute("aria-label", fill(root.dataset.reads, { label: pane.label }));
    on(pane.body, "keydown", (event) => event.target === pane.body && arrow(pane, event));
    on(pane.body, "click", (event) => {
      const [mark] = getSelection().isCollapsed ? marksAt(pane, event) : [];
      if (mark) open(pane, mark, pane.map().toRange(mark));
    });
    // Mathematics and colours of code are set later, and change the nodes that marks stand in.
    const watch = new MutationObserver(() => {
      if (!root.isConnected) return watch.disconnect();
      pane.cached = null;
      paint();
    });
    watch.observe(pane.body, { childList: true, subtree: true, characterData: true });
  }
  on(document, "pointerdown", (event) => {
    pressed = true;
    if (editing && !pop.contains(event.target)) close();
  });
  on(document, "pointerup", () => {
    pressed = false;
    setTimeout(selected); // the selection is settled after the event
  });
  on(document, "selectionchange", selected); // handles of a touch screen
  on(window, "scroll", () => editing && show(), { capture: true, passive: true });
  on(
    document,
    "keydown",
    (event) => {
      // While the pop-up is open its digits come before the page's.
      if (!editing || event.isComposing) return;
      if (event.key === "Escape") {
        event.preventDefault();
        return close({ back: true });
      }
      const digit = KEYS.indexOf(event.key);
      if (digit < 0 || event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
      const what = next(editing.mark);
      if (digit >= choices[what].length) return;
      event.preventDefault();
      choose(what, digit);
    },
    { capture: true },
  );

  root.addEventListener("change", (event) => {
    if (!event.target.matches("[data-nothing]")) return;
    refresh();
    changed();
  });

  // ---- the contract ----

  const draft = () => {
    if (!panes.some(decided)) return null;
    const shape = ({ start, end, category, severity, explanation, correction }) => ({
      start,
      end,
      category,
      ...(settings.severities.length && severity ? { severity } : {}),
      ...(settings.explanation ? { explanation: explanation ?? "" } : {}),
      ...(settings.correction ? { correction: correction ?? "" } : {}),
    });
    return Object.fromEntries(panes.filter(decided).map(({ key, marks }) => [key, marks.map(shape)]));
  };

  function set(given) {
    close();
    for (const pane of panes) {
      pane.marks = (given?.[pane.key] ?? []).map((mark) => ({ ...mark }));
      pane.nothing.checked = given?.[pane.key]?.length === 0;
    }
    refresh();
  }

  for (const cap of root.querySelectorAll("kbd[data-key]")) cap.textContent = KEYS[Number(cap.dataset.key)];
  set(answer);

  return {
    value: () => (panes.every((pane) => decided(pane) && pane.marks.every(complete)) ? draft() : null),
    draft,
    set,
    keys: panes.map((pane, index) => ({
      key: KEYS[index],
      label: fill(root.dataset.nothingKey, { label: pane.label }),
      run() {
        if (pane.marks.length) return;
        pane.nothing.checked = !pane.nothing.checked;
        refresh();
        changed();
      },
    })),
  };
}
