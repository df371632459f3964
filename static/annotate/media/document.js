// Pages of documents side by side: all turn to the same page, and zoom and move as one.
import { fill } from "../../js/i18n.js";
import { wire } from "./_shared.js";
import { zoomTogether } from "./_zoom.js";

export function mount(root, figures, bar) {
  const { panes, actions: zoom } = zoomTogether(root, figures, bar);
  const field = bar.querySelector("[data-page]");
  const pagesOf = ({ figure }) => Number(figure.dataset.pages) || 1;
  const last = Math.max(...panes.map(pagesOf));
  let page = 1;

  field.max = last;
  bar.querySelector("[data-pages]").textContent = last;
  for (const { viewport, image } of panes) {
    const shape = () => image.naturalWidth && viewport.style.setProperty("--ratio", `${image.naturalWidth} / ${image.naturalHeight}`);
    image.addEventListener("load", shape);
    shape();
  }

  /** All to a page; those that have fewer show their last. */
  function turnTo(wanted) {
    page = Math.min(Math.max(Math.round(wanted) || 1, 1), last);
    field.value = page;
    for (const pane of panes) {
      const { figure, image } = pane;
      const own = Math.min(page, pagesOf(pane));
      if (image.getAttribute("src") === `${figure.dataset.url}/page/${own}`) continue;
      image.src = `${figure.dataset.url}/page/${own}`;
      image.alt = fill(figure.dataset.alt, { page: own });
    }
  }

  field.addEventListener("change", () => turnTo(Number(field.value)));
  return { keys: wire(bar, { ...zoom, before: () => turnTo(page - 1), after: () => turnTo(page + 1) }), stop() {} };
}
