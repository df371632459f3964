// Videos and sounds of a task play as one: whatever happens to one of them, by whatever hand, happens to all.
//
// One position is shared. One is heard at a time, the others play along in silence, so that another is heard at the
// same place at once.
import { owners, wire } from "./_shared.js";

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const DRIFT = 0.08; // seconds that they may be apart while they play
const FRAME = 1 / 30; // until a playing video has told better

/** players: the media elements of `panes`, in order. -> { keys, stop() }; more: further actions of the bar. */
export function playTogether(panes, bar) {
  const players = panes.map((pane) => pane.querySelector("video, audio"));
  const names = [...owners(panes).keys()];
  const seek = bar.querySelector("[data-seek]");
  let heard = names[0];
  let muted = false;
  let frame = FRAME;
  let speed = 1;

  const length = (player) => (Number.isFinite(player.duration) ? player.duration : 0);
  const lead = () => players.reduce((longest, player) => (length(player) > length(longest) ? player : longest));

  /** All to a time; those that are shorter stay at their end. */
  function seekTo(time) {
    const to = Math.min(Math.max(time, 0), length(lead()));
    for (const player of players) player.currentTime = Math.min(to, length(player));
  }

  function follow(leader) {
    for (const player of players) {
      const to = Math.min(leader.currentTime, length(player));
      if (player !== leader && Math.abs(player.currentTime - to) > (leader.paused ? 0.001 : DRIFT)) player.currentTime = to;
    }
  }

  const play = () => {
    if (lead().ended) seekTo(0);
    for (const player of players) if (player.currentTime < length(player)) player.play().catch(() => {});
  };
  const pause = () => players.forEach((player) => player.pause());

  for (const [index, player] of players.entries()) {
    const atEnd = () => player.ended || player.currentTime >= length(player) - 0.001;
    player.addEventListener("play", () => play());
    player.addEventListener("pause", () => {
      if (!atEnd()) pause();
      if (lead().paused) follow(lead());
      refresh();
    });
    player.addEventListener("seeking", () => {
      if (player === lead() || !atEnd()) follow(player);
      refresh();
    });
    player.addEventListener("timeupdate", () => {
      if (player === lead() && !player.paused) follow(player);
      refresh();
    });
    player.addEventListener("ratechange", () => player.playbackRate !== speed && setSpeed(player.playbackRate));
    player.addEventListener("loadedmetadata", refresh);
    player.addEventListener("error", () => (panes[index].querySelector("[data-problem]").hidden = false));
    if (player.error) panes[index].querySelector("[data-problem]").hidden = false;
    watchFrames(player);
  }

  /** The time between two frames, as it is seen while a video plays at its own speed. */
  function watchFrames(player) {
    let before = null;
    const seen = (_, { mediaTime }) => {
      const passed = before === null ? 0 : mediaTime - before;
      before = mediaTime;
      if (passed > 1 / 130 && passed < Math.min(frame, 1 / 5) * 1.5) frame = passed;
      player.requestVideoFrameCallback(seen);
    };
    player.requestVideoFrameCallback?.(seen);
  }

  function hear(name = heard) {
    heard = name;
    for (const [index, pane] of panes.entries()) {
      players[index].muted = muted || pane.dataset.pane !== heard;
      pane.toggleAttribute("data-heard", pane.dataset.pane === heard && names.length > 1);
    }
    refresh();
  }

  const step = (by) => {
    pause();
    seekTo(lead().currentTime + by * frame);
  };
  function setSpeed(to) {
    speed = to;
    for (const player of players) player.playbackRate = to;
    refresh();
  }

  const faster = (by) => setSpeed(SPEEDS[SPEEDS.indexOf(speed) + by] ?? speed);

  function refresh() {
    const { currentTime, paused } = lead();
    const whole = length(lead());
    seek.max = whole || 1;
    if (!seek.matches(":active")) seek.value = currentTime;
    seek.setAttribute("aria-valuetext", `${clock(currentTime)} / ${clock(whole)}`);
    bar.querySelector("[data-time]").textContent = `${clock(currentTime)} / ${clock(whole)}`;
    bar.querySelector("[data-speed]").textContent = `${speed} ×`;
    bar.querySelector("[data-paused]").hidden = !paused;
    bar.querySelector("[data-playing]").hidden = paused;
    bar.querySelector('[data-act="mute"]').setAttribute("aria-pressed", muted);
    bar.querySelector("[data-several]").hidden = names.length < 2;
    bar.querySelector("[data-heard]").textContent = heard;
  }

  seek.addEventListener("input", () => seekTo(Number(seek.value)));
  const toggle = () => (lead().paused ? play() : pause());
  const keys = wire(bar, {
    play: toggle,
    before: () => step(-1),
    after: () => step(1),
    slower: () => faster(-1),
    faster: () => faster(1),
    mute() {
      muted = !muted;
      hear();
    },
    other: () => hear(names[(names.indexOf(heard) + 1) % names.length]),
  });
  hear();
  return { keys, stop: pause, players, hear, toggle };
}

/** Seconds as minutes and seconds, "1:02.5". */
export function clock(seconds) {
  const tenths = Math.round(seconds * 10);
  return `${Math.floor(tenths / 600)}:${String(Math.floor((tenths % 600) / 10)).padStart(2, "0")}.${tenths % 10}`;
}
