// The difference of two texts, word by word: what stayed, what went, what came.
//
// Myers' greedy algorithm (An O(ND) Difference Algorithm, 1986) while few words differ; where many do, it divides at
// words that occur once in both texts (Bram Cohen's patience diff) and goes on between them. So its time stays within
// bounds for any two texts; what it finds for very different ones is readable, not the shortest.

const MOST = 500; // words by which two texts differ that are compared exactly
const CHARACTER = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}]`;
// A figure with its points; a character of a script that is written without blanks between words; a word; blanks; any
// other character.
const TOKENS = new RegExp(String.raw`\p{N}+(?:[.,]\p{N}+)+|${CHARACTER}\p{M}*|(?:(?!${CHARACTER})[\p{L}\p{N}\p{M}_])+|\s+|[^]`, "gu");
const WORD = /[\p{L}\p{N}]/u;

/** [{ kind: "same" | "removed" | "added", text }], in order; removed and same make `before`, added and same `after`. */
export function difference(before, after) {
  const a = before.match(TOKENS) ?? [];
  const b = after.match(TOKENS) ?? [];
  const parts = [];
  const put = (kind, tokens) => {
    if (!tokens.length) return;
    const last = parts.at(-1);
    if (last?.kind === kind) last.tokens.push(...tokens);
    else parts.push({ kind, tokens: [...tokens] });
  };
  compare(a, b, put);
  return tidy(parts).map(({ kind, tokens }) => ({ kind, text: tokens.join("") }));
}

/**
 * What each of two texts has that the other has not, as ranges of UTF-16 units without the blanks at their ends:
 * { one: [{ start, end }], other: […] }.
 */
export function ranges(one, other) {
  const found = { one: [], other: [] };
  const at = { one: 0, other: 0 };
  const step = (side, { kind, text }) => {
    const start = at[side] + text.length - text.trimStart().length;
    const end = at[side] + text.trimEnd().length;
    at[side] += text.length;
    if (kind !== "same" && start < end) found[side].push({ start, end });
  };
  for (const part of difference(one, other)) {
    if (part.kind !== "added") step("one", part);
    if (part.kind !== "removed") step("other", part);
  }
  return found;
}

/** How many words went and came. */
export function changes(parts) {
  const tokens = (kind) => parts.filter((part) => part.kind === kind).flatMap(({ text }) => text.match(TOKENS));
  const words = (kind) => tokens(kind).filter((token) => WORD.test(token)).length;
  return { removed: words("removed"), added: words("added") };
}

function compare(a, b, put) {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  put("same", a.slice(0, head));
  const [x, y] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  if (!x.length || !y.length) {
    put("removed", x);
    put("added", y);
  } else if (!shortest(x, y, put)) {
    divide(x, y, put);
  }
  put("same", a.slice(a.length - tail));
}

/** Myers: the shortest way from a to b; false, and nothing put, if it is longer than MOST. */
function shortest(a, b, put) {
  const most = Math.min(a.length + b.length, MOST);
  const furthest = new Int32Array(2 * most + 3); // by diagonal k = i - j, shifted by `most` + 1
  const at = (k) => k + most + 1;
  const trace = [];
  for (let d = 0; d <= most; d++) {
    trace.push(furthest.slice(at(-d - 1), at(d + 1) + 1)); // what step d starts from
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && furthest[at(k - 1)] < furthest[at(k + 1)]);
      let i = down ? furthest[at(k + 1)] : furthest[at(k - 1)] + 1;
      while (i < a.length && i - k < b.length && a[i] === b[i - k]) i++;
      furthest[at(k)] = i;
      if (i >= a.length && i - k >= b.length) {
        walk(a, b, trace, put);
        return true;
      }
    }
  }
  return false;
}

/** Back along the trace, then put in order. */
function walk(a, b, trace, put) {
  const steps = [];
  let [i, j] = [a.length, b.length];
  for (let d = trace.length - 1; d >= 0; d--) {
    const furthest = (k) => trace[d][k + d + 1];
    const k = i - j;
    const down = k === -d || (k !== d && furthest(k - 1) < furthest(k + 1));
    const from = d ? (down ? furthest(k + 1) : furthest(k - 1)) : 0;
    const start = d ? (down ? from : from + 1) : 0; // where the snake begins
    if (i > start) steps.push(["same", a.slice(start, i)]);
    if (!d) break;
    steps.push(down ? ["added", [b[start - k - 1]]] : ["removed", [a[start - 1]]]);
    [i, j] = down ? [from, from - k - 1] : [from, from - k + 1];
  }
  for (const [kind, tokens] of steps.reverse()) put(kind, tokens);
}

/** At words that occur once in both, the longest run of them in the same order. */
function divide(a, b, put) {
  const anchors = increasing(uniqueInBoth(a, b));
  if (!anchors.length) {
    put("removed", a);
    put("added", b);
    return;
  }
  let [i, j] = [0, 0];
  for (const [x, y] of anchors) {
    if (x < i || y < j) continue; // taken already, as what two parts have in common
    compare(a.slice(i, x), b.slice(j, y), put);
    put("same", [a[x]]);
    [i, j] = [x + 1, y + 1];
  }
  compare(a.slice(i), b.slice(j), put);
}

/** [[place in a, place in b]] of the tokens that occur once in each, in the order of a. */
function uniqueInBoth(a, b) {
  const places = (tokens) => {
    const found = new Map();
    tokens.forEach((token, place) => found.set(token, found.has(token) ? -1 : place));
    return found;
  };
  const inB = places(b);
  return [...places(a)].filter(([token, place]) => place >= 0 && inB.get(token) >= 0).map(([token, place]) => [place, inB.get(token)]);
}

/** The longest run of pairs whose second numbers increase (patience sorting). */
function increasing(pairs) {
  const tops = []; // the last pair of the best run of each length
  const before = new Map();
  for (const pair of pairs) {
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tops[middle][1] < pair[1]) low = middle + 1;
      else high = middle;
    }
    if (low) before.set(pair, tops[low - 1]);
    tops[low] = pair;
  }
  const run = [];
  for (let pair = tops.at(-1); pair; pair = before.get(pair)) run.push(pair);
  return run.reverse();
}

/** Blanks between two changes belong to them, and what went stands before what came. */
function tidy(parts) {
  const joined = [];
  let run = null;
  const flush = () => {
    if (run?.removed.length) joined.push({ kind: "removed", tokens: run.removed });
    if (run?.added.length) joined.push({ kind: "added", tokens: run.added });
    run = null;
  };
  parts.forEach(({ kind, tokens }, index) => {
    const bridge = kind === "same" && run && index < parts.length - 1 && tokens.every((token) => !token.trim());
    if (kind === "same" && !bridge) {
      flush();
      joined.push({ kind, tokens });
      return;
    }
    run ??= { removed: [], added: [] };
    if (kind !== "added") run.removed.push(...tokens);
    if (kind !== "removed") run.added.push(...tokens);
  });
  flush();
  return joined;
}
