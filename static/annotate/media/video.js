// Videos that play, pause, seek and step frame by frame together.
import { playTogether } from "./_transport.js";

export function mount(root, panes, bar) {
  const { keys, stop, players, toggle } = playTogether(panes, bar);
  for (const player of players) player.addEventListener("click", toggle);
  return { keys, stop };
}
