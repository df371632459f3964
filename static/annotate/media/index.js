// All media of a task: each medium's script is found by the name of its bar, and gets its own panes.
import { watchInstruction } from "./_instruction.js";

/** -> { keys: [{ key, label, group, run(), up() }], stop() }; a key that several media know does its work in all. */
export async function mountMedia(root) {
  watchInstruction(root);
  const bars = [...root.querySelectorAll("[data-media]")];
  const mounted = await Promise.all(bars.map((bar) => mountOne(root, bar)));
  const keys = new Map();
  for (const { bar, medium } of mounted) {
    for (const one of medium?.keys ?? []) {
      const known = keys.get(one.key) ?? { key: one.key, label: one.label, group: bar.getAttribute("aria-label"), all: [] };
      known.all.push(one);
      keys.set(one.key, known);
    }
  }
  return {
    keys: [...keys.values()].map(({ all, ...key }) => ({
      ...key,
      run: () => all.forEach(({ run }) => run()),
      up: () => all.forEach(({ up }) => up?.()),
    })),
    stop: () => mounted.forEach(({ medium }) => medium?.stop()),
  };
}

async function mountOne(root, bar) {
  const panes = [...root.querySelectorAll(`[data-pane][data-type="${CSS.escape(bar.dataset.media)}"]`)];
  try {
    const script = await import(bar.dataset.module);
    const medium = await script.mount(root, panes, bar);
    bar.dataset.mounted = "";
    return { bar, medium };
  } catch (error) {
    console.error(error);
    return { bar, medium: null };
  }
}
