// Marked passages: selected text gets a category; marks are painted with the CSS Custom Highlight API, so the
// response's markup stays as it is and marks may overlap. A note on the whole response goes from 0 to 0.
import { COLOURS, marksOf, panesOf } from "./_marks.js";
import { offsets } from "./_offsets.js";
import { fill } from "../../js/i18n.js";

/** The page's highlight of one colour, without ranges of content that is gone. */
function highlight(colour) {
  const name = `fb-mark-${colour % COLOURS}`;
  if (!CSS.highlights.has(name)) CSS.highlights.set(name, new Highlight());
  const painted = CSS.highlights.get(name);
  for (const range of painted) if (!range.startContainer.isConnected) painted.delete(range);
  return painted;
}

export function mount(root, { settings, responses, answer, changed }) {
  let painted = [];

  const panes = panesOf(root, responses);
  for (const pane of panes) {
    pane.body = document.querySelector(`[data-response="${CSS.escape(pane.key)}"] [data-response-body]`);
    pane.at = -1;
    pane.from = -1;
    pane.map = () => (pane.cached ??= offsets(pane.body, pane.text));
  }
  const rangeOf = (pane, mark) => (mark.end > 0 && pane.body ? pane.map().toRange(mark) : null);

  const marks = marksOf(root, {
    settings,
    panes,
    changed,
    place: ({ start, end }) => ({ start, end }),
    name,
    order: (x, y) => x.start - y.start || x.end - y.end,
    paint,
    anchor: rangeOf,
    back(pane) {
      getSelection().removeAllRanges();
      pane.body?.focus({ preventScroll: true });
    },
    clash: (pane, mark) => (!settings.overlapping && pane.marks.some(({ start, end }) => start < mark.end && mark.start < end) ? root.dataset.overlap : ""),
  });
  const { on } = marks;

  /** The words as they are shown; where there is a formula among them, as they are written. */
  function name(pane, mark) {
    const range = rangeOf(pane, mark);
    const shown = range && !range.cloneContents().querySelector("[data-tex]") ? range.toString() : "";
    return shown || [...pane.text].slice(mark.start, mark.end).join("");
  }

  function paint() {
    if (!CSS.highlights) return; // an old browser: the list of marks has to do
    for (const [index, range] of painted) highlight(index).delete(range);
    painted = panes.flatMap((pane) => pane.marks.map((mark) => [marks.colour(mark), rangeOf(pane, mark)])).filter(([, range]) => range);
    for (const [index, range] of painted) highlight(index).add(range);
  }

  // ---- selecting, by mouse, finger or arrows ----

  let pressed = false;

  function selected() {
    if (pressed || !marks.categories.length) return;
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
    const asked = marks.editing?.mark;
    if (place && !(asked && asked.start === place.start && asked.end === place.end)) marks.open(pane, { ...place }, inside);
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
    marks.close();
    getSelection().setBaseAndExtent(words[low].startContainer, words[low].startOffset, words[high].endContainer, words[high].endOffset);
    words[pane.at].startContainer.parentElement.scrollIntoView({ block: "nearest" });
    selected();
  }

  /** The marks that stand at a point of the screen; the shortest first. */
  function marksAt(pane, { clientX, clientY }) {
    return pane.marks
      .filter((mark) => [...(rangeOf(pane, mark)?.getClientRects() ?? [])].some((box) => clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom))
      .sort((x, y) => x.end - x.start - (y.end - y.start));
  }

  for (const pane of panes.filter(({ body }) => body)) {
    pane.body.tabIndex = 0;
    pane.body.setAttribute("role", "group");
    pane.body.setAttribute("aria-label", fill(root.dataset.reads, { label: pane.label }));
    pane.body.addEventListener("keydown", (event) => event.target === pane.body && arrow(pane, event));
    pane.body.addEventListener("click", (event) => {
      const [mark] = getSelection().isCollapsed ? marksAt(pane, event) : [];
      if (mark) marks.open(pane, mark);
    });
    // Mathematics and colours of code are set later, and change the nodes that marks stand in.
    const watch = new MutationObserver(() => {
      pane.cached = null;
      if (root.isConnected) paint();
    });
    watch.observe(pane.body, { childList: true, subtree: true, characterData: true });
  }
  on(document, "pointerdown", () => (pressed = true));
  on(document, "pointerup", () => {
    pressed = false;
    setTimeout(selected); // the selection is settled after the event
  });
  on(document, "selectionchange", selected); // handles of a touch screen

  marks.set(answer);

  const { value, draft, set, keys } = marks;
  return {
    value,
    draft,
    set,
    keys,
  };
}
