// The difference of two texts loses nothing, is the shortest for small changes, and is quick for any.
import assert from "node:assert/strict";
import { test } from "node:test";

import { changes, difference, ranges } from "../../static/annotate/difference.js";

const side = (parts, kind) => parts.filter((part) => part.kind !== kind).map(({ text }) => text).join("");

function check(before, after) {
  const parts = difference(before, after);
  assert.equal(side(parts, "added"), before);
  assert.equal(side(parts, "removed"), after);
  parts.forEach((part, index) => assert.notEqual(part.kind, parts[index - 1]?.kind));
  return parts;
}

/** The same numbers every time. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("one word changed", () => {
  assert.deepEqual(check("It boils at 90 °C.", "It boils at 100 °C."), [
    { kind: "same", text: "It boils at " },
    { kind: "removed", text: "90" },
    { kind: "added", text: "100" },
    { kind: "same", text: " °C." },
  ]);
});

test("neighbouring words are one change", () => {
  assert.deepEqual(
    check("a big cat sat", "one small cat sat").map(({ kind, text }) => [kind, text]),
    [["removed", "a big"], ["added", "one small"], ["same", " cat sat"]],
  );
});

test("nothing, all, and the ends", () => {
  assert.deepEqual(check("", ""), []);
  assert.deepEqual(check("same\n", "same\n"), [{ kind: "same", text: "same\n" }]);
  assert.deepEqual(check("", "new"), [{ kind: "added", text: "new" }]);
  assert.deepEqual(check("old", ""), [{ kind: "removed", text: "old" }]);
  check("x y", "y x");
});

test("scripts without blanks go by character, emoji and accents stay whole", () => {
  assert.deepEqual(
    check("悉尼是首都", "堪培拉是首都").map(({ kind, text }) => [kind, text]),
    [["removed", "悉尼"], ["added", "堪培拉"], ["same", "是首都"]],
  );
  assert.deepEqual(
    check("Größe 🌍!", "Größe 🌎!").map(({ text }) => text),
    ["Größe ", "🌍", "🌎", "!"],
  );
});

test("words are counted, not blanks or points", () => {
  assert.deepEqual(changes(difference("one two, three.", "one 2; three four.")), { removed: 1, added: 2 });
});

test("any two texts can be put together again", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = numbers(seed);
    const text = () => Array.from({ length: random(40) }, () => "ab c.\né字"[random(8)]).join("");
    check(text(), text());
  }
});

test("twenty thousand characters are quick, whatever they are", () => {
  const random = numbers(7);
  const words = (kinds, length) => Array.from({ length }, () => `w${random(kinds)}`).join(" ");
  const long = words(5000, 3600);
  const cases = [
    [long, long.replace("w1", "x").replace(/w\d+$/, "end")],
    [long, words(5000, 3600)],
    [words(2, 6600), words(2, 6600)],
    [words(40, 5000), words(40, 5000)],
    ["a ".repeat(10_000), "b ".repeat(10_000)],
    [long, ""],
    ["字".repeat(20_000), "家".repeat(20_000)],
    [long, long.split(" ").reverse().join(" ")],
  ];
  for (const [before, after] of cases) {
    const start = process.cpuUsage().user;
    check(before, after);
    assert.ok(process.cpuUsage().user - start < 1_000_000, "under a second of this machine's time");
  }
});

test("what each text has that the other has not, without blanks at its ends", () => {
  const read = (text, found) => found.map(({ start, end }) => text.slice(start, end));
  const between = (one, other) => {
    const found = ranges(one, other);
    return [read(one, found.one), read(other, found.other)];
  };
  assert.deepEqual(between("", ""), [[], []]);
  assert.deepEqual(between("a b c", "a  b\nc"), [[], []]);
  assert.deepEqual(between("The cat sat.", "The black cat sat."), [[], ["black"]]);
  assert.deepEqual(between("It costs 12 euros in all.", "It costs 15 euros."), [["12", "in all"], ["15"]]);
  assert.deepEqual(ranges("😀 x", "😀 y").one, [{ start: 3, end: 4 }]);
});
