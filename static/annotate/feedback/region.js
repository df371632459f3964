// Marked regions: boxes, polygons and brush strokes, drawn on the images of the responses by mouse, finger or arrows.
import { fill } from "../../js/i18n.js";
import { KEYS, say } from "./_shared.js";
import { marksOf, mediumOf, panesOf } from "./_marks.js";
import { draw, imagesIn, overlay } from "./_overlay.js";

const TOOLS = { x: "box", y: "polygon", r: "brush", g: "move" }; // other letters belong to the image viewer
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 0.005; // of an image's side; with Shift:
const LEAP = 0.05;
const CLOSE = 8; // pixels: so near to the first corner closes a polygon, and less is no box
const POINTS = 500; // of one stroke or polygon, as the server has it
const round = (value) => Math.round(value * 1e5) / 1e5;

export function mount(root, { settings, responses, answer, changed }) {
  const task = root.closest("[data-task]") ?? document;
  const size = root.querySelector("[data-size]");
  const words = root.dataset;
  // A finger that lands on a picture may want to scroll the page: it draws only once a shape was chosen.
  let tool = matchMedia("(pointer: coarse)").matches ? "move" : settings.shapes[0];
  let drawing = null; // { layer, shape, points, last }: not finished yet
  let pointer = null; // the pointer that draws
  let grip = null; // { mark, x, y, moved }: a corner that is dragged; x and y: which of the mark's points it sets

  const home = (key) => (key === "source" ? "[data-source]" : `[data-response="${CSS.escape(key)}"]`);
  const sources = settings.source ? imagesIn(task.querySelectorAll(`${home("source")} .viewport`)) : [];
  // Without a source there is nothing to ask about it.
  const list = root.querySelector('[data-marks="source"]');
  if (list && !sources.length) list.remove();
  const panes = panesOf(root, sources.length ? [...responses, { key: "source" }] : responses);
  for (const pane of panes) {
    const found = imagesIn(task.querySelectorAll(`${home(pane.key)} .viewport`));
    pane.layers = found.map((one, place) => {
      const label = fill(words.draws, { label: pane.key === "source" ? pane.list.getAttribute("aria-label") : pane.label });
      const index = mediumOf(one.viewport, pane.key === "source" ? task : one.viewport.closest("[data-response]"), place);
      const layer = { pane, index, cursor: [0.5, 0.5], ...one };
      layer.view = overlay(one, { label, moved: () => paintLayer(layer) });
      return layer;
    });
    pane.list.toggleAttribute("data-needless", !found.length);
  }
  const layers = panes.flatMap((pane) => pane.layers);
  const layerOf = (pane, mark) => pane.layers.find(({ index }) => index === mark.image);
  const pairs = ({ points }) => points.reduce((all, value, i) => (i % 2 ? [...all.slice(0, -1), [all.at(-1)[0], value]] : [...all, [value]]), []);
  const percent = ([x, y]) => fill(words.place, { x: Math.round(x * 100), y: Math.round(y * 100) });

  const marks = marksOf(root, {
    settings,
    panes,
    changed,
    place: ({ image, shape, points, thickness }) => ({ image, shape, points, ...(settings.shapes.includes("brush") ? { thickness } : {}) }),
    name: (pane, mark) => [words[mark.shape], pane.layers.length > 1 ? fill(words.image, { number: mark.image + 1 }) : "", percent(middle(mark))].filter(Boolean).join(" · "),
    order: (x, y) => x.image - y.image,
    paint: () => layers.forEach(paintLayer),
    anchor: (pane, mark) => layerOf(pane, mark)?.view.svg.querySelector("[data-chosen]"),
    back: (pane) => (layerOf(pane, marks.chosen ?? {}) ?? pane.layers[0])?.view.svg.focus({ preventScroll: true }),
    needless: (pane) => !pane.layers.length,
    nudge(pane, mark, event) {
      const [x, y] = ARROWS[event.key].map((way) => way * (event.shiftKey ? LEAP : STEP));
      const moved = mark.points.map((value, i) => round(value + (i % 2 ? y : x)));
      if (moved.some((value) => value < 0 || value > 1)) return true; // it stands at the edge already
      if (!event.repeat) marks.remember();
      mark.points = moved;
      marks.chosen = mark;
      marks.refresh();
      say(root, percent(middle(mark)));
      changed();
      return true;
    },
  });

  function middle(mark) {
    const points = pairs(mark);
    return [0, 1].map((side) => points.reduce((sum, point) => sum + point[side], 0) / points.length);
  }

  // ---- what is shown ----

  function paintLayer(layer) {
    const { view, pane } = layer;
    const pending = marks?.pending?.mark;
    const own = [...pane.marks, ...(pending && marks.pending.pane === pane ? [pending] : [])].filter(({ image }) => image === layer.index);
    const shapes = own.map((mark) => shapeOf(view, mark, { chosen: mark === marks.chosen, colour: mark.category ? marks.colour(mark) : null }));
    if (drawing?.layer === layer) {
      const points = drawing.last ? [...drawing.points, drawing.last] : drawing.points;
      shapes.push(shapeOf(view, { shape: drawing.shape, points: points.flat(), thickness: thickness() }, { open: true }));
      if (drawing.shape === "polygon") shapes.push(...drawing.points.map((point, i) => dot(view, point, i === 0 ? CLOSE / 1.5 : 3)));
    }
    const grips = tool === "brush" || drawing ? [] : gripsOf(layer).map(({ point }) => dot(view, point, 4.5));
    view.svg.replaceChildren(...shapes, ...grips, ...(document.activeElement === view.svg && layer.keyed ? [cross(view, layer.cursor)] : []));
    view.svg.dataset.tool = tool;
  }

  function shapeOf(view, mark, { chosen = false, open = false, colour = null }) {
    const at = pairs(mark).map(view.at);
    const state = { "data-colour": colour, "data-chosen": chosen ? "" : null, "data-open": open ? "" : null, "data-shape": mark.shape };
    if (mark.shape === "box") {
      const [[x0, y0], [x1, y1] = [x0, y0]] = at;
      const box = { x: Math.min(x0, x1), y: Math.min(y0, y1), width: Math.abs(x1 - x0), height: Math.abs(y1 - y0) };
      return draw("g", state, draw("rect", box), draw("rect", box));
    }
    const path = at.map((point, i) => `${i ? "L" : "M"}${point.join(" ")}`).join("");
    if (mark.shape === "brush") {
      const width = `stroke-width: ${mark.thickness * view.width}px`;
      return draw("g", state, draw("path", { d: at.length > 1 ? path : `${path}h0.01`, style: width }));
    }
    const d = open ? path : `${path}Z`;
    return draw("g", state, draw("path", { d }), draw("path", { d }));
  }

  const dot = (view, point, r) => draw("circle", { cx: view.at(point)[0], cy: view.at(point)[1], r });

  /** The corners of the chosen mark, which can be dragged: [{ mark, x, y, point }]. */
  function gripsOf({ pane, index }) {
    const mark = marks?.chosen;
    if (!mark || mark.shape === "brush" || mark.image !== index || !pane.marks.includes(mark)) return [];
    const { points } = mark;
    const corners = mark.shape === "box" ? [[0, 1], [0, 3], [2, 1], [2, 3]] : points.flatMap((_, i) => (i % 2 ? [] : [[i, i + 1]]));
    return corners.map(([x, y]) => ({ mark, x, y, point: [points[x], points[y]] }));
  }

  function pull(layer, point) {
    if (!grip.moved) marks.remember();
    grip.moved = true;
    const { mark, x, y } = grip;
    const points = mark.points.map((value, i) => (i === x ? round(point[0]) : i === y ? round(point[1]) : value));
    if (mark.shape === "box" && (points[0] === points[2] || points[1] === points[3])) return; // it would be no box
    mark.points = points;
    paintLayer(layer);
  }

  function cross(view, point) {
    const [x, y] = view.at(point);
    const reach = 14;
    const path = `M${x - reach} ${y}H${x - 3}M${x + 3} ${y}H${x + reach}M${x} ${y - reach}V${y - 3}M${x} ${y + 3}V${y + reach}`;
    return draw("g", { class: "fb-cross" }, draw("path", { d: path }), draw("path", { d: path }));
  }

  function choose(name) {
    tool = name;
    cancel();
    for (const button of root.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    if (size) size.parentElement.hidden = tool !== "brush";
    layers.forEach(paintLayer);
    say(root, words[tool]);
  }

  // ---- drawing ----

  const thickness = () => (size ? Number(size.value) / 100 : 0);

  function begin(layer, point) {
    drawing = { layer, shape: tool, points: [point], last: null };
    paintLayer(layer);
  }

  function cancel() {
    const layer = drawing?.layer;
    drawing = null;
    pointer = null;
    grip = null;
    if (layer) paintLayer(layer);
  }

  /** What was drawn becomes a mark, if it is large enough to be one. */
  function finish() {
    const { layer, shape, points } = drawing;
    const { view, pane } = layer;
    cancel();
    if (shape === "box" && (points.length < 2 || points[0][0] === points[1][0] || points[0][1] === points[1][1])) return say(root, words.small);
    if (shape === "polygon" && points.length < 3) return say(root, words.small);
    const before = marks.chosen;
    // Painting on goes on in the same category.
    const category = shape === "brush" && before?.shape === "brush" && pane.marks.includes(before) && before.image === layer.index ? before.category : undefined;
    const mark = { image: layer.index, shape, points: points.flat().map(round), thickness: shape === "brush" ? thickness() : 0, ...(category ? { category } : {}) };
    view.svg.focus({ preventScroll: true });
    marks.make(pane, mark);
  }

  /** A corner of a polygon; at the first corner, or at the last once more, it closes. */
  function corner(layer, point) {
    if (drawing?.layer !== layer) return begin(layer, point);
    const { points } = drawing;
    const again = layer.view.pixels(point, points.at(-1)) < 2;
    if (points.length > 2 && (again || layer.view.pixels(point, points[0]) < CLOSE)) return finish();
    if (!again && points.length < POINTS) points.push(point);
    say(root, fill(words.corner, { number: points.length }));
    return paintLayer(layer);
  }

  /** A stroke goes on, in steps of a pixel or two, so that it stays short. */
  function stroke(layer, point) {
    if (layer.view.pixels(point, drawing.points.at(-1)) > 2) drawing.points.push(point);
    // A long one keeps every other point.
    if (drawing.points.length > POINTS) drawing.points = drawing.points.filter((_, i) => i % 2 === 0);
  }

  function markAt(layer, event) {
    const under = document.elementsFromPoint(event.clientX, event.clientY).map((element) => element.closest(".fb-overlay > g"));
    const shown = [...layer.view.svg.children];
    const own = layer.pane.marks.filter(({ image }) => image === layer.index);
    return under.map((element) => own[shown.indexOf(element)]).find(Boolean);
  }

  for (const layer of layers) {
    const { svg } = layer.view;
    svg.addEventListener("pointerdown", (event) => {
      if (tool === "move" || (event.pointerType === "mouse" && event.button !== 0)) return;
      event.stopPropagation(); // the image stays where it is
      if (pointer !== null && pointer !== event.pointerId) return cancel(); // a second finger
      event.preventDefault();
      svg.setPointerCapture(event.pointerId);
      svg.focus({ preventScroll: true });
      marks.close();
      layer.keyed = false;
      pointer = event.pointerId;
      const point = layer.view.placeOf(event);
      layer.cursor = point;
      if (!drawing && tool !== "brush") grip = gripsOf(layer).find((one) => layer.view.pixels(one.point, point) < CLOSE) ?? null;
      if (grip) return;
      if (tool === "polygon") corner(layer, point);
      else begin(layer, point);
    });
    svg.addEventListener("pointermove", (event) => {
      if (grip && pointer === event.pointerId) return pull(layer, layer.view.placeOf(event));
      if (drawing?.layer !== layer) return;
      const point = layer.view.placeOf(event);
      if (tool === "polygon") drawing.last = point;
      else if (pointer !== event.pointerId) return;
      else if (tool === "box") drawing.points[1] = point;
      else for (const one of event.getCoalescedEvents?.() ?? [event]) stroke(layer, layer.view.placeOf(one));
      paintLayer(layer);
    });
    svg.addEventListener("pointerup", (event) => {
      if (pointer !== event.pointerId) return;
      pointer = null;
      if (grip) {
        const { moved } = grip;
        grip = null;
        if (!moved) return marks.open(layer.pane, marks.chosen);
        marks.refresh();
        return changed();
      }
      if (drawing?.layer !== layer || tool === "polygon") return;
      const [from, to = from] = drawing.points;
      if (tool === "box" && layer.view.pixels(from, to) < CLOSE / 2) {
        // A click, not a box: what is marked there opens.
        cancel();
        const mark = markAt(layer, event);
        if (mark) marks.open(layer.pane, mark);
      } else finish();
    });
    svg.addEventListener("pointercancel", cancel);
    svg.addEventListener("dblclick", (event) => {
      if (tool === "move") return;
      event.stopPropagation();
      if (drawing?.layer === layer && tool === "polygon") finish();
    });
    svg.addEventListener("focus", () => {
      layer.keyed = svg.matches(":focus-visible");
      paintLayer(layer);
    });
    svg.addEventListener("blur", () => paintLayer(layer));
    svg.addEventListener("keydown", (event) => key(layer, event));
  }

  function key(layer, event) {
    const chord = event.ctrlKey || event.metaKey;
    const by = ARROWS[event.key];
    if (event.altKey || event.isComposing || (tool === "move" && by)) return;
    if (chord && event.key === "z") marks.undo();
    else if (chord) return;
    else if (by) {
      const step = event.shiftKey ? LEAP : STEP;
      layer.keyed = true;
      layer.cursor = layer.cursor.map((value, side) => Math.min(1, Math.max(0, value + by[side] * step)));
      if (drawing?.layer === layer) {
        if (drawing.shape === "brush") stroke(layer, layer.cursor);
        else if (drawing.shape === "box") drawing.points[1] = layer.cursor;
        else drawing.last = layer.cursor;
      }
      paintLayer(layer);
      say(root, percent(layer.cursor));
    } else if (event.key === "Enter" && tool !== "move") {
      layer.keyed = true;
      if (tool === "polygon") corner(layer, layer.cursor);
      else if (drawing?.layer === layer) finish();
      else {
        begin(layer, layer.cursor);
        say(root, words[tool === "box" ? "other" : "painting"]);
      }
    } else if (event.key === "Escape" && drawing) cancel();
    else if (event.key === "Delete" && layer.pane.marks.includes(marks.chosen)) marks.remove(layer.pane, marks.chosen);
    else if (KEYS.includes(event.key) && !marks.editing && layer.pane.marks.includes(marks.chosen)) {
      // The mark that was just made becomes something else.
      const category = marks.categories[KEYS.indexOf(event.key)];
      if (!category) return;
      marks.recategorise(marks.chosen, category.name);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  root.addEventListener("click", (event) => {
    const wanted = event.target.closest("[data-tool]")?.dataset.tool;
    if (wanted) choose(wanted);
  });
  marks.set(answer);
  choose(tool);
  say(root, "");

  const tools = Object.entries(TOOLS).filter(([, name]) => name === "move" || settings.shapes.includes(name));
  const next = () => {
    const at = layers.findIndex(({ view }) => view.svg === document.activeElement);
    const layer = layers[(at + 1) % layers.length];
    if (!layer) return;
    layer.view.svg.focus();
    layer.keyed = true;
    paintLayer(layer);
  };
  const { value, draft, set } = marks;
  return {
    value,
    draft,
    set,
    keys: [
      ...marks.keys,
      ...tools.map(([letter, name]) => ({ key: letter, label: words[name], run: () => choose(name) })),
      { key: "n", label: words.next, run: next },
    ],
  };
}
