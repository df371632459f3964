// Marked time ranges: a strip under each recording, on which ranges are dragged, or marked in and out at the playhead.
import { clock } from "../media/_transport.js";
import { fill } from "../../js/i18n.js";
import { say } from "./_shared.js";
import { marksOf, mediumOf, panesOf } from "./_marks.js";

const STEP = { AUDIO: 0.1, VIDEO: 0.04 }; // seconds an arrow moves a border: a tenth, or a frame
const LEAP = 1; // seconds with Shift
const NEAR = 6; // pixels: so near to a border it is that which is dragged
const round = (seconds) => Math.round(seconds * 1000) / 1000;

export function mount(root, { settings, responses, answer, changed }) {
  const words = root.dataset;
  const task = root.closest("[data-task]") ?? document;
  const template = root.querySelector("[data-strip]").content;
  const panes = panesOf(root, responses);
  let used = null; // the strip that was used last
  let drag = null; // { strip, mark, edge, from, moved }

  for (const pane of panes) {
    pane.strips = [];
    pane.home = task.querySelector(`[data-response="${CSS.escape(pane.key)}"]`);
  }
  const strips = () => panes.flatMap((pane) => pane.strips);
  /** The strip that I and O belong to: of several media that play together, that of the one which is heard. */
  const target = () => strips().find(({ track }) => track === document.activeElement) ?? strips().find(({ medium }) => medium.closest("[data-heard]")) ?? used ?? strips()[0];
  const stripOf = (pane, mark) => pane.strips.find(({ index }) => index === mark.medium);

  const marks = marksOf(root, {
    settings,
    panes,
    changed,
    place: ({ medium, begin, finish }) => ({ medium, begin, finish }),
    name: (pane, { medium, begin, finish }) => `${pane.strips.length > 1 ? `${medium + 1} · ` : ""}${clock(begin)} – ${clock(finish)}`,
    order: (x, y) => x.medium - y.medium || x.begin - y.begin || x.finish - y.finish,
    paint: () => strips().forEach(paintStrip),
    anchor: (pane, mark) => stripOf(pane, mark)?.element.querySelector("[data-chosen]"),
    back: (pane) => (stripOf(pane, marks.chosen ?? {}) ?? pane.strips[0])?.track.focus({ preventScroll: true }),
    nudge(pane, mark, event) {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const strip = stripOf(pane, mark);
      if (!by || !strip) return false;
      // The beginning; with Shift the end.
      const edge = event.shiftKey ? "finish" : "begin";
      if (!event.repeat) marks.remember();
      move(strip, mark, edge, mark[edge] + by * STEP[strip.medium.tagName]);
      strip.medium.currentTime = mark[edge];
      marks.chosen = mark;
      marks.refresh();
      say(root, `${clock(mark.begin)} – ${clock(mark.finish)}`);
      changed();
      return true;
    },
  });

  /** How long a medium is; until it has said so, as far as is known. */
  function lasts({ medium, pane, index }) {
    if (Number.isFinite(medium.duration) && medium.duration > 0) return medium.duration;
    return Math.max(1, medium.currentTime, ...pane.marks.filter((mark) => mark.medium === index).map(({ finish }) => finish));
  }

  const within = (strip, seconds) => round(Math.min(Math.max(seconds, 0), Number.isFinite(strip.medium.duration) ? strip.medium.duration : Infinity));

  /** Put a border elsewhere; it never crosses the other. */
  function move(strip, mark, edge, seconds) {
    const least = STEP[strip.medium.tagName] / 2;
    const place = within(strip, seconds);
    mark[edge] = edge === "begin" ? Math.min(place, round(mark.finish - least)) : Math.max(place, round(mark.begin + least));
  }

  // ---- what is shown ----

  function paintStrip(strip) {
    const { pane, index, medium } = strip;
    const all = lasts(strip);
    const pending = marks?.pending;
    const own = [...pane.marks, ...(pending?.pane === pane ? [pending.mark] : [])].filter((mark) => mark.medium === index);
    if (drag?.strip === strip && drag.moved && !own.includes(drag.mark)) own.push(drag.mark);
    strip.ranges.replaceChildren(
      ...own.map((mark) => {
        const block = document.createElement("div");
        block.className = "fb-range";
        if (mark.category) block.dataset.colour = marks.colour(mark);
        block.toggleAttribute("data-chosen", mark === marks.chosen);
        place(block, mark.begin / all, mark.finish / all);
        return block;
      }),
    );
    strip.marker.hidden = strip.from === null;
    if (strip.from !== null) place(strip.marker, Math.min(strip.from, medium.currentTime) / all, Math.max(strip.from, medium.currentTime) / all);
    place(strip.head, medium.currentTime / all);
    strip.says.textContent = `${clock(medium.currentTime)} / ${Number.isFinite(medium.duration) ? clock(medium.duration) : "…"}`;
    strip.element.toggleAttribute("data-active", strip === target());
  }

  function place(element, from, to = from) {
    element.style.insetInlineStart = `${from * 100}%`;
    if (to !== from) element.style.width = `${(to - from) * 100}%`;
  }

  // ---- marking ----

  function markIn(strip = target()) {
    if (!strip) return;
    use(strip);
    strip.from = within(strip, strip.medium.currentTime);
    paintStrip(strip);
    say(root, fill(words.in, { at: clock(strip.from), label: strip.pane.label }));
  }

  function markOut(strip = target()) {
    if (!strip) return;
    if (strip.from === null) return say(root, words.noIn);
    const [begin, finish] = [strip.from, within(strip, strip.medium.currentTime)].sort((x, y) => x - y);
    if (finish - begin < STEP[strip.medium.tagName] / 2) return say(root, words.small);
    strip.from = null;
    marks.make(strip.pane, { medium: strip.index, begin, finish });
    paintStrip(strip);
  }

  function use(strip) {
    const before = used;
    used = strip;
    if (before && before !== strip) paintStrip(before);
  }

  function seek(strip, seconds) {
    strip.medium.currentTime = within(strip, seconds);
    paintStrip(strip);
    say(root, clock(strip.medium.currentTime));
  }

  const secondsAt = (strip, { clientX }) => {
    const box = strip.track.getBoundingClientRect();
    const share = (clientX - box.left) / box.width;
    return within(strip, (getComputedStyle(strip.track).direction === "rtl" ? 1 - share : share) * lasts(strip));
  };

  function press(strip, event) {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    event.preventDefault();
    strip.track.setPointerCapture(event.pointerId);
    strip.track.focus({ preventScroll: true });
    use(strip);
    const at = secondsAt(strip, event);
    const reach = (NEAR / strip.track.clientWidth) * lasts(strip);
    const own = strip.pane.marks.filter(({ medium }) => medium === strip.index);
    const edges = own.flatMap((mark) => ["begin", "finish"].map((edge) => ({ mark, edge, far: Math.abs(mark[edge] - at) })));
    const nearest = edges.sort((x, y) => x.far - y.far)[0];
    if (nearest && nearest.far <= reach) drag = { strip, ...nearest, from: at, moved: false, known: true };
    else drag = { strip, mark: { medium: strip.index, begin: at, finish: at }, from: at, moved: false, known: false };
  }

  function pull(strip, event) {
    if (drag?.strip !== strip) return;
    const at = secondsAt(strip, event);
    const far = (Math.abs(at - drag.from) / lasts(strip)) * strip.track.clientWidth;
    if (!drag.moved && far < NEAR / 2) return;
    if (drag.known) {
      if (!drag.moved) marks.remember();
      move(strip, drag.mark, drag.edge, at);
    } else [drag.mark.begin, drag.mark.finish] = [drag.from, at].sort((x, y) => x - y);
    drag.moved = true;
    marks.chosen = drag.known ? drag.mark : null;
  }

  function release(strip) {
    if (drag?.strip !== strip) return;
    const { mark, moved, known, from } = drag;
    drag = null;
    if (!moved) {
      // A click: what is marked there opens, and the playhead goes there.
      seek(strip, from);
      const [under] = strip.pane.marks
        .filter((other) => other.medium === strip.index && other.begin <= from && from <= other.finish)
        .sort((x, y) => x.finish - x.begin - (y.finish - y.begin));
      if (under) marks.open(strip.pane, under);
    } else if (known) {
      strip.pane.marks.sort((x, y) => x.begin - y.begin);
      marks.refresh();
      changed();
    } else marks.make(strip.pane, mark);
    paintStrip(strip);
  }

  function key(strip, event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) seek(strip, strip.medium.currentTime + by * (event.shiftKey ? LEAP : STEP[strip.medium.tagName]));
    else if (event.key === "Home") seek(strip, 0);
    else if (event.key === "End" && Number.isFinite(strip.medium.duration)) seek(strip, strip.medium.duration);
    else if (event.key === " ") {
      if (strip.medium.paused) strip.medium.play().catch(() => {});
      else strip.medium.pause();
    } else if (event.key === "Escape" && strip.from !== null) {
      strip.from = null;
      paintStrip(strip);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // ---- strips come with their media, which may be late ----

  function attach(pane) {
    for (const [order, medium] of [...(pane.home?.querySelectorAll("audio, video") ?? [])].entries()) {
      if (pane.strips.some((strip) => strip.medium === medium)) continue;
      const element = template.cloneNode(true).firstElementChild;
      const part = (name) => element.querySelector(`[data-${name}]`);
      const index = mediumOf(medium, pane.home, order);
      const strip = { pane, medium, index, element, track: part("track"), ranges: part("ranges"), head: part("head"), marker: part("marker"), says: part("says"), from: null };
      strip.track.setAttribute("aria-label", fill(words.strip, { label: pane.label }));
      pane.strips.push(strip);
      (medium.closest("[data-pane]") ?? medium).after(element);
      for (const type of ["loadedmetadata", "durationchange", "timeupdate", "seeked"]) medium.addEventListener(type, () => paintStrip(strip));
      medium.addEventListener("play", () => run(strip));
      strip.track.addEventListener("pointerdown", (event) => press(strip, event));
      strip.track.addEventListener("pointermove", (event) => pull(strip, event));
      for (const end of ["pointerup", "pointercancel"]) strip.track.addEventListener(end, () => release(strip));
      strip.track.addEventListener("focus", () => {
        use(strip);
        paintStrip(strip);
      });
      strip.track.addEventListener("keydown", (event) => key(strip, event));
      part("in").addEventListener("click", () => markIn(strip));
      part("out").addEventListener("click", () => markOut(strip));
      paintStrip(strip);
    }
    marks.refresh();
  }

  /** While it plays, the playhead moves with every frame of the screen. */
  function run(strip) {
    if (strip.medium.paused || !strip.element.isConnected) return;
    paintStrip(strip);
    requestAnimationFrame(() => run(strip));
  }

  for (const pane of panes) {
    attach(pane);
    if (!pane.home) continue;
    const watch = new MutationObserver(() => {
      const media = pane.home.querySelectorAll("audio, video");
      if ([...media].some((medium) => !pane.strips.some((strip) => strip.medium === medium))) attach(pane);
    });
    watch.observe(pane.home, { childList: true, subtree: true });
  }
  marks.set(answer);

  const { value, draft, set } = marks;
  return {
    value,
    draft,
    set,
    keys: [
      ...marks.keys,
      { key: "i", label: words.inKey, run: () => markIn() },
      { key: "o", label: words.outKey, run: () => markOut() },
    ],
  };
}
