// Unsent answers: kept on the server a moment after each edit, and in this browser until the server has them.
import { debounce, store } from "../js/dom.js";

const LOCAL_WAIT = 200;
const SERVER_WAIT = 1200;

export class Drafts {
  #prefix;
  #post;
  #status;
  #view = null;
  #local = debounce(() => this.#keep(), LOCAL_WAIT);
  #remote = debounce(() => this.#send(), SERVER_WAIT);

  /** prefix: where local drafts are kept; post(url, body, options); status("saving" | "saved" | "local" | ""). */
  constructor({ prefix, post, status }) {
    this.#prefix = prefix;
    this.#post = post;
    this.#status = status;
  }

  #key(view) {
    return `${this.#prefix}:${view.id}`;
  }

  /** A draft that the server has not seen, or null. */
  local(view) {
    return store.get(this.#key(view));
  }

  changed(view) {
    if (this.#view !== view) this.flush();
    this.#view = view;
    this.#local();
    // A change of a counted answer stays here until it is sent: a draft on the server would stand beside the answer.
    if (!view.isRevision) this.#remote();
  }

  /** Save at once; with `leaving`, in a request that outlives the page. */
  flush({ leaving = false } = {}) {
    this.#local.now();
    this.#remote.cancel();
    return this.#view && this.local(this.#view) && !this.#view.isRevision ? this.#send({ leaving }) : Promise.resolve();
  }

  /** The answers were sent: no draft is left. */
  forget(view) {
    if (this.#view === view) {
      this.#local.cancel();
      this.#remote.cancel();
      this.#view = null;
    }
    store.remove(this.#key(view));
    this.#status("");
  }

  #keep() {
    store.set(this.#key(this.#view), this.#view.drafts());
  }

  async #send({ leaving = false } = {}) {
    const view = this.#view;
    const answers = view.drafts();
    this.#status("saving");
    try {
      await this.#post(`${view.url}/draft`, { answers }, { keepalive: leaving });
    } catch {
      if (this.#view === view) this.#status("local");
      return;
    }
    if (this.#view !== view) return;
    if (JSON.stringify(this.local(view)) === JSON.stringify(answers)) store.remove(this.#key(view));
    this.#status("saved");
  }
}
