// A drawing layer over one image: an SVG that fills the image's viewport and follows its zoom and pan.
//
// It watches where the browser has put the image, so it needs to know nothing of how the view moves it. Places are
// fractions of the image's sides, [x, y] from the top left, as records have them.

const NAMESPACE = "http://www.w3.org/2000/svg";

/** An SVG element; attributes that are null are left out. */
export function draw(tag, attributes, ...children) {
  const element = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The images in some viewports: [{ viewport, image }]; pages of documents are none. */
export function imagesIn(viewports) {
  return [...viewports]
    .filter((viewport) => (viewport.closest("[data-type]")?.dataset.type ?? "image") === "image")
    .map((viewport) => ({ viewport, image: viewport.querySelector("img:not(.cover, [data-layer])") }))
    .filter(({ image }) => image);
}

/** The layer over an image. moved(): the image stands elsewhere now, draw anew. */
export function overlay({ viewport, image }, { label, moved }) {
  const svg = draw("svg", { class: "fb-overlay", tabindex: "0", role: "application", "aria-label": label });
  viewport.append(svg);
  let frame = { left: 0, top: 0, width: 1, height: 1 };

  function follow() {
    if (!svg.isConnected) return;
    const [inner, outer] = [image.getBoundingClientRect(), viewport.getBoundingClientRect()];
    if (!inner.width || !outer.width) return;
    frame = { left: inner.left - outer.left, top: inner.top - outer.top, width: inner.width, height: inner.height };
    moved();
  }

  new MutationObserver(follow).observe(image, { attributes: true, attributeFilter: ["style", "class", "src"] });
  new ResizeObserver(follow).observe(viewport);
  image.addEventListener("load", follow);

  const clamp = (value) => Math.min(Math.max(value, 0), 1);
  return {
    svg,
    /** Pixels of the layer for a place in the image. */
    at: ([x, y]) => [frame.left + x * frame.width, frame.top + y * frame.height],
    /** The place in the image for a pointer; outside of it the nearest. */
    placeOf({ clientX, clientY }) {
      const box = viewport.getBoundingClientRect();
      return [clamp((clientX - box.left - frame.left) / frame.width), clamp((clientY - box.top - frame.top) / frame.height)];
    },
    /** How far two places are from each other, in pixels. */
    pixels: ([a, b], [c, d]) => Math.hypot((a - c) * frame.width, (b - d) * frame.height),
    get width() {
      return frame.width;
    },
  };
}
