import assert from "node:assert/strict";
import { test } from "node:test";

import { difference, words } from "../../static/annotate/difference.js";

const read = (text, ranges) => ranges.map(({ start, end }) => text.slice(start, end));
const between = (one, other) => {
  const found = difference(one, other);
  return [read(one, found.one), read(other, found.other)];
};

test("what is the same is not marked", () => {
  assert.deepEqual(between("", ""), [[], []]);
  assert.deepEqual(between("a b c", "a  b\nc"), [[], []]);
});

test("words that were put in, taken out and changed", () => {
  assert.deepEqual(between("The cat sat.", "The black cat sat."), [[], ["black"]]);
  assert.deepEqual(between("one two three", "one three"), [["two"], []]);
  assert.deepEqual(between("It costs 12 euros in all.", "It costs 15 euros."), [["12", "in all"], ["15"]]);
  assert.deepEqual(between("", "new text"), [[], ["new text"]]);
});

test("a range is as short as can be, and in UTF-16 units", () => {
  assert.deepEqual(between("😀 a b a b c", "😀 a b c"), [["a b"], []]);
  assert.deepEqual(difference("😀 x", "😀 y").one, [{ start: 3, end: 4 }]);
});

test("languages without blanks have words", () => {
  assert.ok(words("今天天气很好").length > 1);
  const [one, other] = between("今天天气很好。", "明天天气很好。");
  assert.deepEqual([one, other], [["今天"], ["明天"]]);
});

test("the way back keeps as many words as any", () => {
  // Against the length of the longest common subsequence, by the book.
  let seed = 7;
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 200; round += 1) {
    const make = () => Array.from({ length: random(9) }, () => "abc"[random(3)]);
    const [a, b] = [make(), make()];
    const table = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
    for (let i = a.length - 1; i >= 0; i -= 1) {
      for (let j = b.length - 1; j >= 0; j -= 1) table[i][j] = a[i] === b[j] ? 1 + table[i + 1][j + 1] : Math.max(table[i + 1][j], table[i][j + 1]);
    }
    const [one, other] = between(a.join(" "), b.join(" "));
    const count = (parts) => parts.join(" ").split(" ").filter(Boolean).length;
    assert.equal(a.length - count(one), table[0][0], `${a} / ${b}`);
    assert.equal(b.length - count(other), table[0][0], `${a} / ${b}`);
  }
});

test("texts without anything in common take no time", () => {
  const text = (letter) => Array.from({ length: 20_000 }, (_, index) => `${letter}${index % 997}`).join(" ");
  const started = performance.now();
  const found = difference(`${text("x")} same`, `same ${text("y")}`);
  assert.ok(performance.now() - started < 3000);
  assert.ok(found.one.length && found.other.length);
});
