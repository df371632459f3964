// The outbox keeps what the server has not taken, sends it in order, and sends it once.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../../static/annotate/outbox.js";

let keys = 0;

/** An outbox whose server answers what `replies` says, one call after the other; the last answer repeats. */
function outbox(replies) {
  const seen = { posted: [], sent: [], refused: [], states: [] };
  const box = new Outbox({
    key: `test:${keys++}`,
    post: async (url, body) => {
      seen.posted.push([url, body]);
      const reply = replies.length > 1 ? replies.shift() : replies[0];
      if (reply instanceof Error) throw reply;
      return reply;
    },
    sent: (entry) => seen.sent.push(entry.id),
    refused: (entry, error) => seen.refused.push([entry.id, error.status]),
    changed: (state) => seen.states.push(state),
  });
  return { box, seen };
}

const failure = (status, body = {}) => Object.assign(new Error(`HTTP ${status}`), { status, body });
const entry = (id) => ({ id, kind: "submit", task: id, url: `/tasks/${id}/submit`, body: { submission: id } });

test("sends in order and forgets what was taken", async () => {
  const { box, seen } = outbox([{ ok: true }]);
  box.add(entry("one"));
  await box.add(entry("two"));
  await box.flush();
  assert.deepEqual(seen.posted.map(([, { submission }]) => submission), ["one", "two"]);
  assert.deepEqual(seen.sent, ["one", "two"]);
  assert.deepEqual(box.waiting, []);
  assert.deepEqual(seen.states.at(-1), { waiting: 0, trouble: "" });
});

for (const [status, body, trouble] of [
  [0, {}, "offline"],
  [500, {}, "server"],
  [503, { detail: "busy" }, "server"],
  [429, {}, "server"],
  [401, { detail: "signed out" }, "signed-out"],
  [403, {}, "signed-out"],
]) {
  test(`keeps what met status ${status} (${trouble}) and sends the same again`, async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const { box, seen } = outbox([failure(status, body), { ok: true }]);
    await box.add(entry("one"));
    assert.equal(box.waiting.length, 1);
    assert.deepEqual(seen.states.at(-1), { waiting: 1, trouble });
    context.mock.timers.tick(1000);
    await box.flush();
    assert.deepEqual(seen.posted[0], seen.posted[1]);
    assert.deepEqual(seen.sent, ["one"]);
    assert.deepEqual(box.waiting, []);
  });
}

for (const [status, body] of [
  [422, { errors: { q: { message: "no" } } }],
  [403, { detail: "This task was not given to you." }],
  [404, {}],
]) {
  test(`a refusal with status ${status} does not hold up the rest`, async () => {
    const { box, seen } = outbox([failure(status, body), { ok: true }]);
    box.add(entry("one"));
    await box.add(entry("two"));
    await box.flush();
    assert.deepEqual(seen.refused, [["one", status]]);
    assert.deepEqual(seen.sent, ["two"]);
  });
}

test("what is added while something is on its way is sent, too, and nothing twice", async () => {
  let release;
  const posted = [];
  const box = new Outbox({
    key: "test:slow",
    post: async (url) => {
      posted.push(url);
      if (posted.length === 1) await new Promise((resolve) => (release = resolve));
      return {};
    },
  });
  const first = box.add(entry("one"));
  box.add(entry("two"));
  box.flush();
  release();
  await first;
  assert.deepEqual(posted, ["/tasks/one/submit", "/tasks/two/submit"]);
});

test("another page of the same rater finds what waits", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const offline = new Outbox({ key: "test:shared", post: async () => { throw failure(0); } });
  await offline.add(entry("one"));
  const sent = [];
  const other = new Outbox({ key: "test:shared", post: async () => ({}), sent: ({ id }) => sent.push(id) });
  await other.flush();
  assert.deepEqual(sent, ["one"]);
  assert.deepEqual(offline.waiting, []);
});
