// The clock counts work, not absence.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ActiveTime, IDLE, clockText } from "../../static/annotate/activetime.js";

function clock() {
  const time = { now: 0 };
  return { time, clock: new ActiveTime(() => time.now) };
}

test("stands still before the start and while stopped", () => {
  const { time, clock: it } = clock();
  time.now = 5000;
  assert.equal(it.seconds, 0);
  it.start();
  time.now = 8000;
  it.stop();
  time.now = 60_000;
  assert.equal(it.seconds, 3);
  it.start();
  time.now = 61_000;
  assert.equal(it.seconds, 4);
});

test("a long pause counts as the limit, and life after it counts again", () => {
  const { time, clock: it } = clock();
  it.start();
  time.now = IDLE * 10;
  assert.equal(it.seconds, IDLE / 1000);
  assert.equal(it.active, false);
  it.touch();
  assert.equal(it.active, true);
  time.now += 1000;
  assert.equal(it.seconds, IDLE / 1000 + 1);
});

test("touching does not start a stopped clock", () => {
  const { time, clock: it } = clock();
  it.touch();
  time.now = 1000;
  assert.equal(it.seconds, 0);
});

test("is written as minutes and seconds", () => {
  assert.equal(clockText(0), "0:00");
  assert.equal(clockText(75.9), "1:15");
  assert.equal(clockText(3600), "60:00");
});
