// How long somebody really worked on a task: the clock stands still while the page is hidden or nobody moves.

/** A pause longer than this, in milliseconds, counts as this much: reading takes time without a key or a move. */
export const IDLE = 90_000;

export class ActiveTime {
  #now;
  #total = 0;
  #since = null;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds since the last sign of life that count. */
  #open() {
    return this.#since === null ? 0 : Math.min(this.#now() - this.#since, IDLE);
  }

  start() {
    if (this.#since === null) this.#since = this.#now();
  }

  stop() {
    this.#total += this.#open();
    this.#since = null;
  }

  /** A sign of life: a key, a move, a scroll. */
  touch() {
    if (this.#since === null) return;
    this.stop();
    this.start();
  }

  /** Whether somebody is there. */
  get active() {
    return this.#since !== null && this.#now() - this.#since < IDLE;
  }

  get seconds() {
    return (this.#total + this.#open()) / 1000;
  }
}

/** 75.2 -> "1:15". */
export function clockText(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
