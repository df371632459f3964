// Images: zoomed and moved as one, and compared: beside one another, under a divider, blinking, or by what differs.
//
// To compare means to lay another image over each pane: that of the source, or of the response chosen in the bar.
// The pane's own image stays where it is, so marks drawn over it stay true.
import { fill } from "../../js/i18n.js";
import { make } from "../../js/dom.js";
import { owners, wire } from "./_shared.js";
import { sizeOf, zoomTogether } from "./_zoom.js";

const SLIDE = 2; // per cent a press of an arrow
const LARGEST = 2048; // pixels of a side, of the image of differences

export function mount(root, figures, bar) {
  const { panes, draw, actions: zoom } = zoomTogether(root, figures, bar);
  const groups = owners(panes, ({ figure }) => figure.dataset.pane);
  const source = panes.find(({ figure }) => "source" in figure.dataset)?.figure.dataset.pane;
  const chosen = { against: source ?? groups.keys().next().value, rate: "500", gain: "4" };
  let mode = "side";
  let blinking = null;
  let slide = 50;

  const sides = bar.querySelector("[data-against]");
  sides.append(...[...groups.keys()].map((name) => make("button", { type: "button", class: "button", "data-act": "against", "data-value": name }, name)));
  bar.querySelector("[data-comparing]").hidden = groups.size < 2;

  /** The image that is laid over a pane; none over those of the one that all are compared with. */
  function otherOf(pane, name = chosen.against) {
    const own = groups.get(pane.figure.dataset.pane);
    const others = groups.get(name);
    return own === others ? null : others[Math.min(own.indexOf(pane), others.length - 1)];
  }

  function clear() {
    clearInterval(blinking);
    blinking = null;
    for (const { viewport } of panes) viewport.querySelector(".cover")?.remove();
  }

  /** Lay something over each pane that is compared: `over(other, pane)` gives it. */
  function cover(over, name) {
    const covers = [];
    for (const pane of panes) {
      const other = otherOf(pane, name);
      if (!other) continue;
      const layer = over(other, pane);
      layer.dataset.layer = "";
      const element = make("div", { class: "cover" }, make("div", { class: "cut" }, layer));
      pane.viewport.append(element);
      covers.push({ element, pane, other });
    }
    draw();
    return covers;
  }

  function copy({ image }) {
    const layer = image.cloneNode();
    layer.alt = "";
    layer.addEventListener("load", draw);
    return layer;
  }

  const SHOW = {
    side: () => {},
    slider() {
      const covers = cover(copy);
      for (const { element, pane, other } of covers) {
        const names = { one: pane.figure.dataset.pane, other: other.figure.dataset.pane };
        const divider = make("div", {
          class: "divider",
          role: "slider",
          tabindex: "0",
          "aria-label": fill(bar.querySelector("[data-divider-label]").textContent, names),
          "aria-valuemin": "0",
          "aria-valuemax": "100",
        });
        element.classList.add("slides");
        element.append(make("span", { class: "cover-name", "aria-hidden": "true" }, names.one), make("span", { class: "cover-name end", "aria-hidden": "true" }, names.other), divider);
        divider.addEventListener("keydown", (event) => {
          const to = { ArrowLeft: slide - SLIDE, ArrowDown: slide - SLIDE, ArrowRight: slide + SLIDE, ArrowUp: slide + SLIDE, Home: 0, End: 100 }[event.key];
          if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
          event.preventDefault();
          event.stopPropagation(); // the arrows would move the image as well
          slideTo(to);
        });
        divider.addEventListener("pointerdown", (event) => {
          event.stopPropagation();
          divider.setPointerCapture(event.pointerId);
        });
        divider.addEventListener("pointermove", (event) => {
          if (!divider.hasPointerCapture(event.pointerId)) return;
          const box = pane.viewport.getBoundingClientRect();
          slideTo((100 * (event.clientX - box.left)) / box.width);
        });
      }
      slideTo(slide);
      covers[0]?.element.querySelector(".divider").focus({ preventScroll: true });
    },
    blink() {
      const covers = cover(copy);
      for (const { element, pane } of covers) element.append(make("span", { class: "cover-name", "aria-hidden": "true" }, pane.figure.dataset.pane));
      let other = false;
      const turn = () => {
        other = !other;
        for (const { element, pane, other: theirs } of covers) {
          element.classList.toggle("away", !other);
          element.querySelector(".cover-name").textContent = (other ? theirs : pane).figure.dataset.pane;
        }
      };
      turn();
      blinking = setInterval(turn, Number(chosen.rate));
    },
    difference: () => cover((other, pane) => difference(pane.image, other.image, Number(chosen.gain))),
  };

  function slideTo(to) {
    slide = Math.round(Math.min(100, Math.max(0, to)));
    for (const { viewport } of panes) {
      const divider = viewport.querySelector(".divider");
      if (!divider) continue;
      divider.setAttribute("aria-valuenow", slide);
      viewport.querySelector(".cover").style.setProperty("--slide", `${slide}%`);
    }
  }

  function show(next) {
    clear();
    mode = next;
    SHOW[mode]();
    for (const name of Object.keys(SHOW)) bar.querySelector(`[data-act="${name}"]`).setAttribute("aria-pressed", mode === name);
    for (const group of bar.querySelectorAll("[data-only]")) group.hidden = group.dataset.only !== mode;
    sides.hidden = mode === "side" || groups.size < 3;
    for (const [name, value] of Object.entries(chosen)) {
      for (const button of bar.querySelectorAll(`[data-act="${name}"]`)) button.setAttribute("aria-pressed", button.dataset.value === value);
    }
  }
  // A way of comparing that is chosen again ends it.
  const choose = ({ dataset: { act } }) => groups.size > 1 && show(mode === act ? "side" : act);
  const set = ({ dataset: { act, value } }) => {
    chosen[act] = value;
    show(mode);
  };

  let held = false;
  /** Lay the source over the candidates, or take it away. */
  function holdSource(on) {
    if (!source || on === held) return;
    held = on;
    if (!on) return show(mode);
    clear();
    cover(copy, source);
  }

  function mask(button) {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", on);
    for (const { viewport } of panes) {
      viewport.querySelector(".mask")?.remove();
      if (!on) continue;
      const layer = make("div", { class: "mask", "data-layer": "" });
      layer.style.maskImage = `url(${JSON.stringify(button.dataset.mask)})`;
      viewport.append(layer);
    }
    draw();
  }

  return {
    keys: wire(bar, {
      ...zoom,
      ...{ side: () => show("side"), slider: choose, blink: choose, difference: choose },
      ...{ against: set, rate: set, gain: set },
      ...{ source: holdSource, mask },
    }),
    stop() {
      holdSource(false);
      if (mode === "blink") show("side");
    },
  };
}

/** A canvas of |one − other| a colour, times `gain`; black where they are the same. Sizes are brought to that of `one`. */
function difference(one, other, gain) {
  const [width, height] = sizeOf(one);
  const scale = Math.min(1, LARGEST / Math.max(width, height));
  const size = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const canvas = make("canvas", { width: size[0], height: size[1] });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const pixels = (image) => {
    context.clearRect(0, 0, ...size);
    context.drawImage(image, 0, 0, ...size);
    return context.getImageData(0, 0, ...size);
  };
  const paint = () => {
    const [a, b] = [pixels(one), pixels(other)];
    for (let at = 0; at < a.data.length; at += 4) {
      for (let colour = at; colour < at + 3; colour += 1) a.data[colour] = gain * Math.abs(a.data[colour] - b.data[colour]);
      a.data[at + 3] = 255;
    }
    context.putImageData(a, 0, 0);
  };
  // Until both are there it is black; that would say "the same".
  Promise.all([one.decode(), other.decode()]).then(paint, () => canvas.remove());
  return canvas;
}
