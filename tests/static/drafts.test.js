// A draft is on the server soon, and in the browser until then.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Drafts } from "../../static/annotate/drafts.js";

let prefixes = 0;

function drafts(context, post) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const seen = { posted: [], status: [] };
  const kept = new Drafts({
    prefix: `test:draft:${prefixes++}`,
    post: async (url, body, options) => {
      seen.posted.push([url, body, options]);
      return post?.();
    },
    status: (status) => seen.status.push(status),
  });
  return { kept, seen, pass: (ms) => context.mock.timers.tick(ms) };
}

const view = (answers, more = {}) => ({ id: 7, url: "/tasks/7", isRevision: false, drafts: () => answers, ...more });
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("many edits are one request, and the copy in the browser goes when the server has it", async (context) => {
  const { kept, seen, pass } = drafts(context);
  const shown = view({ q: 1 });
  for (let edit = 0; edit < 5; edit++) {
    kept.changed(shown);
    pass(100);
  }
  pass(300);
  assert.deepEqual(kept.local(shown), { q: 1 });
  pass(1500);
  await settled();
  assert.deepEqual(seen.posted, [["/tasks/7/draft", { answers: { q: 1 } }, { keepalive: false }]]);
  assert.equal(kept.local(shown), null);
  assert.equal(seen.status.at(-1), "saved");
});

test("without a connection it stays in the browser and says so", async (context) => {
  const { kept, seen, pass } = drafts(context, () => Promise.reject(new Error("offline")));
  const shown = view({ q: 2 });
  kept.changed(shown);
  pass(2000);
  await settled();
  assert.deepEqual(kept.local(shown), { q: 2 });
  assert.equal(seen.status.at(-1), "local");
});

test("leaving the page saves at once, in a request that outlives it", async (context) => {
  const { kept, seen } = drafts(context);
  kept.changed(view({ q: 3 }));
  await kept.flush({ leaving: true });
  assert.deepEqual(seen.posted, [["/tasks/7/draft", { answers: { q: 3 } }, { keepalive: true }]]);
});

test("a change of a counted answer stays in the browser", async (context) => {
  const { kept, seen, pass } = drafts(context);
  const shown = view({ q: 4 }, { isRevision: true });
  kept.changed(shown);
  pass(5000);
  await kept.flush();
  assert.deepEqual(seen.posted, []);
  assert.deepEqual(kept.local(shown), { q: 4 });
});

test("what was sent leaves no draft, not even one that was about to be saved", async (context) => {
  const { kept, seen, pass } = drafts(context);
  const shown = view({ q: 5 });
  kept.changed(shown);
  kept.forget(shown);
  pass(5000);
  await settled();
  assert.deepEqual(seen.posted, []);
  assert.equal(kept.local(shown), null);
});
