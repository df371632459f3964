// Which words of two texts differ. Pure: knows no page.
//
// E. W. Myers, An O(ND) Difference Algorithm and Its Variations, 1986: the shortest way from one list of words to the
// other. Texts that share little would take long; there, what the other text lacks altogether has to do.

const FARTHEST = 1200; // words to take out or put in, at most

/** The words of a text and the signs between them, blanks left out: [{ text, start, end }], offsets in UTF-16 units. */
export function words(text) {
  const parts = [...new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)];
  return parts.filter(({ segment }) => segment.trim()).map(({ segment, index }) => ({ text: segment, start: index, end: index + segment.length }));
}

/**
 * What each of two texts has that the other has not, as ranges of UTF-16 units: { one: [{ start, end }], other: […] }.
 * Words that follow one another are one range.
 */
export function difference(one, other) {
  const [a, b] = [words(one), words(other)];
  let from = 0;
  while (from < Math.min(a.length, b.length) && a[from].text === b[from].text) from += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - from && a.at(-1 - end).text === b.at(-1 - end).text) end += 1;
  const [left, right] = [a.slice(from, a.length - end), b.slice(from, b.length - end)];
  const kept = shortest(left, right) ?? shared(left, right);
  return { one: ranges(left, kept.one), other: ranges(right, kept.other) };
}

/** Indices of the words that stay: { one: Set, other: Set }; null where the texts are too far apart. */
function shortest(a, b) {
  const furthest = new Map([[1, 0]]);
  const trace = [];
  for (let steps = 0; steps <= Math.min(a.length + b.length, FARTHEST); steps += 1) {
    trace.push(new Map());
    for (let line = -steps; line <= steps; line += 2) {
      const down = line === -steps || (line !== steps && furthest.get(line - 1) < furthest.get(line + 1));
      let x = down ? furthest.get(line + 1) : furthest.get(line - 1) + 1;
      const before = x;
      while (x < a.length && x - line < b.length && a[x].text === b[x - line].text) x += 1;
      furthest.set(line, x);
      trace[steps].set(line, { before, x, down });
      if (x >= a.length && x - line >= b.length) return walkBack(trace, line);
    }
  }
  return null;
}

function walkBack(trace, line) {
  const kept = { one: new Set(), other: new Set() };
  for (let steps = trace.length - 1; steps >= 0; steps -= 1) {
    const { before, x, down } = trace[steps].get(line);
    for (let at = before; at < x; at += 1) {
      kept.one.add(at);
      kept.other.add(at - line);
    }
    line += down ? 1 : -1;
  }
  return kept;
}

/** Words that both texts have somewhere. */
function shared(a, b) {
  const keep = (own, others) => {
    const known = new Set(others.map(({ text }) => text));
    return new Set([...own.keys()].filter((index) => known.has(own[index].text)));
  };
  return { one: keep(a, b), other: keep(b, a) };
}

function ranges(list, kept) {
  const found = [];
  for (const [index, { start, end }] of list.entries()) {
    if (kept.has(index)) continue;
    if (index && !kept.has(index - 1)) found.at(-1).end = end;
    else found.push({ start, end });
  }
  return found;
}
