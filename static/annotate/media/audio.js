// Sounds with their waveforms; a click into one seeks all, and the next key swaps what is heard.
import { make } from "../../js/dom.js";
import { playTogether } from "./_transport.js";

const LIBRARY = new URL("../../npm/wavesurfer.js/dist/wavesurfer.esm.js", import.meta.url).href;
const HEIGHT = 80;

export async function mount(root, panes, bar) {
  const { keys, stop, players, hear } = playTogether(panes, bar);
  // The sounds play without their waveforms, too.
  draw(panes, players).catch(console.error);
  for (const pane of panes) pane.querySelector("[data-wave]").addEventListener("click", () => hear(pane.dataset.pane));
  return { keys, stop };
}

async function draw(panes, players) {
  const [{ default: WaveSurfer }, ...peaks] = await Promise.all([import(LIBRARY), ...panes.map(peaksOf)]);
  for (const [index, pane] of panes.entries()) {
    const wave = pane.querySelector("[data-wave]");
    const colour = colourOf(wave);
    WaveSurfer.create({
      container: wave,
      media: players[index],
      height: HEIGHT,
      // With peaks the library decodes nothing; without, it fetches the sound and decodes it here.
      ...(peaks[index] ? { peaks: [peaks[index]], duration: Number(wave.dataset.duration) || players[index].duration || undefined } : {}),
      waveColor: colour("--silver"),
      progressColor: colour("--gold"),
      cursorColor: colour("--gold"),
      cursorWidth: 2,
      barWidth: 2,
      barGap: 1,
      barRadius: 1,
      dragToSeek: true,
      hideScrollbar: true,
    });
  }
}

/** A canvas knows no variables: the colour that one stands for, here and now. */
function colourOf(element) {
  return (name) => {
    const probe = make("span", { style: `color: var(${name})` });
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}

/** Numbers from 0 to 1 as the server measured them; null where it has none. */
async function peaksOf(pane) {
  try {
    const answer = await fetch(pane.querySelector("[data-wave]").dataset.peaks);
    const peaks = answer.ok ? await answer.json() : [];
    return peaks.length ? peaks : null;
  } catch {
    return null;
  }
}
