// Models in three dimensions that are seen by one camera; the library is loaded only where there is a model.
import { wire } from "./_shared.js";

const LIBRARY = new URL("../../npm/@google/model-viewer/dist/model-viewer.min.js", import.meta.url).href;

let library = null;

/**
 * As it loads, the library compiles a decoder of compressed meshes to WebAssembly, which our policy refuses with an
 * error; where there is no WebAssembly it goes without. So for that moment there is none.
 */
function load() {
  library ??= (async () => {
    const kept = globalThis.WebAssembly;
    globalThis.WebAssembly = undefined;
    try {
      await import(LIBRARY);
    } finally {
      globalThis.WebAssembly = kept;
    }
  })();
  return library;
}

export function mount(root, panes, bar) {
  const viewers = panes.map((pane) => pane.querySelector("model-viewer"));
  for (const [index, viewer] of viewers.entries()) {
    viewer.addEventListener("error", () => (panes[index].querySelector("[data-problem]").hidden = false));
    viewer.addEventListener("camera-change", ({ detail }) => {
      if (detail.source === "user-interaction") follow(viewer);
    });
  }
  // The questions come first: the page does not wait for the library, and it begins when there is time.
  const begin = () =>
    load().catch((error) => {
      console.error(error);
      for (const pane of panes) pane.querySelector("[data-problem]").hidden = false;
    });
  if (globalThis.requestIdleCallback) requestIdleCallback(begin, { timeout: 3000 });
  else setTimeout(begin, 300);

  /** Bring all cameras to where that of one viewer stands. */
  function follow(leader) {
    const orbit = leader.getCameraOrbit().toString();
    const target = leader.getCameraTarget().toString();
    const field = `${leader.getFieldOfView()}deg`;
    for (const viewer of viewers) {
      if (viewer === leader || !viewer.loaded) continue;
      Object.assign(viewer, { cameraOrbit: orbit, cameraTarget: target, fieldOfView: field });
      viewer.jumpCameraToGoal();
    }
  }

  function reset() {
    for (const viewer of viewers.filter(({ loaded }) => loaded)) {
      Object.assign(viewer, { cameraOrbit: "auto auto auto", cameraTarget: "auto auto auto", fieldOfView: "auto" });
      viewer.jumpCameraToGoal();
    }
  }

  return { keys: wire(bar, { reset }), stop() {} };
}
