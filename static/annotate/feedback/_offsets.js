// Where a place in rendered markdown stands in its source, and back; offsets count Unicode code points.
//
// The rendering drops markup (*, #, link targets, fences), so its words are a subsequence of the source's words.
// Both are cut into words and symbols and matched in order; a place inside a matched word is exact, one between
// words snaps to the nearest. A formula (span.math[data-tex]) is one piece: all of it is marked, or none.

const TOKEN = /[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|(?:(?![\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])[\p{L}\p{N}\p{M}])+|\S/gu;
const WORD = /[\p{L}\p{N}]/u;
// Words of the source that are not rendered: where links go, the language of a fence, definitions of links.
const UNSEEN = /(?<=\])\((?:[^()\s]|\([^()\s]*\))*(?:\s+(?:"[^"]*"|'[^']*'))?\)|(?<=^ {0,3}(?:`{3,}|~{3,}))[^\n`]+$|^ {0,3}\[[^\]\n]+\]:\s.*$/gmu;
const NEAR = 12; // so many tokens may be skipped on one word's evidence
const FAR = 400; // and so many if the word after it fits as well

const tokens = (text) => [...text.matchAll(TOKEN)].map((match) => ({ text: match[0], start: match.index, end: match.index + match[0].length, word: WORD.test(match[0]) }));

/** UTF-16 units of a text as code points, and back. */
export const points = (text, units) => [...text.slice(0, units)].length;
export const units = (text, count) => [...text].slice(0, count).join("").length;

/** The text nodes and formulas below `body`, in order: [{ node, text, whole }]. */
function pieces(body) {
  const found = [];
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) => {
    if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
    if (node.parentElement.closest("[data-tex]") && body.contains(node.parentElement.closest("[data-tex]"))) return NodeFilter.FILTER_REJECT;
    return node.hasAttribute("data-tex") ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP;
  });
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const whole = node.nodeType === Node.ELEMENT_NODE;
    if (!whole && node.parentElement.closest("[data-tex]")) continue;
    found.push({ node, text: whole ? node.dataset.tex : node.data, whole });
  }
  return found;
}

/** Matched tokens in order: [{ piece, from, to, source, length, word }], offsets in UTF-16 units. */
function align(parts, source) {
  const wanted = tokens(source.replace(UNSEEN, (match) => " ".repeat(match.length)));
  const given = parts.flatMap((part, piece) => tokens(part.text).map((token) => ({ ...token, piece })));
  const followed = (i, j) => {
    const next = given.slice(i + 1, i + 1 + NEAR).find(({ word }) => word);
    const after = wanted.slice(j + 1, j + 1 + NEAR).find(({ word }) => word);
    return !next || next.text === after?.text;
  };
  const matched = [];
  let at = 0;
  for (const [i, token] of given.entries()) {
    for (let j = at; j < Math.min(wanted.length, at + FAR); j += 1) {
      if (!token.word && wanted[j].word) break; // symbols never skip a word
      if (wanted[j].text !== token.text || (j > at + NEAR && !followed(i, j))) continue;
      matched.push({ piece: token.piece, from: token.start, to: token.end, source: wanted[j].start, length: token.text.length, word: token.word });
      at = j + 1;
      break;
    }
  }
  return matched;
}

/** The map between what `body` shows and `source`; made anew whenever the rendering has changed. */
export function offsets(body, source) {
  const parts = pieces(body);
  const matched = align(parts, source);
  const range = document.createRange();

  /** [piece, offset] of a place in the document. */
  function locate(node, offset) {
    const inside = parts.findIndex((part) => part.node === node || (part.whole && part.node.contains(node)));
    if (inside >= 0) return [inside, parts[inside].whole ? 0 : offset];
    range.setStart(node, offset);
    range.collapse(true);
    const after = parts.findIndex((part) => range.comparePoint(part.node, 0) >= 0);
    return [after < 0 ? parts.length : after, 0];
  }

  const before = (match, [piece, offset]) => match.piece < piece || (match.piece === piece && !parts[piece].whole && match.to <= offset);

  /** A selected range of the document as { start, end } in code points, or null where no text is in it. */
  function toSource(selected) {
    const from = locate(selected.startContainer, selected.startOffset);
    const to = locate(selected.endContainer, selected.endOffset);
    const touched = parts[to[0]]?.whole && !selected.collapsed && parts[to[0]].node.contains(selected.endContainer);
    const first = matched.find((match) => !before(match, from));
    const last = matched.findLast(
      (match) => match.piece < to[0] || (match.piece === to[0] && (parts[to[0]].whole ? touched : match.from < to[1])),
    );
    if (!first || !last) return null;
    const cut = (match, [piece, offset]) => (match.piece === piece && !parts[piece].whole ? Math.min(Math.max(offset - match.from, 0), match.length) : null);
    const start = first.source + (cut(first, from) ?? 0);
    const end = last.source + (cut(last, to) ?? last.length);
    return start < end ? { start: points(source, start), end: points(source, end) } : null;
  }

  /** The range of the document that shows [start, end) of the source, or null where nothing of it is shown. */
  function toRange({ start, end }) {
    const [low, high] = [units(source, start), units(source, end)];
    const first = matched.find((match) => match.source + match.length > low);
    const last = matched.findLast((match) => match.source < high);
    if (!first || !last || first.source > last.source) return null;
    const shown = document.createRange();
    if (parts[first.piece].whole) shown.setStartBefore(parts[first.piece].node);
    else shown.setStart(parts[first.piece].node, first.from + Math.max(0, low - first.source));
    if (parts[last.piece].whole) shown.setEndAfter(parts[last.piece].node);
    else shown.setEnd(parts[last.piece].node, last.from + Math.min(last.length, high - last.source));
    return shown;
  }

  /** The words that can be reached with arrows: a range each; a formula counts as one. */
  const words = matched
    .filter((match, index) => match.word && !(parts[match.piece].whole && matched[index - 1]?.piece === match.piece))
    .map((match) => {
      const shown = document.createRange();
      if (parts[match.piece].whole) shown.selectNode(parts[match.piece].node);
      else {
        shown.setStart(parts[match.piece].node, match.from);
        shown.setEnd(parts[match.piece].node, match.to);
      }
      return shown;
    });

  return { toSource, toRange, words };
}
