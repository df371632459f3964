// The browser and the server agree on when a question is asked.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { holds } from "../../static/annotate/conditions.js";

const CASES = JSON.parse(readFileSync(new URL("../annotate/conditions.json", import.meta.url)));

for (const { says, condition, answers, holds: wanted } of CASES) {
  test(says, () => assert.equal(holds(condition, answers), wanted));
}
