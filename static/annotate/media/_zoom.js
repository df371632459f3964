// Images side by side that zoom and pan as one.
//
// The view is the same for all panes: `zoom` (1 fits the image into its pane) and the point of the image, in
// fractions of its sides, that stands in the middle. So images of different sizes show the same part.

const LARGEST = 40;
const STEP = 1.25;

/**
 * figures: those with a `.viewport` that holds one image; bar: has [data-zoom-level] and the buttons fit and actual.
 * -> { panes: [{ figure, viewport, image }], draw(), actions } (actions: those of a bar, by name)
 *
 * Whatever else lies over an image and is to move with it carries `data-layer`.
 */
export function zoomTogether(root, figures, bar) {
  const panes = figures.map((figure) => ({ figure, viewport: figure.querySelector(".viewport"), image: figure.querySelector("img") }));
  const view = { zoom: 1, x: 0.5, y: 0.5 };
  const scroller = root.querySelector(".material");
  const level = bar.querySelector("[data-zoom-level]");

  const fitOf = ({ viewport, image }) => {
    const [width, height] = sizeOf(image);
    return Math.min(viewport.clientWidth / width, viewport.clientHeight / height);
  };
  /** The zoom at which one pixel of the pane's image is one pixel of the screen. */
  const actual = (pane = panes[0]) => 1 / (fitOf(pane) * devicePixelRatio);

  function clampTo(pane) {
    const [width, height] = sizeOf(pane.image);
    const scale = fitOf(pane) * view.zoom;
    const half = (shown, whole) => (whole * scale <= shown ? 0.5 : shown / (2 * whole * scale));
    const within = (value, margin) => Math.min(Math.max(value, margin), 1 - margin);
    view.x = within(view.x, half(pane.viewport.clientWidth, width));
    view.y = within(view.y, half(pane.viewport.clientHeight, height));
  }

  function draw() {
    clampTo(panes[0]);
    for (const pane of panes) {
      const { viewport, image } = pane;
      const [width, height] = sizeOf(image);
      const scale = fitOf(pane) * view.zoom;
      const x = viewport.clientWidth / 2 - view.x * width * scale;
      const y = viewport.clientHeight / 2 - view.y * height * scale;
      for (const layer of [image, ...viewport.querySelectorAll("[data-layer]")]) {
        // A layer over an image takes its size, whatever its own.
        layer.style.width = `${width}px`;
        layer.style.height = `${height}px`;
        layer.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
        layer.classList.toggle("pixels", scale * devicePixelRatio >= 4);
      }
      viewport.classList.toggle("zoomed", view.zoom > 1.001);
    }
    level.textContent = `${Math.round(fitOf(panes[0]) * view.zoom * devicePixelRatio * 100)} %`;
    const on = { fit: view.zoom === 1, actual: Math.abs(view.zoom - actual()) < 1e-6 };
    for (const [name, pressed] of Object.entries(on)) bar.querySelector(`[data-act="${name}"]`).setAttribute("aria-pressed", pressed);
  }

  /** Zoom to a level, keeping the point (px, py) of a pane's viewport where it is. */
  function zoomTo(zoom, pane = panes[0], px = pane.viewport.clientWidth / 2, py = pane.viewport.clientHeight / 2) {
    const [width, height] = sizeOf(pane.image);
    const before = fitOf(pane) * view.zoom;
    const dx = (px - pane.viewport.clientWidth / 2) / width;
    const dy = (py - pane.viewport.clientHeight / 2) / height;
    view.zoom = Math.min(Math.max(zoom, 1), LARGEST);
    const after = fitOf(pane) * view.zoom;
    view.x += dx / before - dx / after;
    view.y += dy / before - dy / after;
    draw();
  }

  function panBy(pane, dx, dy) {
    const [width, height] = sizeOf(pane.image);
    const scale = fitOf(pane) * view.zoom;
    view.x -= dx / (width * scale);
    view.y -= dy / (height * scale);
    draw();
  }

  const toggle = (pane, px, py) => zoomTo(view.zoom === 1 ? Math.max(actual(pane), 2) : 1, pane, px, py);
  const placeIn = ({ viewport }, { clientX, clientY }) => {
    const box = viewport.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  };

  for (const pane of panes) {
    const { viewport } = pane;
    viewport.addEventListener(
      "wheel",
      (event) => {
        // Where the page itself can scroll, the wheel zooms only an image that was clicked (or with Ctrl, a pinch).
        const scrolls = scroller && scroller.scrollHeight > scroller.clientHeight + 1;
        if (scrolls && !event.ctrlKey && !viewport.contains(document.activeElement)) return;
        event.preventDefault();
        const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
        zoomTo(view.zoom * Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)), pane, ...placeIn(pane, event));
      },
      { passive: false },
    );
    viewport.addEventListener("dblclick", (event) => toggle(pane, ...placeIn(pane, event)));
    viewport.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
      if (!by || view.zoom === 1 || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      panBy(pane, ...by);
    });
    drag(viewport, {
      move: (dx, dy) => panBy(pane, dx, dy),
      pinch: (factor, x, y) => zoomTo(view.zoom * factor, pane, ...placeIn(pane, { clientX: x, clientY: y })),
    });
    pane.image.addEventListener("load", draw);
  }

  const observer = new ResizeObserver(() => root.isConnected && draw());
  panes.forEach(({ viewport }) => observer.observe(viewport));
  draw();

  return {
    panes,
    draw,
    actions: {
      fit: () => zoomTo(1),
      actual: () => zoomTo(actual()),
      in: () => zoomTo(view.zoom * STEP),
      out: () => zoomTo(view.zoom / STEP),
      toggle: () => toggle(panes[0]),
    },
  };
}

/** Width and height of an image: its own once loaded, else those that the server wrote. */
export function sizeOf(image) {
  return [image.naturalWidth || Number(image.getAttribute("width")) || 1, image.naturalHeight || Number(image.getAttribute("height")) || 1];
}

function drag(element, { move, pinch }) {
  const pointers = new Map();
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    pointers.set(event.pointerId, event);
    element.setPointerCapture(event.pointerId);
    element.classList.add("dragging");
  });
  element.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    if (pointers.size === 1) move(event.clientX - before.clientX, event.clientY - before.clientY);
    else {
      const other = [...pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
      const distance = ({ clientX, clientY }) => Math.hypot(clientX - other.clientX, clientY - other.clientY);
      if (distance(before) > 0) {
        pinch(distance(event) / distance(before), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
      }
    }
    pointers.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    element.addEventListener(end, (event) => {
      pointers.delete(event.pointerId);
      if (!pointers.size) element.classList.remove("dragging");
    });
  }
}
