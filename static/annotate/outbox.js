// What the rater sends waits here until the server has taken it: in localStorage, so that it outlives a lost
// connection, a crash and a sign-out. Every entry has a UUID and the server counts it once, so sending again is safe.
import { store } from "../js/dom.js";

const RETRY = [1, 2, 5, 10, 30].map((seconds) => seconds * 1000);
const REFUSED_KEPT = 50;

export class Outbox {
  #key;
  #post;
  #sent;
  #refused;
  #changed;
  #tries = 0;
  #timer = null;
  #running = null;

  /**
   * key: where it is kept; post(url, body): a promise, rejected with an error that has a `status` (0: no answer);
   * sent(entry, reply), refused(entry, error): what became of it; changed({ waiting, trouble }): trouble is "",
   * "offline", "server" or "signed-out".
   */
  constructor({ key, post, sent = () => {}, refused = () => {}, changed = () => {} }) {
    this.#key = key;
    this.#post = post;
    this.#sent = sent;
    this.#refused = refused;
    this.#changed = changed;
  }

  /** Entries that the server has not taken yet, oldest first: { id, kind, task, url, body }. */
  get waiting() {
    return store.get(this.#key, []);
  }

  add(entry) {
    store.set(this.#key, [...this.waiting, entry]);
    return this.flush();
  }

  /** Send what waits, in order; resolves when nothing is left or the server cannot be reached. */
  flush() {
    clearTimeout(this.#timer);
    this.#running ??= this.#run().finally(() => (this.#running = null));
    return this.#running;
  }

  #remove(entry) {
    store.set(this.#key, this.waiting.filter(({ id }) => id !== entry.id));
  }

  async #run() {
    for (let entry = this.waiting[0]; entry; entry = this.waiting[0]) {
      this.#changed({ waiting: this.waiting.length, trouble: "" });
      try {
        const reply = await this.#post(entry.url, entry.body);
        this.#tries = 0;
        this.#remove(entry);
        this.#sent(entry, reply);
      } catch (error) {
        const trouble = troubleOf(error);
        if (trouble) {
          this.#changed({ waiting: this.waiting.length, trouble });
          this.#timer = setTimeout(() => this.flush(), RETRY[Math.min(this.#tries++, RETRY.length - 1)]);
          return;
        }
        this.#remove(entry);
        // Kept aside, for nothing that somebody answered is thrown away.
        store.set(`${this.#key}:refused`, [...store.get(`${this.#key}:refused`, []), entry].slice(-REFUSED_KEPT));
        this.#refused(entry, error);
      }
    }
    this.#changed({ waiting: 0, trouble: "" });
  }
}

/** Why an entry should wait, or "" where the server has looked at it and will not have it. */
function troubleOf({ status, body }) {
  if (!status) return "offline";
  // Without an explanation, a 403 is Django's answer to a session or a token that has ended.
  if (status === 401 || (status === 403 && !Object.keys(body ?? {}).length)) return "signed-out";
  return status >= 500 || status === 408 || status === 429 ? "server" : "";
}
